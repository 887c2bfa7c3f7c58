"""The meanings of WhatsApp's error codes, a short translated clause each, for the page.

``queries.whatsapp_errors`` says what to do about each code; ``components.error_messages`` has the
product's own errors.
"""

from typing import Final

from components.locale import Locale
from components.texts import pgettext_noop

#: By code of the WhatsApp Cloud API: context and English text of its meaning.
_MEANINGS: Final = {
    "368": pgettext_noop("error", "Meta restricted the account for breaking its policies"),
    "130429": pgettext_noop("error", "too many messages in a short time"),
    "130472": pgettext_noop(
        "error", "the customer is in an experiment of Meta's without marketing"
    ),
    "131000": pgettext_noop("error", "unexpected error at Meta"),
    "131016": pgettext_noop("error", "Meta's service was unavailable"),
    "131021": pgettext_noop("error", "sent to the business's own number"),
    "131026": pgettext_noop(
        "error", "the number is not on WhatsApp, or cannot receive the message"
    ),
    "131031": pgettext_noop("error", "Meta locked the account"),
    "131042": pgettext_noop("error", "problem with the account's payment"),
    "131047": pgettext_noop("error", "the 24 h window was closed: only a template can be sent"),
    "131048": pgettext_noop("error", "customers blocked or reported the number too often"),
    "131049": pgettext_noop("error", "withheld by Meta: the customer gets too much marketing"),
    "131050": pgettext_noop("error", "the customer stopped marketing messages"),
    "131051": pgettext_noop("error", "type of message that is not supported"),
    "131053": pgettext_noop("error", "the attached file could not be taken"),
    "131056": pgettext_noop("error", "too many messages to the same customer in a short time"),
    "132000": pgettext_noop("error", "wrong number of parameters for the template"),
    "132001": pgettext_noop("error", "the template does not exist, or not in this language"),
    "132005": pgettext_noop("error", "the template's text is too long once filled in"),
    "132007": pgettext_noop("error", "the template's content breaks Meta's policy"),
    "132012": pgettext_noop("error", "a parameter is not as the template has it"),
    "132015": pgettext_noop("error", "the template is paused for low quality"),
    "132016": pgettext_noop("error", "the template was disabled for low quality"),
    # Of the codes below no list says what helps, so their action is "look into it".
    "0": pgettext_noop("error", "Meta could not sign the sender in"),
    "3": pgettext_noop("error", "the sender's access lacks a capability"),
    "4": pgettext_noop("error", "too many calls to Meta in a short time"),
    "10": pgettext_noop("error", "a permission was not granted or was taken away"),
    "33": pgettext_noop("error", "the business number does not exist any more"),
    "100": pgettext_noop("error", "a field of the message is unknown or misspelt"),
    "190": pgettext_noop("error", "the sender's access to Meta expired"),
    "80007": pgettext_noop("error", "the account's limit of messages was reached"),
    "130497": pgettext_noop("error", "the account may not send to this country"),
    "131005": pgettext_noop("error", "the sender's access was denied"),
    "131008": pgettext_noop("error", "a required field of the message is missing"),
    "131009": pgettext_noop("error", "a value of the message is not valid"),
    "131037": pgettext_noop("error", "the business number's display name is not approved"),
    "131045": pgettext_noop("error", "the business number is registered with a wrong certificate"),
    "131052": pgettext_noop("error", "the customer's file could not be fetched"),
    "131057": pgettext_noop("error", "the account is under maintenance"),
    "132068": pgettext_noop("error", "the form in the template is blocked"),
    "132069": pgettext_noop("error", "the form in the template is slowed down by Meta"),
    "133004": pgettext_noop("error", "Meta's servers were unavailable for a while"),
    "133010": pgettext_noop("error", "the business number is not registered"),
    "134011": pgettext_noop("error", "the terms of WhatsApp Payments were not accepted"),
    "135000": pgettext_noop("error", "unknown error in what was sent"),
}
#: Every code that has a meaning.
KNOWN_CODES: Final = tuple(_MEANINGS)


def error_meaning(code: str, locale: Locale) -> str | None:
    """Return a translated clause on what an error code of WhatsApp means; None for an unlisted one.

    ``code`` is a code of the WhatsApp Cloud API as text, for example "131026".
    """
    meaning = _MEANINGS.get(code)
    return locale.texts.pgettext(*meaning) if meaning else None
