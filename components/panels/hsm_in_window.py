"""HSMs that were sent while the customer's window was open, by template category."""

from datetime import date
from typing import Final

import pandas as pd

from components.formats import NOTHING, known
from components.look import Look
from components.panels.shown import Panel, Shown, bar, fact, facts, list_table
from components.plain import Part, Td, Th, Tr
from components.texts import mark
from components.words import word
from queries.filters import Filters


def view(frame: pd.DataFrame, look: Look, _filters: Filters, _today: date) -> Shown:
    """A row a category, with the share of its sends that found the window open."""
    rows = [
        (_category(category, look), int(sent), int(inside))
        for category, sent, inside in frame.itertuples(index=False, name=None)
    ]
    sent, inside = sum(row[1] for row in rows), sum(row[2] for row in rows)
    count, share = look.formats.count, look.formats.share
    said = look.texts.tn(
        "of {sent} HSM send ({share}) in an open window",
        "of {sent} HSM sends ({share}) in an open window",
        sent,
        sent=count(sent),
        share=share(inside / sent if sent else None, 0),
    )
    return Shown(
        words=[facts([fact(count(inside), said)])],
        caption="; ".join(f"{name}: {count(there)} / {count(all_)}" for name, all_, there in rows),
        cards=[_table(rows, look)],
    )


def _category(category: object, look: Look) -> str:
    return word("template_category", str(category), look) if known(category) else NOTHING


def _table(rows: list[tuple[str, int, int]], look: Look) -> Part:
    tc, count, share = look.texts.tc, look.formats.count, look.formats.share
    numbers = (tc("column", "Sends"), tc("column", "In an open window"), tc("column", "Share"))
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
    return list_table(look.texts.t(PANEL.title), [tc("column", "Category")], numbers, lines)


PANEL: Final = Panel(
    slug="hsm-in-window",
    title=mark("HSM with the window open"),
    definition=mark(
        "HSM sends of the selection that went out within 24 h of a message of the same customer, "
        "when a plain message would have done, by template category. Share: with the window open ÷ "
        "sends (neither new nor without confirmation). Same dates as the templates."
    ),
    view=view,
    is_empty=lambda frame: frame.empty,
    kind="list",
    height=150,
    narrow_height=180,
)
