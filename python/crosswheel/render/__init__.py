"""Texts that build systems read, rendered from a target description; pure and byte-stable."""
