"""Modules that run inside cross environments."""
