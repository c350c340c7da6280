"""What runs in a build Python: read as text, never imported by crosswheel."""
