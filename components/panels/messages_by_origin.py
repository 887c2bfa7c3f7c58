"""Messages by origin over time: sent upwards, received downwards, so that the balance is seen."""

from datetime import date
from itertools import zip_longest

import pandas as pd

from components.look import Look
from components.panels import drawing
from components.panels.shown import Figure, Line, Numbers, Panel, Shown, fact, facts
from components.texts import mark
from components.theme import colour
from queries.filters import Filters


def view(frame: pd.DataFrame, look: Look, filters: Filters, _today: date) -> Shown:
    """Mirrored columns; totals, shares and balance in words. Columns of ``frame``: see spec 6."""
    starts: list[date] = list(dict.fromkeys(frame["period"]))
    sent = _counts(frame, "out")
    received = _counts(frame, "in")
    words = _words(sum(sent), sum(received), look)
    figure = _figure(starts, sent, received, look, filters)
    return Shown(
        words=[
            facts(
                [
                    fact(number, rest, key)
                    for (number, rest), key in zip_longest(
                        words, (colour("sent"), colour("received"))
                    )
                ]
            ),
            *drawing.steps_words(filters, look),
        ],
        caption=" · ".join(f"{number} {rest}" for number, rest in words),
        **drawing.by_width(figure, starts, filters.effective_bucket, look),
        numbers=_numbers(starts, sent, received, look, filters),
    )


def _counts(frame: pd.DataFrame, direction: str) -> list[int]:
    pairs = zip(frame["direction"].tolist(), frame["messages"].tolist(), strict=True)
    return [int(count) for way, count in pairs if way == direction]


def _counted(sent: int, received: int, look: Look) -> list[tuple[str, str]]:
    """Both counts with their shares in words."""
    texts, formats = look.texts, look.formats
    total = sent + received
    return [
        (
            formats.count(sent),
            texts.tn("sent ({share})", "sent ({share})", sent, share=_share(sent, total, look)),
        ),
        (
            formats.count(received),
            texts.tn(
                "received ({share})",
                "received ({share})",
                received,
                share=_share(received, total, look),
            ),
        ),
    ]


def _words(sent: int, received: int, look: Look) -> list[tuple[str, str]]:
    texts, formats = look.texts, look.formats
    words = _counted(sent, received, look)
    if received:
        balance = round(sent / received, 1)
        # Portuguese has the plural from 2 on, the others for all but 1.
        is_one = balance < 2 if look.language == "pt-BR" else balance == 1
        said = texts.tn("sent per received", "sent per received", 1 if is_one else 2)
        words.append((formats.ratio(sent / received), said))
    return words


def _share(part: int, total: int, look: Look) -> str:
    return look.formats.share(part / total if total else None, 0)


def _figure(
    starts: list[date], sent: list[int], received: list[int], look: Look, filters: Filters
) -> Figure:
    bucket = filters.effective_bucket
    hover = [
        f"<b>{drawing.bucket_name(start, bucket, look)}</b><br>"
        + "<br>".join(f"{number} {rest}" for number, rest in _counted(out, back, look))
        for start, out, back in zip(starts, sent, received, strict=True)
    ]
    places = list(range(len(starts)))
    steps = drawing.nice_steps(max([*sent, *received, 0]), 3)
    up = [step for step in steps if step <= max(sent, default=0) + steps[1]]
    down = [-step for step in steps[1:] if step <= max(received, default=0) + steps[1]]
    return {
        "data": [
            drawing.bars(
                colour("sent"),
                hover,
                x=places,
                y=sent,
                customdata=_press(starts, "out", filters),
            ),
            drawing.bars(
                colour("received"),
                hover,
                x=places,
                y=[-count for count in received],
                customdata=_press(starts, "in", filters),
            ),
        ],
        "layout": drawing.layout(
            barmode="relative",
            yaxis=drawing.count_axis([*down[::-1], *up], look),
            shapes=drawing.holiday_marks(starts, bucket),
        ),
    }


def _press(starts: list[date], direction: str, filters: Filters) -> list[list[str]]:
    """What a press on each column filters by."""
    side = ["direction", direction]
    return [[*drawing.slice_of_time(start, filters), *side] for start in starts]


def _numbers(
    starts: list[date], sent: list[int], received: list[int], look: Look, filters: Filters
) -> Numbers:
    count, bucket = look.formats.count, filters.effective_bucket
    return Numbers(
        (
            look.texts.t("Period"),
            look.texts.tc("origins", "Sent"),
            look.texts.tc("origins", "Received"),
        ),
        [
            Line(
                (drawing.bucket_name(start, bucket, look), count(out), count(back)),
                drawing.slice_of_time(start, filters),
            )
            for start, out, back in zip(starts, sent, received, strict=True)
        ],
    )


PANEL = Panel(
    slug="messages-by-origin",
    title=mark("Number of messages by origin"),
    definition=mark(
        "Messages sent to customers (upwards) and received from them (downwards). By message date "
        "each stands on its own day, by case opening on the day its case was opened. The balance "
        "is sent ÷ received. Dotted lines are national holidays. Press a column to see only that "
        "day, week or month."
    ),
    view=view,
    is_empty=lambda frame: not frame["messages"].sum(),
)
