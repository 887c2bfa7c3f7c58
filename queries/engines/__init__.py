"""Engines: the databases that answer questions, one folder each.

A folder holds everything that is particular to its database, and nothing else names it:

- ``dialect``: how the database spells what ``queries.sql_functions`` and SQLAlchemy ask for;
- ``schema``: how it makes the tables of ``queries.tables``;
- ``reader``: connections, snapshots and the time limit, as ``queries.engines.base`` asks for them;
- ``publisher``: how finished rows get there. DuckDB has none: the owner of the store
  (``sources.owner``) reads, merges and derives every load in the DuckDB file itself.

Loading is not ported to another engine; only what reads is.
"""
