"""The list "Failures and what to do": failed messages by error code, grouped by action."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from components.formats import known, shortened
from components.html_tree import Button, Element, P, Span, Strong, Td, Th, Tr
from components.labels import value_label
from components.locale import Locale
from components.panels.view import Panel, PanelView, bar, fact, facts, heading, list_table
from components.texts import gettext_noop, pgettext_noop
from components.whatsapp_errors import error_meaning
from queries.panels import failures
from queries.reader import Answer

#: The filters that the button "See only these messages" sets, as JSON (see ``view.Press``).
_FAILED_MESSAGES: Final = '["status","failed","direction","out"]'
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
    codes = [_failure(*row) for row in answer.frame.itertuples(index=False, name=None)]
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
    action = {"data-action": "narrow", "data-value": _FAILED_MESSAGES}
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
    yield Tr(
        [
            Th([Strong(_action(action, locale)), bar(messages / total, "failed")], scope="row"),
            Td([Strong(count(messages))], className="number"),
            Td(share(messages / total, 0), className="number"),
        ],
        className="group-row",
    )
    for failure in some:
        if failure.code or failure.title:
            yield Tr(
                [
                    Td(_meaning(failure, locale)),
                    Td(count(failure.messages), className="number"),
                    Td(share(failure.messages / total, 0), className="number"),
                ]
            )


def _meaning(failure: Failure, locale: Locale) -> list[Element | str]:
    """Return the meaning of a code and the code; the title where we do not know the meaning."""
    code = failure.code or ""
    meaning = (error_meaning(code, locale) if code else None) or failure.title
    if not meaning:
        return [code]
    words = Span(shortened(meaning, _TITLE_LIMIT), title=failure.title)
    return [words, " ", Span(code, className="quiet")] if code else [words]


PANEL: Final = Panel(
    query=failures.PANEL,
    title=gettext_noop("Failures and what to do"),
    definition=gettext_noop(
        "Sent messages that failed, by what helps: trying again later, another number, another "
        "template, the account's payment, or to stop. Each share is of all that failed. By message "
        "date those of the period, by case opening those of its cases. Codes are WhatsApp's."
    ),
    place=70,
    view=view,
    # An empty list is good news and shown as such, not as a panel without data.
    is_empty=lambda _answer: False,
    kind="list",
    height=250,
    narrow_height=320,
)
