"""The list "Failures and what to do": failed messages by error code, grouped by action."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from components.formats import known, shortened
from components.html_tree import Button, Element, P, Span, Strong, Td, Th, Tr
from components.ids import DETAILS
from components.labels import value_label
from components.locale import Locale
from components.panels.view import (
    Panel,
    PanelView,
    Press,
    bar,
    fact,
    facts,
    heading,
    list_table,
    row_button,
)
from components.texts import gettext_noop, pgettext_noop
from components.whatsapp_errors import error_meaning
from queries.frames import rows_of
from queries.panels import failures
from queries.reader import Answer
from queries.table_columns import NO_ERROR_CODE

#: The filters of all failed messages; those of one code also have its ``where.error_code``.
_FAILED: Final = ("status", "failed", "direction", "out", "where.error_code")
#: What the button "See only these messages" sets: all of them, whatever the code.
_ALL_FAILED: Final = (*_FAILED, "")
#: Most characters of an error's meaning in the list.
_TITLE_LIMIT: Final = 90
_NO_CODE: Final = pgettext_noop("action", "Without an error code")


@dataclass(frozen=True, slots=True)
class Failure:
    """How many messages failed with one error code.

    ``code`` and ``title`` are those of the provider, each None where it gave none. ``action`` says
    what to do about the code, one of ``queries.whatsapp_errors.ACTIONS``; None without a code.
    """

    action: str | None
    code: str | None
    title: str | None
    messages: int


def view(answer: Answer, locale: Locale) -> PanelView:
    """Return the list of failures: each action with its number of messages, then its error codes.

    Actions and codes are in the order of the answer. Where no message failed, a sentence says so in
    place of the list.
    """
    codes = [_failure(*row) for row in rows_of(answer.frame)]
    total = _sum(codes)
    groups = [(action, list(some)) for action, some in groupby(codes, lambda code: code.action)]
    label = locale.texts.ngettext("message failed", "messages failed", total)
    rows = [row for action, some in groups for row in _group(action, some, total, locale)]
    return PanelView(
        words=[facts([fact(locale.formats.count(total), label)]), *_messages_button(total, locale)],
        caption="; ".join(
            f"{_action(action, locale)}: {locale.formats.count(_sum(some))}"
            for action, some in groups
        ),
        cards=[_table(rows, locale)] if codes else [_no_failure(locale)],
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


def _messages_button(total: int, locale: Locale) -> list[Element]:
    """Return the button that filters the page by failed messages; none where nothing failed."""
    if not total:
        return []
    action = {"data-action": "narrow", "data-value": json.dumps(_ALL_FAILED), "data-go": DETAILS}
    label = locale.texts.gettext("See only these messages")
    return [Button(label, type="button", className="link-button", **action)]


def _no_failure(locale: Locale) -> Element:
    return P(locale.texts.gettext("No message failed."), className="all-good")


def _table(rows: list[Element], locale: Locale) -> Element:
    numbers = (heading(PANEL, "messages", locale), locale.texts.pgettext("column", "Share"))
    heads = [heading(PANEL, "action", locale)]
    return list_table(locale.texts.gettext(PANEL.title), heads, numbers, rows)


def _group(
    action: str | None, some: list[Failure], total: int, locale: Locale
) -> Iterator[Element]:
    count, share = locale.formats.count, locale.formats.share
    messages = _sum(some)
    name: Element | str = _action(action, locale)
    if action is None:  # they have no code, so this row is theirs
        name = _button([name], (*_FAILED, NO_ERROR_CODE))
    yield Tr(
        [
            Th([Strong(name), bar(messages / total, "failed")], scope="row"),
            Td([Strong(count(messages))], className="number"),
            Td(share(messages / total, 0), className="number"),
        ],
        className="group-row",
    )
    for failure in some:
        if failure.code or failure.title:
            yield Tr(
                [
                    Td(_reason(failure, locale)),
                    Td(count(failure.messages), className="number"),
                    Td(share(failure.messages / total, 0), className="number"),
                ]
            )


def _button(label: list[Element | str], press: Press, title: str | None = None) -> Element:
    """Return the button of a row: it narrows the page, and leads to the table of messages."""
    titled = {"title": title} if title else {}
    return row_button(label, press, **{"data-go": DETAILS}, **titled)


def _reason(failure: Failure, locale: Locale) -> Element | str:
    """Return the meaning of a code and the code, as a button; without a code the title alone."""
    if not failure.code:
        return shortened(str(failure.title), _TITLE_LIMIT)
    meaning = error_meaning(failure.code, locale) or failure.title
    words: list[Element | str] = [failure.code]
    if meaning:
        words = [shortened(meaning, _TITLE_LIMIT), " ", Span(failure.code, className="quiet")]
    return _button(words, (*_FAILED, failure.code), failure.title)


PANEL: Final = Panel(
    query=failures.PANEL,
    title=gettext_noop("Failures and what to do"),
    definition=gettext_noop(
        "Sent messages that failed, by what helps: trying again later, another number, another "
        "template, the account's payment, or to stop. Each share is of all that failed. By message "
        "date those of the period, by case opening those of its cases. Codes are WhatsApp's."
    ),
    place=30,
    view=view,
    # An empty list is good news and shown as such, not as a panel without data.
    is_empty=lambda _answer: False,
    kind="list",
    height=340,
    narrow_height=360,
)
