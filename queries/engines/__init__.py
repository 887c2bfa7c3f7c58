"""Engines: what differs between the databases that can hold the store, one module each."""
