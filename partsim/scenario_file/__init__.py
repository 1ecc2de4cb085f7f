"""Files to scenarios and back: YAML, tables, and problems with file and line."""
