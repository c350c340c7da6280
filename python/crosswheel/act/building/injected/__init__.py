"""Files that run inside build environments, in other interpreters: data of this package, imported by none of it."""
