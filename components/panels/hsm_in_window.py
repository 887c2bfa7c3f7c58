"""The list "HSM with the window open": HSM sends inside the 24 h window, by template category."""

from collections.abc import Iterator
from typing import Final

from components.formats import NOTHING, known
from components.html_tree import Element, P, Td, Th, Tr
from components.labels import value_label
from components.locale import Locale
from components.panels.view import Panel, PanelView, bar, fact, facts, heading, list_table
from components.texts import gettext_noop
from queries.frames import rows_of
from queries.panels import hsm_in_window
from queries.reader import Answer


def view(answer: Answer, locale: Locale) -> PanelView:
    """Return the list of template categories: all HSM sends, those in an open window, their share.

    Above it stand the sums of all categories. Categories are in the order of the answer.
    """
    rows = [
        (_category(category, locale), int(sent), int(inside))
        for category, sent, inside in rows_of(answer.frame)
    ]
    sent, inside = sum(row[1] for row in rows), sum(row[2] for row in rows)
    count, share = locale.formats.count, locale.formats.share
    label = locale.texts.ngettext(
        "of {sent} HSM send ({share}) in an open window",
        "of {sent} HSM sends ({share}) in an open window",
        sent,
        sent=count(sent),
        share=share(inside / sent if sent else None, 0),
    )
    return PanelView(
        words=[facts([fact(count(inside), label)]), *_extra(answer, locale)],
        caption="; ".join(
            f"{name}: {count(open_)} / {count(sends)}" for name, sends, open_ in rows
        ),
        cards=[_table(rows, locale)],
    )


def _extra(answer: Answer, locale: Locale) -> Iterator[Element]:
    """Yield a sentence for each currency: what the sends cost more than a service message."""
    texts, formats, counts = locale.texts, locale.formats, answer.counts
    for currency, amount in sorted(counts.get("extra_amount", {}).items()):
        sends = counts["extra_sends"][currency]
        values = {
            "count": formats.count(sends),
            "money": formats.money(abs(amount), currency),
        }
        if amount < 0:
            sentence = texts.ngettext(
                "{count} of them cost {money} less than a service message in its place.",
                "{count} of them cost {money} less than service messages in their place.",
                sends,
                **values,
            )
        else:
            sentence = texts.ngettext(
                "{count} of them cost {money} more than a service message in its place.",
                "{count} of them cost {money} more than service messages in their place.",
                sends,
                **values,
            )
        if counts["extra_bounds"][currency]:
            sentence += " " + texts.gettext("The cost of some of them is an upper bound.")
        yield P(sentence, className="quiet cost-note")


def _category(category: object, locale: Locale) -> str:
    return value_label("template_category", str(category), locale) if known(category) else NOTHING


def _table(rows: list[tuple[str, int, int]], locale: Locale) -> Element:
    count, share = locale.formats.count, locale.formats.share
    numbers = (
        heading(PANEL, "sent", locale),
        heading(PANEL, "in_window", locale),
        locale.texts.pgettext("column", "Share"),
    )
    lines = [
        Tr(
            [
                Th([name, bar(inside / sent if sent else 0, "sent")], scope="row"),
                Td(count(sent), className="number"),
                Td(count(inside), className="number"),
                Td(share(inside / sent if sent else None, 0), className="number"),
            ]
        )
        for name, sent, inside in rows
    ]
    heads = [heading(PANEL, "template_category", locale)]
    return list_table(locale.texts.gettext(PANEL.title), heads, numbers, lines)


PANEL: Final = Panel(
    query=hsm_in_window.PANEL,
    title=gettext_noop("HSM with the window open"),
    definition=gettext_noop(
        "HSM sends of the selection that went out within 24 h of a message of the same customer, "
        "when a plain message would have done, by template category. Share: with the window open ÷ "
        "sends (neither new nor without confirmation). Same dates as the templates."
    ),
    place=90,
    view=view,
    is_empty=lambda answer: answer.frame.empty,
    kind="list",
    height=150,
    narrow_height=180,
)
