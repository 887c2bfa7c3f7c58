"""Reads import files, makes demonstration data, and owns and loads the DuckDB store."""
