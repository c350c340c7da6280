"""A target Python's files: described and packed, never run."""
