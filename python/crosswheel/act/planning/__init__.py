"""Making plans: locks and policies read, build requirements locked, everything put together."""
