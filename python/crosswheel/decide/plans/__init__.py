"""The plan: what every executor reads, its JSON, and what differs between two."""
