"""How JSON, TOML and YAML documents are read strictly, compared, and their words found."""
