"""DuckDB: one file beside the app, which one process opens for reading and writing."""
