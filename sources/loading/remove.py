"""In place of the first two steps of a load: rows are removed or changed, and no file is read.

The caller says which rows by filling ``removed_cases``, ``removed_messages``, ``changed_cases``,
and ``checked_messages`` with ``changed_messages``. Then ``derive`` and ``write`` do the rest, as
for the rows of files: afterwards all derived values and roll-ups are as if the removed rows had
never been loaded.
"""

from sources.loading.derive import derive, find_cases_to_derive
from sources.loading.load_connection import LoadConnection
from sources.loading.load_order import LoadOrder
from sources.loading.merge import merge_cases, merge_messages
from sources.loading.read import prepare, read_files
from sources.loading.write import write


def begin_without_files(load: LoadConnection, time_zone: str) -> None:
    """Make the temporary tables of ``read`` and ``merge``, all of them empty.

    ``time_zone`` decides on which day a moment counts. Raises ``duckdb.Error``.
    """
    quiet = LoadConnection(load.connection, lambda *_: None)
    prepare(quiet, time_zone)
    read_files(quiet, LoadOrder("", "", "", "", demo=False, files={}))
    merge_cases(quiet)
    merge_messages(quiet, joins_stored=True)


def remove(load: LoadConnection) -> None:
    """Remove and change the rows that the temporary tables name, and derive what depends on them.

    All messages of a removed case must be in ``removed_messages``. The events of removed messages
    go with them, and every person who has no case any more. Raises ``duckdb.Error``.
    """
    find_cases_to_derive(load)
    derive(load)
    write(load)
    load.execute(
        """delete from message_events e where exists (
            select 1 from removed_messages r
            where r.account = e.account and r.message_id = e.message_id)"""
    )
    load.execute("delete from people where person_id not in (select person_id from cases)")
