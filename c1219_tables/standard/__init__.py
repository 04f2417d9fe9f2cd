"""The standard tables, one decade a file."""
