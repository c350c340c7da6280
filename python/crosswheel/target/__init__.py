"""What a target is: its spellings, tags, marker environment and description; pure functions of a `Target`."""
