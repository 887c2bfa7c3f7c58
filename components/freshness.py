"""The sentence in the header that says how new the data is, and the rule for old data.

A press on it opens the drawer "Sources" (``components.sources``).
"""

from datetime import datetime
from typing import Final

from components.html_tree import Button, Children, Element, I
from components.locale import Locale
from queries.reader import StoreStatus

#: Data is old when the newest message or receipt in it is more than this many seconds ago.
OLD_SECONDS: Final = 24 * 3_600


def freshness(status: StoreStatus, now: datetime, locale: Locale) -> Children:
    """Return a dot, which has another colour where the data is old, and the sentence on its age.

    Example: Dados até 22/11 15:40 · atualizado 15:42 · horário de Brasília. The zone is that of the
    times in ``status``; ``now`` may be in any time zone, but must have one. For a store without
    data the result is the sentence "No data yet" alone.
    """
    gettext, formats = locale.texts.gettext, locale.formats
    if status.newest_at is None:
        return [_button(gettext("No data yet"), locale)]
    here = now.astimezone(status.newest_at.tzinfo)
    old = is_old(status, now)
    sentence = gettext("No new data since {moment}") if old else gettext("Data through {moment}")
    parts = [sentence.format(moment=formats.recent(status.newest_at, here))]
    if status.loaded_at:
        parts.append(gettext("updated {time}", time=formats.clock_time(status.loaded_at, here)))
    parts.append(formats.zone(status.newest_at))
    return [
        I(className="dot old" if old else "dot", **{"aria-hidden": "true"}),
        _button(" · ".join(parts), locale),
    ]


def _button(sentence: str, locale: Locale) -> Element:
    """Return the sentence as a button that opens the drawer of the sources."""
    action = {"data-action": "sources", "aria-haspopup": "dialog"}
    title = locale.texts.gettext("Where the data comes from")
    return Button(sentence, type="button", className="freshness-button", title=title, **action)


def is_old(status: StoreStatus, now: datetime) -> bool:
    """Return whether the newest message or receipt is more than 24 hours before ``now``.

    ``now`` is a time with a time zone. The result is False for a store without data.
    """
    newest = status.newest_at
    return newest is not None and (now - newest).total_seconds() > OLD_SECONDS
