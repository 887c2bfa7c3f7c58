"""What to do about a message that failed, by the code that came with it.

Codes are those of the WhatsApp Cloud API. An action says what would make the next message arrive:

- ``retry``: the same message later. Limits of pace pass by themselves; what Meta withholds from a
  customer for now (131049) may be sent again after some time, not at once.
- ``fix_number``: nobody can be reached at that number.
- ``fix_template``: what is sent has to change: the template, its parameters or its file. With the
  window closed (131047) it is free text that has to become a template: sent again as it is, it
  fails again, and nothing is wrong with number or account.
- ``billing``: nothing is delivered until the account can pay.
- ``stop``: to go on sending is useless or makes it worse. The customer stopped marketing (131050)
  or is kept out of it by an experiment of Meta's (130472); customers block and report the number
  (131048); Meta locked or restricted the account (131031, 368).
- ``other``: a code that is not in this table.
"""

from typing import Final

#: In the order in which they are shown; a failure without a code has none.
ACTIONS: Final = ("retry", "fix_number", "fix_template", "billing", "stop", "other")

_CODES_OF: Final = {
    "retry": ("130429", "131000", "131016", "131049", "131056"),
    "fix_number": ("131021", "131026"),
    "fix_template": (
        "131047",
        "131051",
        "131053",
        "132000",
        "132001",
        "132005",
        "132007",
        "132012",
        "132015",
        "132016",
    ),
    "billing": ("131042",),
    "stop": ("368", "130472", "131031", "131048", "131050"),
}
ACTION_OF: Final = {code: action for action, codes in _CODES_OF.items() for code in codes}


def action(code: str | None) -> str | None:
    """What to do about ``code``; None where no code is known."""
    return None if code is None else ACTION_OF.get(code, "other")
