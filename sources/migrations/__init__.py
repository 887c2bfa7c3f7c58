"""Brings a store of an earlier layout to the present one, step by step, in one transaction.

A layout is what ``queries.tables`` says at one time; its number is ``SCHEMA_VERSION``. Each step is
a module with one function, which gets the connection and the store's time zone and changes a store
of one layout into the next:

- It creates and changes tables with SQL of its own, that never changes: the tables of later
  layouts are not there yet. So it uses nothing of ``queries.tables``.
- It fills new columns. Where only a load could compute them, it inserts the ``case_key`` of the
  cases into the temporary table ``outdated_cases``. When all steps are done, these cases are
  derived anew as a load derives them, and their roll-ups with them.

To add a step: change ``queries.tables``, raise ``SCHEMA_VERSION``, write the module, append it to
``STEPS``, and write down the layout before in ``tests/integration/old_layouts.py``. The tests
upgrade a store of every earlier layout and compare all answers with those of a new store.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import duckdb

from sources.loading.load import derive_again
from sources.migrations import (
    step_2_rollups,
    step_3_waiting,
    step_4_masks,
    step_5_waits,
    step_6_sources,
    step_7_outbox,
    step_8_costs,
)

#: A step: gets the connection and the store's time zone.
Step = Callable[[duckdb.DuckDBPyConnection, str], None]

#: The steps by the layout that a store has after each, in order.
STEPS: Final[Mapping[int, Step]] = {
    2: step_2_rollups.migrate,
    3: step_3_waiting.migrate,
    4: step_4_masks.migrate,
    5: step_5_waits.migrate,
    6: step_6_sources.migrate,
    7: step_7_outbox.migrate,
    8: step_8_costs.migrate,
}
#: The log that tells of upgrades. They cannot be undone, so commands print what it says.
UPGRADE_LOG: Final = "sources.upgrades"
_FIRST_LAYOUT: Final = 1


def can_upgrade(layout: str | None) -> bool:
    """Return whether ``upgrade`` can bring a store of this layout to the present one.

    ``layout`` is the number of the layout as the store gives it, a text. The answer is False for
    None, for the present layout and for later ones.
    """
    return layout in {str(number) for number in (_FIRST_LAYOUT, *STEPS)} - {str(max(STEPS))}


def upgrade(path: Path) -> None:
    """Bring the store at ``path`` to the present layout, in one transaction.

    Nobody may have it open, and ``can_upgrade`` must be true of its layout. Raises
    ``duckdb.Error``, as on a full disk; the store is then as before.
    """
    with duckdb.connect(str(path)) as connection:
        facts = dict(connection.execute("select name, value from store_facts").fetchall())
        time_zone, layout = facts["time_zone"], int(facts["schema_version"])
        connection.execute("begin")
        connection.execute("create temp table outdated_cases (case_key bigint)")
        for number, migrate in STEPS.items():
            if number > layout:
                migrate(connection, time_zone)
        derive_again(connection, time_zone, "outdated_cases")
        connection.execute(
            "update store_facts set value = ? where name = 'schema_version'", [str(max(STEPS))]
        )
        connection.execute("commit")
