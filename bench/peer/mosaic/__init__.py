"""The peer Mosaic: vgplot in the page, duckdb-server behind it."""
