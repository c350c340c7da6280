"""Reports on locks and plans, as values."""
