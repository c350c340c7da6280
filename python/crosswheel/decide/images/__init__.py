"""Base images, layers and the documents of OCI."""
