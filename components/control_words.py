"""Names for controls of the libraries that come without one; assets/manners.js gives them."""

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
        "table": tc("control", "Table of messages"),
    }
