"""The list "Comparison": the figures of the period by channel, type, team and so on, side by side.

``components.comparison_figures`` declares the figures and says what their changes mean,
``components.heat_map`` draws the hours of a week.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from components import ids
from components.comparison_figures import (
    FIGURE_NAMES,
    FIGURES,
    Figure,
    Row,
    change,
    figure,
    is_known_of,
    signed,
    usual_figures,
    with_unanswered,
    written,
)
from components.formats import known
from components.heat_map import heat_map, hour_name, hour_span, peak, when
from components.html_tree import (
    Button,
    Details,
    Div,
    Element,
    Input,
    Label,
    Span,
    Strong,
    Summary,
    Td,
    Th,
    Tr,
)
from components.locale import Locale
from components.panels.view import Order, Panel, PanelView, bar, list_table, row_button
from components.significance import count_change_is_noise
from components.texts import gettext_noop, pgettext_noop
from queries.compared import By
from queries.frames import records
from queries.panels import breakdown
from queries.reader import Answer

#: How many rows the list shows at first.
FIRST_ROWS: Final = 15
#: How many rows more a press shows.
MORE_ROWS: Final = 100
#: The texts of the selector, in its order.
_BY_WORDS: Final[Mapping[By, tuple[str, str]]] = {
    By.CHANNEL: pgettext_noop("compare", "Channel"),
    By.CASE_TYPE: pgettext_noop("compare", "Case type"),
    By.TEAM: pgettext_noop("compare", "Team"),
    By.AGENT: pgettext_noop("compare", "Agent"),
    By.TEMPLATE: pgettext_noop("compare", "Template"),
    By.WEEKDAY: pgettext_noop("compare", "Weekday"),
    By.HOUR: pgettext_noop("compare", "Hour"),
    By.WEEKDAY_HOUR: pgettext_noop("compare", "Day and hour"),
}
#: The names of the rows of null.
_WITHOUT: Final[Mapping[By, tuple[str, str]]] = {
    By.CHANNEL: pgettext_noop("row", "No channel"),
    By.CASE_TYPE: pgettext_noop("row", "No type"),
    By.TEAM: pgettext_noop("row", "No team"),
    By.AGENT: pgettext_noop("row", "No agent"),
    By.TEMPLATE: pgettext_noop("row", "HSM without a template"),
}
#: The counts that may have changed most; the sentence above the table is about one of them.
_MOVING: Final[Mapping[By, tuple[str, ...]]] = {
    By.AGENT: ("cases_attended", "waits"),
    By.TEMPLATE: ("messages",),
}
_MOVING_ELSE: Final = ("messages", "cases_created")
#: How many rows the sentence names.
_NAMED: Final = 3
#: The figures that a heat map can show.
_HEAT: Final = (
    "messages",
    "received_messages",
    "cases_created",
    "waits",
    "median_reply_seconds",
    "within_target_share",
    "unanswered",
)


def view(answer: Answer, locale: Locale) -> PanelView:
    """Return the table of what is compared, or the heat map of the hours of a week.

    Above it stands a sentence on what changed most and who made it; of weekdays and hours it names
    the busiest one.
    """
    by = answer.table.by
    rows = [_known(row) for row in records(answer.frame)]
    if by is By.WEEKDAY_HOUR:
        return _heat(answer, rows, locale)
    names = shown_figures(answer)
    ordered = _sorted(rows, _order(answer, names))
    shown = ordered[: max(answer.table.page_size, FIRST_ROWS)] if not by.is_of_time else ordered
    sentence = _sentence(rows, by, locale)
    return PanelView(
        words=[Span(sentence, className="compared-sentence")],
        caption=_plain(sentence),
        cards=[
            Div(
                [_table(answer, rows, shown, names, locale)],
                className="compared-scroll",
                tabIndex=0,
                role="group",
                **{"aria-label": locale.texts.gettext(PANEL.title)},
            ),
            *_rest(len(ordered) - len(shown), len(shown), locale),
        ],
    )


def shown_figures(answer: Answer) -> tuple[str, ...]:
    """Return the names of the figures in the table: those that the reader chose, or the usual."""
    by, chosen = answer.table.by, answer.table.shown
    names = [name for name in chosen or usual_figures(by) if name in FIGURE_NAMES]
    return tuple(name for name in names if is_known_of(name, by)) or usual_figures(by)


def _known(row: Mapping[Any, Any]) -> Row:
    found = {str(name): (value if known(value) else None) for name, value in row.items()}
    return with_unanswered(found)


# --- the table ------------------------------------------------------------------------------------


def _order(answer: Answer, names: Sequence[str]) -> str:
    """Return the order of the rows: the reader's, or else that of the first column."""
    sort = answer.table.sort
    if sort and sort.removeprefix("-") in (*names, "value"):
        return sort
    return "value" if answer.table.by.is_of_time else f"-{names[0]}"


