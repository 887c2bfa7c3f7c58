"""The graph "Number of messages by status": sent ones by status, received ones in a single bar."""

from collections.abc import Sequence

import pandas as pd

from components.html_tree import Element, Span
from components.labels import by_direction, status_label
from components.locale import Locale
from components.panels import figures
from components.panels.view import Figure, Line, Numbers, Panel, PanelView, fact, facts
from components.texts import gettext_noop
from components.theme import colour, status_colour
from components.widgets import tip
from queries.panels import messages_by_status
from queries.reader import Answer
from queries.vocabulary import STATUSES

_GAP = 0.6  # rows of space between the bars of sent messages and that of the received
_BELOW = 0.68  # rows from the bar of the received messages to the text under it
_LONG_BAR = 0.5  # a bar of this part of the longest or more needs room for the text at its end
_GAP_BEFORE = 4  # pixels between a bar and the text at its end


def view(answer: Answer, locale: Locale) -> PanelView:
    """Return the graph of messages by status: a horizontal bar for each status of sent messages.

    The bars go from new to failed, each with its number and its share of all sent messages. There
    is one for "No confirmation" only where messages have this status. One more bar, below, has the
    received messages, handled ones and waiting ones. Above the graph stand the totals.
    """
    sent = _counts(answer.frame, "out")
    received = _counts(answer.frame, "in")
    statuses = [status for status in STATUSES if status != "unknown" or sent[status]]
    total = sum(sent.values()) + sum(received.values())
    wide = _figure(statuses, sent, received, locale, locale.texts.gettext("Received from customer"))
    # A short name leaves room for the bars.
    short = _renamed(wide, statuses, locale, locale.texts.pgettext("origins", "Received"))
    return PanelView(
        words=[
            facts(
                [
                    fact(
                        locale.formats.count(total),
                        locale.texts.ngettext("message", "messages", total),
                    ),
                    *(
                        fact(number, rest)
                        for number, rest in by_direction(
                            sum(sent.values()), sum(received.values()), locale
                        )
                    ),
                ]
            ),
            *_about_waiting(received, locale),
        ],
        caption=_caption(statuses, sent, received, locale),
        wide=wide,
        medium=short,
        narrow=short,
        numbers=_numbers(statuses, sent, received, locale),
    )


def _about_waiting(received: dict[str, int], locale: Locale) -> list[Element]:
    """Return what waiting messages are, as cases that wait are something else; none without any."""
    waiting = received["new"]
    if not waiting:
        return []
    gettext = locale.texts.gettext
    said = locale.texts.ngettext(
        "{count} waiting: nothing sent after it",
        "{count} waiting: nothing sent after them",
        waiting,
        count=locale.formats.count(waiting),
    )
    more = gettext(
        "A received message waits while nothing at all was sent in its case after it, not even by "
        "a bot, and the case is open. Waiting for an answer counts something else: open cases, "
        "now, in which a person of the team owes an answer; one case may have several such "
        "messages, or none where a bot wrote last."
    )
    label = gettext("Messages and cases that wait")
    return [Span([said, " ", tip("waiting-messages", label, more, locale)], className="list-note")]


def _counts(frame: pd.DataFrame, direction: str) -> dict[str, int]:
    columns = (frame[name].tolist() for name in ("direction", "status", "messages"))
    counts = {
        str(status): int(count)
        for way, status, count in zip(*columns, strict=True)
        if way == direction
    }
    return {status: counts.get(status, 0) for status in STATUSES}


def _caption(
    statuses: Sequence[str], sent: dict[str, int], received: dict[str, int], locale: Locale
) -> str:
    parts = [
        f"{status_label('out', status, locale)}: {locale.formats.count(sent[status])}"
        f" ({_share(sent[status], sent, locale)})"
        for status in statuses
    ]
    parts += [
        f"{status_label('in', status, locale)}: {locale.formats.count(received[status])}"
        for status in ("new", "read")
    ]
    return " · ".join(parts)


def _figure(
    statuses: Sequence[str],
    sent: dict[str, int],
    received: dict[str, int],
    locale: Locale,
    received_name: str,
) -> Figure:
    incoming = sum(received.values())
    longest = max([incoming, *sent.values(), 1])
    last = len(statuses) + _GAP
    rows = list(range(len(statuses)))
    counts = [sent[status] for status in statuses]
    shares = [_share(n, sent, locale) for n in counts]
    labels = _labels(statuses, locale, received_name)
    ends = [
        figures.text(f"<b>{locale.formats.count(n)}</b>  {share}", n, row, xshift=_GAP_BEFORE)
        for row, n, share in zip(rows, counts, shares, strict=True)
    ]
    ends.append(
        figures.text(
            _received_words(received, locale),
            0,
            last + _BELOW,
        )
    )
    return {
        "data": [
            _sent_bars(
                [status for status in statuses if status != "failed"], statuses, sent, locale
            ),
            _sent_bars(["failed"], statuses, sent, locale),
            _received_bar("read", "received-soft", received, last, locale),
            _received_bar("new", "received", received, last, locale),
        ],
        "layout": figures.layout(
            barmode="stack",
            bargap=0.3,
            margin={
                "l": figures.room_for(labels),
                "r": _room(counts, shares, longest, locale),
                "t": 4,
                "b": 8,
            },
            xaxis={"visible": False, "range": [0, longest], "fixedrange": True},
            yaxis={
                "tickvals": [*rows, last],
                "ticktext": labels,
                "range": [last + 1.0, -0.6],
                "fixedrange": True,
                "showgrid": False,
                "zeroline": False,
            },
            annotations=ends,
        ),
    }


