"""OCI images: layouts read, verified and written, bases made, applications put on top."""