def _sorted(rows: Sequence[Row], order: str) -> list[Row]:
    """Return the rows sorted; what is not known comes last, equal rows stay as they were."""
    name, descends = order.removeprefix("-"), order.startswith("-")
    there = [row for row in rows if row[name] is not None]
    ordered = sorted(
        there,
        key=lambda row: row[name].casefold() if isinstance(row[name], str) else row[name],
        reverse=descends,
    )
    return [*ordered, *(row for row in rows if row[name] is None)]


def _table(
    answer: Answer, rows: Sequence[Row], shown: Sequence[Row], names: Sequence[str], locale: Locale
) -> Element:
    by = answer.table.by
    order = Order(PANEL.slug, _order(answer, names))
    figures = [figure(name) for name in names]
    heads = [order.head("value", locale.texts.pgettext(*_BY_WORDS[by]), is_number=False)]
    numbers = [order.head(one.name, locale.texts.pgettext(*one.heading)) for one in figures]
    compares = _compares(rows)
    counted = next((one.name for one in figures if one.kind == "count"), "messages")
    total = sum(row[counted] or 0 for row in rows)
    lines = [
        Tr(
            [
                Th(
                    _name(row, by, (row[counted] or 0) / total if total else 0, locale), scope="row"
                ),
                *(_cell(one, row, locale, compares=compares) for one in figures),
            ]
        )
        for row in shown
    ]
    table = list_table(locale.texts.gettext(PANEL.title), heads, numbers, lines)
    table["attributes"] |= {
        "className": "list-table compared",
        "data-columns": " ".join(names),
    }
    return table


def _name(row: Row, by: By, share: float, locale: Locale) -> list[Element]:
    """Return the name of a row and the bar of its share; a press narrows the page to it."""
    text = _row_name(row, by, locale)
    part = Span(locale.formats.share(share, 0), className="quiet")
    inside: list[Element | str] = [Span(text, className="compared-text", title=text), part]
    line = bar(share, "sent")
    if by.is_of_time or row["value"] is None:
        return [Div(inside, className="compared-name"), line]
    return [row_button(inside, (by.value, row["value"]), className="compared-name"), line]


def _row_name(row: Row, by: By, locale: Locale) -> str:
    value = row["value"]
    if by is By.WEEKDAY:
        return locale.formats.weekday_name(value)
    if by is By.HOUR:
        return hour_name(value)
    return locale.texts.pgettext(*_WITHOUT[by]) if value is None else str(value)


def _cell(one: Figure, row: Row, locale: Locale, *, compares: bool) -> Element:
    content: list[Element] = [Div(written(one, row[one.name], locale))]
    changed = change(one, row, locale) if compares else None
    if changed:
        content.append(Div(changed.text, className=f"card-change {changed.tone}"))
    return Td(content, className="number")


def _rest(left: int, shown: int, locale: Locale) -> list[Element]:
    """Return the button that shows more rows; none where all are there."""
    if left <= 0:
        return []
    count = locale.formats.count(left)
    text = locale.texts.ngettext("Show {count} more", "Show {count} more", left, count=count)
    attributes = {
        "data-action": "more",
        "data-name": ids.more(PANEL.slug),
        "data-value": str(shown + MORE_ROWS),
    }
    return [Button(text, type="button", className="fold-row", **attributes)]


# --- the sentence ---------------------------------------------------------------------------------


def _compares(rows: Sequence[Row]) -> bool:
    """Return whether anything is known of the days before."""
    return any(value for row in rows for name, value in row.items() if name.startswith("previous_"))


def _sentence(rows: Sequence[Row], by: By, locale: Locale) -> list[Element | str]:
    """Return what changed most and who made it; of weekdays and hours the busiest."""
    if by.is_of_time:
        return _busiest(rows, by, locale)
    if not _compares(rows):
        return [locale.texts.gettext("No data in the period before")]
    name = max(_MOVING.get(by, _MOVING_ELSE), key=lambda name: _movement(rows, name))
    now, before = (_sum(rows, prefix + name) for prefix in ("", "previous_"))
    heading = locale.texts.pgettext(*figure(name).heading)
    share = locale.formats.signed_share((now - before) / before if before else None)
    if not before:
        share = signed(now, locale)
    whole = Strong(f"{heading} {share}")
    movers = sorted(rows, key=lambda row: -abs(row[name] - row[f"previous_{name}"]))
    parts = [
        f"{_row_name(row, by, locale)} {signed(difference, locale)}"
        for row in movers[:_NAMED]
        if (difference := row[name] - row[f"previous_{name}"])
    ]
    noise = locale.texts.gettext("no more than chance gives")
    said: list[Element | str] = [whole]
    if count_change_is_noise(now, before):
        said.append(f" ({noise})")
    return [*said, *([": ", ", ".join(parts)] if parts else [])]


def _movement(rows: Sequence[Row], name: str) -> float:
    """Return the size of a count's change, relative to the days before; noise counts as none."""
    now, before = (_sum(rows, prefix + name) for prefix in ("", "previous_"))
    if count_change_is_noise(now, before):
        return 0
    return abs(now - before) / before if before else 1


def _sum(rows: Sequence[Row], name: str) -> int:
    return sum(row[name] or 0 for row in rows)


