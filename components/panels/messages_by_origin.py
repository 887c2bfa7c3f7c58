"""The graph "Number of messages by origin": sent and received messages over time."""

from typing import Final

import pandas as pd

from components.locale import Locale
from components.panels import figures
from components.panels.time_steps import TimeSteps
from components.panels.view import Figure, Line, Numbers, Panel, PanelView, Press, fact, facts
from components.texts import gettext_noop
from components.theme import colour
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
    steps = TimeSteps.of(answer)
    names = steps.names(locale)
    sent = _counts(answer.frame, "out")
    received = _counts(answer.frame, "in")
    words = _words(sum(sent), sum(received), locale)
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
            *steps.words(locale),
        ],
        caption=" · ".join(f"{number} {rest}" for number, rest in words),
        **steps.drawings(_figure(steps, names, sent, received, locale), locale),
        numbers=_numbers(steps, names, sent, received, locale),
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
    steps: TimeSteps, names: list[str], sent: list[int], received: list[int], locale: Locale
) -> Figure:
    hover = [
        f"<b>{name}</b><br>"
        + "<br>".join(f"{number} {rest}" for number, rest in _count_words(out, back, locale))
        for name, out, back in zip(names, sent, received, strict=True)
    ]
    ticks = figures.nice_steps(max([*sent, *received, 0]), 3)
    up = [tick for tick in ticks if tick <= max(sent, default=0) + ticks[1]]
    down = [-tick for tick in ticks[1:] if tick <= max(received, default=0) + ticks[1]]
    columns = (("sent", sent), ("received", [-count for count in received]))
    return {
        "data": [
            steps.hatched(
                figures.bars(
                    colour(name),
                    hover,
                    x=steps.positions,
                    y=counts,
                    customdata=steps.presses,
                )
            )
            for name, counts in columns
        ],
        "layout": figures.layout(
            barmode="relative",
            yaxis=figures.count_axis([*down[::-1], *up], locale),
        ),
    }


def _numbers(
    steps: TimeSteps, names: list[str], sent: list[int], received: list[int], locale: Locale
) -> Numbers:
    count = locale.formats.count
    rows = zip(names, sent, received, steps.presses, strict=True)
    return Numbers(
        (
            locale.texts.gettext("Period"),
            locale.texts.pgettext("origins", "Sent"),
            locale.texts.pgettext("origins", "Received"),
        ),
        [Line((name, count(out), count(back)), press) for name, out, back, press in rows],
    )


PANEL = Panel(
    query=messages_by_origin.PANEL,
    title=gettext_noop("Number of messages by origin"),
    definition=gettext_noop(
        "Messages sent to customers (upwards) and received from them (downwards). By message date "
        "each stands on its own day, by case opening on the day its case was opened. The balance "
        "is sent ÷ received. Dotted lines are national holidays; a hatched column is not over yet. "
        "Press a column to see only that day, week or month, and a total to see only that origin."
    ),
    view=view,
    place=40,
    is_empty=lambda answer: not answer.frame["messages"].sum(),
)
