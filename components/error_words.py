"""What the error codes of WhatsApp mean, one short clause each, in the words of the page."""

from typing import Final

from components.look import Look
from components.texts import mark_c

_MEANINGS: Final = {
    "368": mark_c("error", "Meta restricted the account for breaking its policies"),
    "130429": mark_c("error", "too many messages in a short time"),
    "130472": mark_c("error", "the customer is in an experiment of Meta's without marketing"),
    "131000": mark_c("error", "unexpected error at Meta"),
    "131016": mark_c("error", "Meta's service was unavailable"),
    "131021": mark_c("error", "sent to the business's own number"),
    "131026": mark_c("error", "the number is not on WhatsApp, or cannot receive the message"),
    "131031": mark_c("error", "Meta locked the account"),
    "131042": mark_c("error", "problem with the account's payment"),
    "131047": mark_c("error", "the 24 h window was closed: only a template can be sent"),
    "131048": mark_c("error", "customers blocked or reported the number too often"),
    "131049": mark_c("error", "withheld by Meta: the customer gets too much marketing"),
    "131050": mark_c("error", "the customer stopped marketing messages"),
    "131051": mark_c("error", "type of message that is not supported"),
    "131053": mark_c("error", "the attached file could not be taken"),
    "131056": mark_c("error", "too many messages to the same customer in a short time"),
    "132000": mark_c("error", "wrong number of parameters for the template"),
    "132001": mark_c("error", "the template does not exist, or not in this language"),
    "132005": mark_c("error", "the template's text is too long once filled in"),
    "132007": mark_c("error", "the template's content breaks Meta's policy"),
    "132012": mark_c("error", "a parameter is not as the template has it"),
    "132015": mark_c("error", "the template is paused for low quality"),
    "132016": mark_c("error", "the template was disabled for low quality"),
}


def error_meaning(code: str, look: Look) -> str | None:
    """What ``code`` means; None of a code that nobody here knows."""
    found = _MEANINGS.get(code)
    return look.texts.tc(*found) if found else None
