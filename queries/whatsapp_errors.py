"""What to do about a failed message, by its error code of the WhatsApp Cloud API.

The actions:

- ``retry``: send the same message later. Limits of messages in a time pass; a message that Meta
  withholds from this customer for now (131049) may be sent again after some time, not at once.
- ``fix_number``: WhatsApp reaches nobody at this number.
- ``fix_template``: change what is sent: the template, its parameters or its file. Where the window
  was closed (131047), send a template instead of free text; number and account are fine.
- ``billing``: settle the account's payment; until then nothing is delivered.
- ``stop``: send nothing more, it is useless or makes it worse. The customer stopped marketing
  (131050) or is kept out of it by an experiment of Meta's (130472); customers block and report the
  number (131048); Meta locked or restricted the account (131031, 368).
- ``other``: the code is not in this table; look it up.
"""

from typing import Final

#: The actions in the order in which the panel ``failures`` lists them.
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
#: The action for each code of the table.
ACTION_OF: Final = {code: action for action, codes in _CODES_OF.items() for code in codes}


def action(code: str | None) -> str | None:
    """Return what to do about the error ``code``: one of ``ACTIONS``, or None for None.

    A code that is not in the table gives ``other``.
    """
    return None if code is None else ACTION_OF.get(code, "other")
