"""Values every other layer speaks in: errors, digests, platforms and Python ABIs; they read nothing."""
