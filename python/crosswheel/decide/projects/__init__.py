"""What a project's own files say of where it runs."""
