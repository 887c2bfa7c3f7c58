"""What sets a machine up for the project; runs on the standard library alone."""
