"""A small portal that shows the dashboard, to try out and to copy from (docs/embedding.md)."""
