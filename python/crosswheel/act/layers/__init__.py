"""Layers of container images, and other archives that people ship, made of the wheels' own compressed bytes."""
