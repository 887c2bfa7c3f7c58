"""The sentence in the header that says how new the data is, and the rule for old data.

A press on it opens the drawer "Sources" (``components.sources``).
"""

from datetime import datetime, timedelta
from typing import Final

from components.html_tree import Button, Children, Element, I
from components.locale import Locale
from queries.engines.base import Supply
from queries.reader import StoreStatus
from queries.result import utc

#: Data is old when the newest message or receipt in it is more than this many seconds ago.
OLD_SECONDS: Final = 24 * 3_600
#: The page says that nothing comes any more when the store was silent for so many seconds, or
#: nothing was published or confirmed for so many: a writer confirms every 30 seconds.
SILENT_SECONDS: Final = 10
UNPUBLISHED_SECONDS: Final = 120


def freshness(status: StoreStatus, now: datetime, locale: Locale) -> Children:
    """Return a dot, which has another colour where the data is old, and the sentence on its age.

    Example: Dados até 22/11 15:40 · atualizado 15:42 · horário de Brasília. The zone is that of the
    times in ``status``; ``now`` may be in any time zone, but must have one. For a store without
    data the result is the sentence "No data yet" alone. Where newer data may exist that cannot be
    read, it says since when.
    """
    gettext, formats = locale.texts.gettext, locale.formats
    stale = _stale_sentence(status, now, locale)
    if status.newest_at is None:
        return [_button(" · ".join([*stale, gettext("No data yet")]), locale)]
    here = now.astimezone(status.newest_at.tzinfo)
    old = is_old(status, now)
    sentence = gettext("No new data since {moment}") if old else gettext("Data through {moment}")
    # Where the line is too short, its end is cut off.
    parts = [*stale, sentence.format(moment=formats.recent(status.newest_at, here))]
    if status.loaded_at:
        parts.append(gettext("updated {time}", time=formats.clock_time(status.loaded_at, here)))
    parts.append(formats.zone(status.newest_at))
    return [
        I(className="dot old" if old or stale else "dot", **{"aria-hidden": "true"}),
        _button(" · ".join(parts), locale),
    ]


def _button(sentence: str, locale: Locale) -> Element:
    """Return the sentence as a button that opens the drawer of the sources."""
    action = {"data-action": "sources", "aria-haspopup": "dialog"}
    title = locale.texts.gettext("Where the data comes from")
    return Button(sentence, type="button", className="freshness-button", title=title, **action)


def _stale_sentence(status: StoreStatus, now: datetime, locale: Locale) -> list[str]:
    """Return a part of the sentence that says since when nothing newer can be read; or nothing."""
    if not is_stale(status.supply, now):
        return []
    silent = status.supply.silent_seconds
    if silent >= SILENT_SECONDS:
        since = now - timedelta(seconds=silent)
        sentence = locale.texts.gettext("No contact with the database since {time}")
    else:
        since = utc(status.supply.published_at or now.replace(tzinfo=None))
        sentence = locale.texts.gettext("Nothing published since {time}")
    zone = (status.newest_at or now).tzinfo
    moment = locale.formats.clock_time(since.astimezone(zone), now.astimezone(zone))
    return [sentence.format(time=moment)]


def is_stale(supply: Supply, now: datetime) -> bool:
    """Return whether newer data may exist that this server cannot read.

    The place that it reads from is silent, or nobody publishes there any more. ``now`` has a time
    zone.
    """
    if supply.silent_seconds >= SILENT_SECONDS:
        return True
    published_at = supply.published_at
    return published_at is not None and now - utc(published_at) > timedelta(
        seconds=UNPUBLISHED_SECONDS
    )


def is_old(status: StoreStatus, now: datetime) -> bool:
    """Return whether the newest message or receipt is more than 24 hours before ``now``.

    ``now`` is a time with a time zone. The result is False for a store without data.
    """
    newest = status.newest_at
    return newest is not None and (now - newest).total_seconds() > OLD_SECONDS