def _busiest(rows: Sequence[Row], by: By, locale: Locale) -> list[Element | str]:
    most = peak(rows, figure("messages"))
    if most is None:
        return []
    name = hour_span(most["value"]) if by is By.HOUR else _row_name(most, by, locale)
    return _peak_words(name, most["messages"], _sum(rows, "messages"), locale)


def _peak_words(name: str, number: int, total: int, locale: Locale) -> list[Element | str]:
    gettext, formats = locale.texts.gettext, locale.formats
    share = formats.share(number / total, 0)
    text = gettext(
        "{count} messages sent and received, {share} of all",
        count=formats.count(number),
        share=share,
    )
    return [Strong(gettext("Busiest: {name}", name=name)), f" · {text}"]


def _plain(parts: Sequence[Element | str]) -> str:
    return "".join(part if isinstance(part, str) else _plain(list(part.children)) for part in parts)


# --- the heat map ---------------------------------------------------------------------------------


def _heat(answer: Answer, rows: list[Row], locale: Locale) -> PanelView:
    sort = (answer.table.sort or "").removeprefix("-")
    shown = figure(sort if sort in _HEAT else _HEAT[0])
    heading = locale.texts.pgettext(*shown.heading)
    most = peak(rows, figure("messages"))
    sentence: list[Element | str] = []
    if most is not None:
        total = _sum(rows, "messages")
        sentence = _peak_words(when(most, locale), most["messages"], total, locale)
    title = locale.texts.gettext("{figure} by weekday and hour", figure=heading)
    return PanelView(
        words=[Span(sentence, className="compared-sentence")],
        caption=_plain(sentence),
        cards=[
            _heat_choice(shown, locale),
            *heat_map(rows, shown, _HEAT, title, locale),
        ],
    )


def _heat_choice(shown: Figure, locale: Locale) -> Element:
    """Return the buttons that choose the figure of the heat map."""
    buttons = [
        Button(
            locale.texts.pgettext(*one.heading),
            type="button",
            className="fact-button",
            **{
                "data-action": "order",
                "data-name": ids.order(PANEL.slug),
                "data-value": f"-{one.name}",
                "aria-pressed": "true" if one is shown else "false",
            },
        )
        for one in map(figure, _HEAT)
    ]
    name = locale.texts.gettext("Figure of the heat map")
    return Div(buttons, className="heat-choice", role="group", **{"aria-label": name})


# --- what stands above it from the start ----------------------------------------------------------


def tools(locale: Locale) -> list[Element]:
    """Return the selector of what is compared, and the menu of columns."""
    choices = [
        Label(
            [
                Input(
                    type="radio",
                    name=ids.by(PANEL.slug),
                    value=by.value,
                    defaultChecked=by is By.CHANNEL,
                ),
                Span(locale.texts.pgettext(*words)),
            ],
            className="compared-choice",
        )
        for by, words in _BY_WORDS.items()
    ]
    name = locale.texts.gettext("Compare by")
    selector = Div(choices, className="compared-choices", role="radiogroup", **{"aria-label": name})
    return [selector, _columns_menu(locale)]


def _columns_menu(locale: Locale) -> Element:
    title = locale.texts.gettext("Columns")
    boxes = [
        Label(
            [
                Input(
                    type="checkbox",
                    value=one.name,
                    defaultChecked=one.name in usual_figures(By.CHANNEL),
                ),
                Span(locale.texts.pgettext(*one.heading)),
            ]
        )
        for one in FIGURES
    ]
    usual = Button(
        locale.texts.gettext("Restore default columns"),
        type="button",
        className="menu-item",
        **{"data-action": "usual-figures"},
    )
    body = Div(
        [
            Div(
                boxes,
                id=ids.columns_choice(PANEL.slug),
                role="group",
                className="choices",
                **{"aria-label": title},
            ),
            Div(usual, className="menu-end"),
        ],
        className="menu-body menu-right",
    )
    face = Summary(title, className="quiet-button with-arrow")
    return Details([face, body], className="menu compared-columns")


def _is_empty(answer: Answer) -> bool:
    counted = answer.frame[["messages", "cases_created", "cases_attended", "waits"]]
    return not counted.astype(int).to_numpy().any()


PANEL: Final = Panel(
    query=breakdown.PANEL,
    title=gettext_noop("Comparison"),
    definition=gettext_noop(
        "The figures of the period side by side, each with its change against the days before. A "
        "press on a row narrows the page to it. 1st response: median from the customer's first "
        "message to the first answer of a person. Waits: times that a customer waited for a "
        "person; by agent those that the agent ended, and open ones of the agent's cases. Reply: "
        "their median. Within target: of the waits that ended or are older than the target, the "
        "share that ended within it. A change is coloured only where it is good or bad and more "
        "than chance gives: of shares by a test of two proportions at 95%, of medians from 10% "
        "and 30 values on."
    ),
    place=70,
    view=view,
    is_empty=_is_empty,
    kind="list",
    height=240,
    narrow_height=240,
    page_size=FIRST_ROWS,
    orders=("value", *FIGURE_NAMES),
    unfolds=True,
    compares=tuple(By),
    is_asked_near=True,
    tools=tools,
)
