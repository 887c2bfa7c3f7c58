"""The labels of the period's presets, such as "Last 7 days".

``queries.period`` says which days each means; ``assets/scripts/period_presets.js`` says it in the
browser.
"""

from typing import Final

from components.texts import gettext_noop

#: Name and text of each preset, in the order of the menu.
PRESETS: Final = {
    "today": gettext_noop("Today"),
    "yesterday": gettext_noop("Yesterday"),
    "last7": gettext_noop("Last 7 days"),
    "last30": gettext_noop("Last 30 days"),
    "last90": gettext_noop("Last 90 days"),
    "this_week": gettext_noop("This week"),
    "last_week": gettext_noop("Last week"),
    "this_month": gettext_noop("This month"),
    "last_month": gettext_noop("Last month"),
    "all": gettext_noop("Everything"),
}
