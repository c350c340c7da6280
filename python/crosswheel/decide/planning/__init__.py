"""What builds need: requirements, libraries of Debian, crates, and the assembly of a plan."""
