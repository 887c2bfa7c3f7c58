"""The application: commands, settings, the web server, its routes and what protects them."""
