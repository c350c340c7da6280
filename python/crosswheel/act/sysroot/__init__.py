"""Libraries of the target: read from Debian packages or a folder, put together for a build, described for the linker."""
