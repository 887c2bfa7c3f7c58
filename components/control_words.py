"""Words that scripts give to controls of the libraries.

Names for those that come without one, see assets/manners.js, and what is said of a period that
cannot be read, see assets/period.js.
"""

from components.look import Look


def control_words(look: Look) -> dict[str, str]:
    """What each control is called; ``table`` and ``calendar`` name the whole."""
    t, tc = look.texts.t, look.texts.tc
    return {
        "first": t("First page"),
        "previous": t("Previous page"),
        "next": t("Next page"),
        "last": t("Last page"),
        "page": t("Page"),
        "filter": t("Filter column"),
        "sort": t("Sort by"),
        "year": t("Year"),
        "month": t("Month"),
        "calendar": t("Calendar"),
        "period_empty": t(
            "The period needs a start and an end: write each as day/month/year, as in 31/12/2026."
        ),
        "period_no_day": t(
            '"{value}" is no day of the calendar: write day/month/year, as in 31/12/2026.'
        ),
        "period_year": t('"{value}": the year must be from {minimum} to {maximum}.'),
        "period_reversed": t("The period ends ({end}) before it starts ({start}): swap the dates."),
        "table": tc("control", "Table of messages"),
    }
