"""Lock files in all formats: their packages, files, markers and tags."""
