"""Messages that failed, by what to do about them: each code in words under its action."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Final

import pandas as pd

from components.formats import known, shortened
from components.html_tree import Button, Element, P, Span, Strong, Td, Th, Tr
from components.labels import value_label
from components.locale import Locale
from components.panels.view import Panel, PanelView, bar, fact, facts, list_table
from components.texts import gettext_noop, pgettext_noop
from components.whatsapp_errors import error_meaning
from queries.filters import Filters

#: What a press on the way to the rows asks for.
_ROWS: Final = '["status","failed","direction","out"]'
_TITLE_LIMIT: Final = 90
_NO_CODE: Final = pgettext_noop("action", "Without an error code")


@dataclass(frozen=True, slots=True)
class Failure:
    """One code: ``action`` and ``code`` are None where the source gave none."""

    action: str | None
    code: str | None
    title: str | None
    messages: int


def view(frame: pd.DataFrame, locale: Locale, _filters: Filters, _today: date) -> PanelView:
    """A table in groups, in the order of the actions; each group has its sum."""
    failures = [_failure(*row) for row in frame.itertuples(index=False, name=None)]
    whole = sum(failure.messages for failure in failures)
    groups = [(action, list(some)) for action, some in groupby(failures, lambda one: one.action)]
    said = locale.texts.ngettext("message failed", "messages failed", whole)
    rows = [row for action, some in groups for row in _group(action, some, whole, locale)]
    return PanelView(
        words=[facts([fact(locale.formats.count(whole), said)]), *_way(whole, locale)],
        caption="; ".join(
            f"{_action(action, locale)}: {locale.formats.count(_sum(some))}"
            for action, some in groups
        ),
        cards=[_table(rows, locale)] if failures else [_none(locale)],
    )


def _failure(action: object, code: object, title: object, messages: int) -> Failure:
    return Failure(_text(action), _text(code), _text(title), int(messages))


def _text(value: object) -> str | None:
    return str(value) if known(value) else None


def _sum(failures: list[Failure]) -> int:
    return sum(failure.messages for failure in failures)


def _action(action: str | None, locale: Locale) -> str:
    return (
        locale.texts.pgettext(*_NO_CODE)
        if action is None
        else value_label("action", action, locale)
    )


def _way(whole: int, locale: Locale) -> list[Element]:
    """To the messages themselves."""
    if not whole:
        return []
    action = {"data-action": "narrow", "data-value": _ROWS}
    said = locale.texts.gettext("See only these messages")
    return [Button(said, type="button", className="link-button", **action)]


def _none(locale: Locale) -> Element:
    return P(locale.texts.gettext("No message failed."), className="all-good")


def _table(rows: list[Element], locale: Locale) -> Element:
    pgettext = locale.texts.pgettext
    numbers = (pgettext("column", "Messages"), pgettext("column", "Share"))
    return list_table(
        locale.texts.gettext(PANEL.title), [pgettext("column", "What to do")], numbers, rows
    )


def _group(
    action: str | None, some: list[Failure], whole: int, locale: Locale
) -> Iterator[Element]:
    count, share = locale.formats.count, locale.formats.share
    total = _sum(some)
    yield Tr(
        [
            Th([Strong(_action(action, locale)), bar(total / whole, "failed")], scope="row"),
            Td([Strong(count(total))], className="number"),
            Td(share(total / whole, 0), className="number"),
        ],
        className="group-row",
    )
    for failure in some:
        if failure.code or failure.title:
            yield Tr(
                [
                    Td(_meaning(failure, locale)),
                    Td(count(failure.messages), className="number"),
                    Td(share(failure.messages / whole, 0), className="number"),
                ]
            )


def _meaning(failure: Failure, locale: Locale) -> list[Element | str]:
    """A code in words: ours, else those that came with it, and these alone where it has none."""
    code = failure.code or ""
    said = (error_meaning(code, locale) if code else None) or failure.title
    if not said:
        return [code]
    words = Span(shortened(said, _TITLE_LIMIT), title=failure.title)
    return [words, " ", Span(code, className="quiet")] if code else [words]


PANEL: Final = Panel(
    slug="failures",
    title=gettext_noop("Failures and what to do"),
    definition=gettext_noop(
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
