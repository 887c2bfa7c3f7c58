"""Messages by status: how far those sent have come, and how many received wait for an answer."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from components.look import Look
from components.panels import drawing
from components.panels.shown import Figure, Line, Numbers, Panel, Shown, fact, facts
from components.texts import mark
from components.theme import colour, status_colour
from components.words import by_direction, status_word
from queries.filters import Filters
from queries.vocabulary import STATUSES

_GAP = 0.6  # rows between the outgoing and the received
_BELOW = 0.68  # rows from the bar of the received to what is written under it
_ROOM = 116  # pixels beside the longest bar, for what is written at its end


def view(frame: pd.DataFrame, look: Look, _filters: Filters, _today: date) -> Shown:
    """Horizontal bars in life-cycle order; count and share of the outgoing at each bar's end."""
    sent = _counts(frame, "out")
    received = _counts(frame, "in")
    statuses = [status for status in STATUSES if status != "unknown" or sent[status]]
    total = sum(sent.values()) + sum(received.values())
    return Shown(
        words=[
            facts(
                [
                    fact(
                        look.formats.count(total),
                        look.texts.tn("message", "messages", total),
                    ),
                    *(
                        fact(number, rest)
                        for number, rest in by_direction(
                            sum(sent.values()), sum(received.values()), look
                        )
                    ),
                ]
            ),
        ],
        caption=_caption(statuses, sent, received, look),
        wide=_figure(statuses, sent, received, look, look.texts.t("Received from customer")),
        narrow=_figure(statuses, sent, received, look, look.texts.tc("origins", "Received")),
        numbers=_numbers(statuses, sent, received, look),
    )


def _counts(frame: pd.DataFrame, direction: str) -> dict[str, int]:
    columns = (frame[name].tolist() for name in ("direction", "status", "messages"))
    found = {
        str(status): int(count)
        for way, status, count in zip(*columns, strict=True)
        if way == direction
    }
    return {status: found.get(status, 0) for status in STATUSES}


def _caption(
    statuses: Sequence[str], sent: dict[str, int], received: dict[str, int], look: Look
) -> str:
    parts = [
        f"{status_word('out', status, look)}: {look.formats.count(sent[status])}"
        f" ({_share(sent[status], sent, look)})"
        for status in statuses
    ]
    parts += [
        f"{status_word('in', status, look)}: {look.formats.count(received[status])}"
        for status in ("new", "read")
    ]
    return " · ".join(parts)


def _figure(
    statuses: Sequence[str],
    sent: dict[str, int],
    received: dict[str, int],
    look: Look,
    received_name: str,
) -> Figure:
    incoming = sum(received.values())
    longest = max([incoming, *sent.values(), 1])
    last = len(statuses) + _GAP
    rows = list(range(len(statuses)))
    counts = [sent[status] for status in statuses]
    shares = [_share(n, sent, look) for n in counts]
    names = [status_word("out", status, look) for status in statuses]
    labels = [f"{name}  " for name in [*names, received_name]]
    ends = [
        drawing.text(f"<b>{look.formats.count(n)}</b>  {share}", n, row, xshift=4)
        for row, n, share in zip(rows, counts, shares, strict=True)
    ]
    ends.append(
        drawing.text(
            _received_words(received, look),
            0,
            last + _BELOW,
        )
    )
    return {
        "data": [
            _sent_bars([status for status in statuses if status != "failed"], statuses, sent, look),
            _sent_bars(["failed"], statuses, sent, look),
            _received_bar("read", "received-soft", received, last, look),
            _received_bar("new", "received", received, last, look),
        ],
        "layout": drawing.layout(
            barmode="stack",
            bargap=0.3,
            margin={"l": drawing.room_for(labels), "r": _ROOM, "t": 4, "b": 8},
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


def _sent_bars(
    shown: Sequence[str], statuses: Sequence[str], sent: dict[str, int], look: Look
) -> Figure:
    """The bars of ``shown``, each in the row that its status has among ``statuses``."""
    fills = [status_colour(status) for status in shown]
    return drawing.bars(
        fills if len(fills) > 1 else fills[0],
        [
            f"<b>{status_word('out', status, look)}</b><br>"
            f"{look.formats.count(sent[status])} · {_share(sent[status], sent, look)}"
            for status in shown
        ],
        x=[sent[status] for status in shown],
        y=[statuses.index(status) for status in shown],
        orientation="h",
        customdata=[_press("out", status) for status in shown],
    )


def _received_words(received: dict[str, int], look: Look) -> str:
    handled, waiting = received["read"], received["new"]
    tn, count = look.texts.tn, look.formats.count
    return (
        tn("{count} handled", "{count} handled", handled, count=f"<b>{count(handled)}</b>")
        + " · "
        + tn("{count} waiting", "{count} waiting", waiting, count=f"<b>{count(waiting)}</b>")
    )


def _received_bar(
    status: str, fill: str, received: dict[str, int], row: float, look: Look
) -> Figure:
    name = status_word("in", status, look)
    return drawing.bars(
        colour(fill),
        [
            f"<b>{name}</b><br>{look.formats.count(received[status])} · "
            + _share(received[status], received, look)
        ],
        x=[received[status]],
        y=[row],
        orientation="h",
        customdata=[_press("in", status)],
    )


def _press(direction: str, status: str) -> list[str]:
    return ["status", status, "direction", direction]


def _share(part: int, counts: dict[str, int], look: Look) -> str:
    whole = sum(counts.values())
    return look.formats.share(part / whole if whole else None)


def _numbers(
    statuses: Sequence[str], sent: dict[str, int], received: dict[str, int], look: Look
) -> Numbers:
    t, tc = look.texts.t, look.texts.tc
    origins = {"out": tc("origins", "Sent"), "in": tc("origins", "Received")}
    rows = [("out", status, sent) for status in statuses]
    rows += [("in", status, received) for status in ("read", "new")]
    return Numbers(
        (t("Status"), t("Origin"), t("Messages"), tc("column", "Share")),
        [
            Line(
                (
                    status_word(direction, status, look),
                    origins[direction],
                    look.formats.count(counts[status]),
                    _share(counts[status], counts, look),
                ),
                _press(direction, status),
            )
            for direction, status, counts in rows
        ],
    )


PANEL = Panel(
    slug="messages-by-status",
    title=mark("Number of messages by status"),
    definition=mark(
        "Sent messages by how far they have come; each share is that status ÷ all messages sent. "
        "Below, the received: handled once somebody answered or the case was closed, else waiting. "
        "Together they are the total of the graph by origin, with the same dates. Press a bar to "
        "see only its messages."
    ),
    view=view,
    is_empty=lambda frame: not frame["messages"].sum(),
)
