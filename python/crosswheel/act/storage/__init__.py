"""Where files are kept: the store shared by all runs, and outputs that appear whole or not at all."""
