"""Published files: each version of the store is one DuckDB file, which readers pull from a folder.

The folder lies where all servers reach it. It needs only what every file system has: creating a
file that must not be there yet, renaming, and syncing. It holds:

- ``manifests``: one small file a version, named by the epoch of its writer and a number within it;
  readers follow the greatest name. It is written last, so it makes its version visible;
- ``blocks``: the pieces of the versions, compressed. A version's manifest names them;
- ``confirmed``: which version is the newest, and when a writer last said so;
- ``lease``: which writer is the only one (``queries.engines.lease``).

``publisher`` writes them, ``reader`` pulls the pieces it lacks, and asks the file. With a folder
for each account (``account_publisher``, ``account_reader``), a file holds the rows of one account
only. The dialect and the tables are those of ``queries.engines.duckdb``, on which this engine is
built.

Who may enter the folder may read what is in it: new files get the rights of the folder, without
that to write. Readers need no more than to read.
"""
