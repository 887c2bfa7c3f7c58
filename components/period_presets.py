"""The periods that the period menu offers by name, in the order of the menu.

``assets/scripts/period_presets.js`` says which days each of them means on the present day.
"""

from typing import Final

from components.texts import gettext_noop

PRESETS: Final = {
    "today": gettext_noop("Today"),
    "yesterday": gettext_noop("Yesterday"),
    "last7": gettext_noop("Last 7 days"),
    "last30": gettext_noop("Last 30 days"),
    "last90": gettext_noop("Last 90 days"),
    "this_month": gettext_noop("This month"),
    "last_month": gettext_noop("Last month"),
    "all": gettext_noop("Everything"),
}
