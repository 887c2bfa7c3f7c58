"""The HTTP routes beside the page: API, downloads, health, metrics, static files."""
