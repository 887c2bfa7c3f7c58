"""Who sends a request, and what this person may see and do."""
