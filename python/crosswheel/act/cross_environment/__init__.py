"""Cross environments: made, and their programs run by the target Python."""
