"""One module per subcommand; the only layer that prints and exits."""
