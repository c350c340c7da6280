"""The verifier: whether a wheel fits a target, read from its bytes alone; only `check_wheel` opens files."""
