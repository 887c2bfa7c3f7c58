"""Finds what ``purge`` removes: the messages before a day, and cases of which nothing is left."""

from datetime import date
from typing import Final

from sources.loading.load_connection import LoadConnection
from sources.removal_orders import RemovalReport

#: The day of a payload ``k`` that was kept aside; where it names none, that of its load.
_IS_OLDER: Final = """local_at(coalesce(k.occurred_at, (
    select loaded_at from loads l where l.load_id = k.load_id)))::date < $before"""


def find_older(load: LoadConnection, before: date) -> RemovalReport:
    """Fill ``removed_messages`` and ``removed_cases``; return how many they are.

    Messages of all days before ``before`` are removed. A case is removed if it was opened before,
    was not closed since, and has no other messages.
    """
    day = {"before": before}
    load.execute(
        """insert into removed_messages
        select case_key, account, message_id from messages where sent_day < $before""",
        day,
    )
    load.execute(
        """insert into removed_cases select case_key from cases
        where opened_day < $before
            and (closed_at is null or local_at(closed_at)::date < $before)
            and case_key not in (select case_key from messages where sent_day >= $before)""",
        day,
    )
    return RemovalReport(
        cases=load.count("removed_cases"),
        messages=load.count("removed_messages"),
        payloads=_count_older_payloads(load, before),
    )


def count_older_texts(load: LoadConnection, before: date) -> RemovalReport:
    """Return how many messages of days before ``before`` have a text, and how many payloads are.

    What was kept aside of webhooks holds texts, too.
    """
    older = load.connection.execute(
        "select count(body) from messages where sent_day < ?", [before]
    ).fetchall()
    return RemovalReport(texts=older[0][0], payloads=_count_older_payloads(load, before))


def empty_older_texts(load: LoadConnection, before: date) -> None:
    """Remove the texts of messages of days before ``before``. Nothing is derived from texts."""
    load.execute(
        "update messages set body = null where sent_day < $before and body is not null",
        {"before": before},
    )


def remove_older_payloads(load: LoadConnection, before: date) -> None:
    """Remove what was kept aside of webhooks of days before ``before``."""
    load.execute(f"delete from kept_payloads k where {_IS_OLDER}", {"before": before})


def _count_older_payloads(load: LoadConnection, before: date) -> int:
    counted = load.connection.execute(
        f"select count(*) from kept_payloads k where {_IS_OLDER}", {"before": before}
    ).fetchall()
    return int(counted[0][0])
