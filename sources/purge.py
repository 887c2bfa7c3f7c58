"""Finds what ``purge`` removes: the messages before a day, and cases of which nothing is left."""

from datetime import date

from sources.loading.load_connection import LoadConnection
from sources.removal_orders import RemovalReport


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
    return RemovalReport(cases=load.count("removed_cases"), messages=load.count("removed_messages"))


def count_older_texts(load: LoadConnection, before: date) -> RemovalReport:
    """Return how many messages of days before ``before`` have a text."""
    older = load.connection.execute(
        "select count(body) from messages where sent_day < ?", [before]
    ).fetchall()
    return RemovalReport(texts=older[0][0])


def empty_older_texts(load: LoadConnection, before: date) -> None:
    """Remove the texts of messages of days before ``before``. Nothing is derived from texts."""
    load.execute(
        "update messages set body = null where sent_day < $before and body is not null",
        {"before": before},
    )
