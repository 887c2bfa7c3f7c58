"""The names of the period menu's shortcuts, such as "Last 7 days".

``assets/scripts/period_presets.js`` computes the first and last day of each.
"""

from typing import Final

from components.texts import gettext_noop

#: Code and text of each shortcut, in the order of the menu.
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
