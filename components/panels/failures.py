"""Messages that failed, by what to do about them: each code in words under its action."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Final

import pandas as pd

from components.error_words import error_meaning
from components.formats import known, shortened
from components.look import Look
from components.panels.shown import Panel, Shown, bar, fact, facts, list_table
from components.plain import Button, P, Part, Span, Strong, Td, Th, Tr
from components.texts import mark, mark_c
from components.words import word
from queries.filters import Filters

#: What a press on the way to the rows asks for.
_ROWS: Final = '["status","failed","direction","out"]'
_TITLE_LIMIT: Final = 90
_NO_CODE: Final = mark_c("action", "Without an error code")


@dataclass(frozen=True, slots=True)
class Failure:
    """One code: ``action`` and ``code`` are None where the source gave none."""

    action: str | None
    code: str | None
    title: str | None
    messages: int


def view(frame: pd.DataFrame, look: Look, _filters: Filters, _today: date) -> Shown:
    """A table in groups, in the order of the actions; each group has its sum."""
    failures = [_failure(*row) for row in frame.itertuples(index=False, name=None)]
    whole = sum(failure.messages for failure in failures)
    groups = [(action, list(some)) for action, some in groupby(failures, lambda one: one.action)]
    said = look.texts.tn("message failed", "messages failed", whole)
    rows = [row for action, some in groups for row in _group(action, some, whole, look)]
    return Shown(
        words=[facts([fact(look.formats.count(whole), said)]), *_way(whole, look)],
        caption="; ".join(
            f"{_action(action, look)}: {look.formats.count(_sum(some))}" for action, some in groups
        ),
        cards=[_table(rows, look)] if failures else [_none(look)],
    )


def _failure(action: object, code: object, title: object, messages: int) -> Failure:
    return Failure(_text(action), _text(code), _text(title), int(messages))


def _text(value: object) -> str | None:
    return str(value) if known(value) else None


def _sum(failures: list[Failure]) -> int:
    return sum(failure.messages for failure in failures)


def _action(action: str | None, look: Look) -> str:
    return look.texts.tc(*_NO_CODE) if action is None else word("action", action, look)


def _way(whole: int, look: Look) -> list[Part]:
    """To the messages themselves."""
    if not whole:
        return []
    action = {"data-action": "narrow", "data-value": _ROWS}
    said = look.texts.t("See only these messages")
    return [Button(said, type="button", className="link-button", **action)]


def _none(look: Look) -> Part:
    return P(look.texts.t("No message failed."), className="all-good")


def _table(rows: list[Part], look: Look) -> Part:
    tc = look.texts.tc
    numbers = (tc("column", "Messages"), tc("column", "Share"))
    return list_table(look.texts.t(PANEL.title), [tc("column", "What to do")], numbers, rows)


def _group(action: str | None, some: list[Failure], whole: int, look: Look) -> Iterator[Part]:
    count, share = look.formats.count, look.formats.share
    total = _sum(some)
    yield Tr(
        [
            Th([Strong(_action(action, look)), bar(total / whole, "failed")], scope="row"),
            Td([Strong(count(total))], className="number"),
            Td(share(total / whole, 0), className="number"),
        ],
        className="group-row",
    )
    for failure in some:
        if failure.code or failure.title:
            yield Tr(
                [
                    Td(_meaning(failure, look)),
                    Td(count(failure.messages), className="number"),
                    Td(share(failure.messages / whole, 0), className="number"),
                ]
            )


def _meaning(failure: Failure, look: Look) -> list[Part | str]:
    """A code in words: ours, else those that came with it, and these alone where it has none."""
    code = failure.code or ""
    said = (error_meaning(code, look) if code else None) or failure.title
    if not said:
        return [code]
    words = Span(shortened(said, _TITLE_LIMIT), title=failure.title)
    return [words, " ", Span(code, className="quiet")] if code else [words]


PANEL: Final = Panel(
    slug="failures",
    title=mark("Failures and what to do"),
    definition=mark(
        "Sent messages that failed, by what helps: trying again later, another number, another "
        "template, the account's payment, or to stop. Each share is of all that failed. By message "
        "date those of the period, by case opening those of its cases. Codes are WhatsApp's."
    ),
    view=view,
    # That nothing failed is an answer, and a good one.
    is_empty=lambda _frame: False,
    kind="list",
    height=250,
    narrow_height=320,
)
