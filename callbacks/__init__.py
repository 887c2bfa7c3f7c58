"""Wiring: what changed, so what is asked anew. No SQL and no figures here."""
