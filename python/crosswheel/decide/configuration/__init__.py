"""``[tool.crosswheel]``: what a project decides about packages, targets and toolchains, and the shipped quirks."""
