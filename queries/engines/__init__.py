"""The databases that run the queries: a folder for each, which holds all that is particular to it.

- ``dialect``: how the database spells the functions of ``queries.sql_functions`` and the types of
  ``queries.tables``;
- ``schema``: makes the tables of ``queries.tables`` in the database, and checks that they fit;
- ``reader``: connections, snapshots and the time limit, as ``queries.engines.base`` defines them;
- ``publisher``: writes finished rows into the database. DuckDB has none, because the owner of the
  store (``sources.owner``) loads into the DuckDB file itself.

``replica`` reads and publishes DuckDB files, so its dialect and schema are those of ``duckdb``.

No module outside the folder names its database. Loading (reading files, merging, deriving) is done
in DuckDB whichever engine answers, so another engine needs none of it.
"""
