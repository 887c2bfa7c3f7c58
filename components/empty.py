"""What a panel without anything to show says, and how it helps out of there."""

from components import ids
from components.look import Look
from components.plain import Button, P, Part
from components.words import SHORT_FILTERS

#: A filter's name, "period", "all" (several filters together) or "table" (column filters).
EmptiedBy = str


def notice(emptied_by: EmptiedBy, look: Look) -> str:
    """One or two short sentences that name the cause."""
    t = look.texts.t
    nothing = t("No data with these filters.")
    if emptied_by == "period":
        return f"{nothing} " + t("The period holds none.")
    if emptied_by == "all":
        return f"{nothing} " + t("It is the combination of several that leaves nothing.")
    if emptied_by == "table":
        return f"{nothing} " + t("The filters of the table's columns leave nothing.")
    label = t(SHORT_FILTERS[emptied_by])
    return f"{nothing} " + t('The filter "{filter}" leaves nothing.', filter=label)


def widen_label(emptied_by: EmptiedBy, look: Look) -> str:
    """What the button says that gives a wider selection."""
    t = look.texts.t
    if emptied_by == "period":
        return t("See the whole period")
    if emptied_by == "all":
        return t("Clear filters")
    if emptied_by == "table":
        return t("Clear column filters")
    return t('Clear "{filter}"', filter=t(SHORT_FILTERS[emptied_by]))


def cover(slug: str, said: str = "", emptied_by: EmptiedBy = "", label: str = "") -> list[Part]:
    """What covers a panel with nothing to show: a sentence, and in its state a way out."""
    return [
        P(said, id=ids.notice(slug), role="status"),
        Button(
            label,
            id=ids.widen(slug),
            type="button",
            className="soft-button only-empty",
            value=emptied_by,
            **{"data-action": "widen"},
        ),
    ]
