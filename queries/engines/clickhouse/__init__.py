"""ClickHouse: published versions on a server, a cluster, or inside this process (``chdb://``).

A version is a database. ``connections`` has what talks to ClickHouse; all other modules do the same
wherever it runs.
"""
