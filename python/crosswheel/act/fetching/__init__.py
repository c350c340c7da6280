"""Getting artifacts: the user's indexes, mirrors and credentials, transfers that resume and are checked."""
