"""The graph "Number of messages by origin": sent and received messages over time."""

from datetime import date
from typing import Final

import pandas as pd

from components.locale import Locale
from components.panels import figures
from components.panels.view import Figure, Line, Numbers, Panel, PanelView, Press, fact, facts
from components.texts import gettext_noop
from components.theme import colour
from queries.filters import Filters
from queries.panels import messages_by_origin
from queries.reader import Answer

#: The colour of each direction, and the filters that a press on its legend sets.
_LEGEND: Final[tuple[tuple[str, Press], ...]] = (
    (colour("sent"), ("direction", "out")),
    (colour("received"), ("direction", "in")),
)


def view(answer: Answer, locale: Locale) -> PanelView:
    """Return the graph of messages over time: columns go up for sent, down for received messages.

    Above it stand the totals of sent and of received messages with their shares, and the balance
    (sent ÷ received), which is left out where no message was received. A press on a total shows
    only that direction, a press on a column only its day, week or month.
    """
    frame, filters = answer.frame, answer.filters
    starts: list[date] = list(dict.fromkeys(frame["period"]))
    sent = _counts(frame, "out")
    received = _counts(frame, "in")
    words = _words(sum(sent), sum(received), locale)
    figure = _figure(starts, sent, received, locale, filters)
    return PanelView(
        words=[
            facts(
                [
                    *(
                        fact(number, rest, key, press)
                        for (number, rest), (key, press) in zip(words, _LEGEND, strict=False)
                    ),
                    *(fact(number, rest) for number, rest in words[len(_LEGEND) :]),
                ]
            ),
            *figures.steps_words(filters, locale),
        ],
        caption=" · ".join(f"{number} {rest}" for number, rest in words),
        **figures.by_width(figure, starts, filters.effective_bucket, locale),
        numbers=_numbers(starts, sent, received, locale, filters),
    )


def _counts(frame: pd.DataFrame, direction: str) -> list[int]:
    pairs = zip(frame["direction"].tolist(), frame["messages"].tolist(), strict=True)
    return [int(count) for way, count in pairs if way == direction]


def _count_words(sent: int, received: int, locale: Locale) -> list[tuple[str, str]]:
    """Return (number, words with share) for the sent, then for the received messages."""
    texts, formats = locale.texts, locale.formats
    total = sent + received
    return [
        (
            formats.count(sent),
            texts.ngettext(
                "sent ({share})", "sent ({share})", sent, share=_share(sent, total, locale)
            ),
        ),
        (
            formats.count(received),
            texts.ngettext(
                "received ({share})",
                "received ({share})",
                received,
                share=_share(received, total, locale),
            ),
        ),
    ]


def _words(sent: int, received: int, locale: Locale) -> list[tuple[str, str]]:
    texts, formats = locale.texts, locale.formats
    words = _count_words(sent, received, locale)
    if received:
        balance = round(sent / received, 1)
        # Portuguese has the plural from 2 on, the others for all but 1.
        is_one = balance < 2 if locale.language == "pt-BR" else balance == 1
        label = texts.ngettext("sent per received", "sent per received", 1 if is_one else 2)
        words.append((formats.ratio(sent / received), label))
    return words


def _share(part: int, total: int, locale: Locale) -> str:
    return locale.formats.share(part / total if total else None, 0)


def _figure(
    starts: list[date], sent: list[int], received: list[int], locale: Locale, filters: Filters
) -> Figure:
    bucket = filters.effective_bucket
    hover = [
        f"<b>{figures.bucket_name(start, bucket, locale)}</b><br>"
        + "<br>".join(f"{number} {rest}" for number, rest in _count_words(out, back, locale))
        for start, out, back in zip(starts, sent, received, strict=True)
    ]
    positions = list(range(len(starts)))
    press = [figures.slice_of_time(start, filters) for start in starts]
    steps = figures.nice_steps(max([*sent, *received, 0]), 3)
    up = [step for step in steps if step <= max(sent, default=0) + steps[1]]
    down = [-step for step in steps[1:] if step <= max(received, default=0) + steps[1]]
    return {
        "data": [
            figures.bars(
                colour("sent"),
                hover,
                x=positions,
                y=sent,
                customdata=press,
            ),
            figures.bars(
                colour("received"),
                hover,
                x=positions,
                y=[-count for count in received],
                customdata=press,
            ),
        ],
        "layout": figures.layout(
            barmode="relative",
            yaxis=figures.count_axis([*down[::-1], *up], locale),
            shapes=figures.holiday_marks(starts, bucket),
        ),
    }


def _numbers(
    starts: list[date], sent: list[int], received: list[int], locale: Locale, filters: Filters
) -> Numbers:
    count, bucket = locale.formats.count, filters.effective_bucket
    return Numbers(
        (
            locale.texts.gettext("Period"),
            locale.texts.pgettext("origins", "Sent"),
            locale.texts.pgettext("origins", "Received"),
        ),
        [
            Line(
                (figures.bucket_name(start, bucket, locale), count(out), count(back)),
                figures.slice_of_time(start, filters),
            )
            for start, out, back in zip(starts, sent, received, strict=True)
        ],
    )


PANEL = Panel(
    query=messages_by_origin.PANEL,
    title=gettext_noop("Number of messages by origin"),
    definition=gettext_noop(
        "Messages sent to customers (upwards) and received from them (downwards). By message date "
        "each stands on its own day, by case opening on the day its case was opened. The balance "
        "is sent ÷ received. Dotted lines are national holidays. Press a column to see only that "
        "day, week or month, and a total to see only that origin."
    ),
    view=view,
    place=20,
    is_empty=lambda answer: not answer.frame["messages"].sum(),
)