def _labels(statuses: Sequence[str], locale: Locale, received_name: str) -> list[str]:
    """Return the names of the bars; ``received_name`` is that of the received messages."""
    names = [status_label("out", status, locale) for status in statuses]
    return [f"{name}  " for name in [*names, received_name]]


def _renamed(figure: Figure, statuses: Sequence[str], locale: Locale, received_name: str) -> Figure:
    """Return ``figure`` with another name of the bar of the received messages."""
    labels = _labels(statuses, locale, received_name)
    layout = figure["layout"]
    names = {
        "margin": layout["margin"] | {"l": figures.room_for(labels)},
        "yaxis": layout["yaxis"] | {"ticktext": labels},
    }
    return figure | {"layout": layout | names}


def _room(counts: Sequence[int], shares: Sequence[str], longest: int, locale: Locale) -> int:
    """Return the pixels beside the longest bar that the count and share at a bar's end need.

    Short bars leave room enough inside the drawing.
    """
    ends = [
        f"{locale.formats.count(count)}  {share}"
        for count, share in zip(counts, shares, strict=True)
        if count >= _LONG_BAR * longest
    ]
    return _GAP_BEFORE + (figures.room_for(ends) if ends else 0)


def _sent_bars(
    drawn: Sequence[str], statuses: Sequence[str], sent: dict[str, int], locale: Locale
) -> Figure:
    """Return the bars of the statuses ``drawn``; ``statuses`` gives the row of each."""
    fills = [status_colour(status) for status in drawn]
    return figures.bars(
        fills if len(fills) > 1 else fills[0],
        [
            f"<b>{status_label('out', status, locale)}</b><br>"
            f"{locale.formats.count(sent[status])} · {_share(sent[status], sent, locale)}"
            for status in drawn
        ],
        x=[sent[status] for status in drawn],
        y=[statuses.index(status) for status in drawn],
        orientation="h",
        customdata=[_press("out", status) for status in drawn],
    )


def _received_words(received: dict[str, int], locale: Locale) -> str:
    handled, waiting = received["read"], received["new"]
    ngettext, count = locale.texts.ngettext, locale.formats.count
    return (
        ngettext("{count} handled", "{count} handled", handled, count=f"<b>{count(handled)}</b>")
        + " · "
        + ngettext("{count} waiting", "{count} waiting", waiting, count=f"<b>{count(waiting)}</b>")
    )


def _received_bar(
    status: str, fill: str, received: dict[str, int], row: float, locale: Locale
) -> Figure:
    name = status_label("in", status, locale)
    bar = figures.bars(
        colour(fill),
        [
            f"<b>{name}</b><br>{locale.formats.count(received[status])} · "
            + _share(received[status], received, locale)
        ],
        x=[received[status]],
        y=[row],
        orientation="h",
        customdata=[_press("in", status)],
    )
    # The soft colour alone would hardly stand out from the ground.
    edge = {"width": 1 if received[status] else 0, "color": colour("received")}
    return bar | {"marker": bar["marker"] | {"line": edge}}


def _press(direction: str, status: str) -> list[str]:
    return ["status", status, "direction", direction]


def _share(part: int, counts: dict[str, int], locale: Locale) -> str:
    total = sum(counts.values())
    return locale.formats.share(part / total if total else None)


def _numbers(
    statuses: Sequence[str], sent: dict[str, int], received: dict[str, int], locale: Locale
) -> Numbers:
    gettext, pgettext = locale.texts.gettext, locale.texts.pgettext
    origins = {"out": pgettext("origins", "Sent"), "in": pgettext("origins", "Received")}
    rows = [("out", status, sent) for status in statuses]
    rows += [("in", status, received) for status in ("read", "new")]
    return Numbers(
        (gettext("Status"), gettext("Origin"), gettext("Messages"), pgettext("column", "Share")),
        [
            Line(
                (
                    status_label(direction, status, locale),
                    origins[direction],
                    locale.formats.count(counts[status]),
                    _share(counts[status], counts, locale),
                ),
                _press(direction, status),
            )
            for direction, status, counts in rows
        ],
    )


PANEL = Panel(
    query=messages_by_status.PANEL,
    title=gettext_noop("Number of messages by status"),
    definition=gettext_noop(
        "Sent messages by how far they have come; each share is that status ÷ all messages sent. "
        "Below, the received: handled once somebody answered or the case was closed, else waiting. "
        "Together they are the total of the graph by origin, with the same dates. Press a bar to "
        "see only its messages."
    ),
    view=view,
    place=50,
    is_empty=lambda answer: not answer.frame["messages"].sum(),
)
