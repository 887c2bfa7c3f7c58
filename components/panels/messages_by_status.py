"""Messages by status: how far those sent have come, and how many received wait for an answer."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from components.look import Look
from components.panels import drawing
from components.panels.shown import Figure, Panel, Shown, fact, facts
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
    outgoing = sum(sent.values())
    parts = [
        f"{status_word('out', status, look)}: {look.formats.count(sent[status])}"
        f" ({look.formats.share(sent[status] / outgoing if outgoing else None)})"
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
    outgoing = sum(sent.values())
    incoming = sum(received.values())
    longest = max([incoming, *sent.values(), 1])
    last = len(statuses) + _GAP
    rows = list(range(len(statuses)))
    counts = [sent[status] for status in statuses]
    shares = [look.formats.share(n / outgoing if outgoing else None) for n in counts]
    names = [status_word("out", status, look) for status in statuses]
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
            drawing.bars(
                "",
                [
                    f"<b>{name}</b><br>{look.formats.count(n)} · {share}"
                    for name, n, share in zip(names, counts, shares, strict=True)
                ],
                x=counts,
                y=rows,
                orientation="h",
                customdata=[["status", status, "direction", "out"] for status in statuses],
                marker={
                    "color": [status_colour(status) for status in statuses],
                    "line": {"width": 0},
                },
            ),
            _received_bar("read", "received-soft", received, last, look),
            _received_bar("new", "received", received, last, look),
        ],
        "layout": drawing.layout(
            barmode="stack",
            bargap=0.3,
            margin={"l": 8, "r": _ROOM, "t": 4, "b": 8},
            xaxis={"visible": False, "range": [0, longest], "fixedrange": True},
            yaxis={
                "tickvals": [*rows, last],
                "ticktext": [f"{name}  " for name in [*names, received_name]],
                "range": [last + 1.0, -0.6],
                "fixedrange": True,
                "automargin": True,
                "showgrid": False,
                "zeroline": False,
            },
            annotations=ends,
        ),
    }


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
        [f"<b>{name}</b><br>{look.formats.count(received[status])}"],
        x=[received[status]],
        y=[row],
        orientation="h",
        customdata=[["status", status, "direction", "in"]],
    )


PANEL = Panel(
    slug="messages-by-status",
    title=mark("Number of messages by status"),
    definition=mark(
        "Sent messages by how far they have come, as a share of all that were sent; and received "
        "messages, answered or still waiting."
    ),
    view=view,
    is_empty=lambda frame: not frame["messages"].sum(),
)
