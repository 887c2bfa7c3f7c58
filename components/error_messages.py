"""The sentence that people read for an error: what went wrong, and what they can do.

For errors of the server and of requests; ``components.whatsapp_errors`` has WhatsApp's own.
"""

from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from typing import Final

from components.formats import shortened
from components.labels import FILTERS, column_labels, value_labels
from components.locale import Locale
from components.texts import Texts, gettext_noop
from queries.errors import (
    FilterError,
    NotAllowed,
    OneAccountOnly,
    QueryTimeout,
    RevealNotRecorded,
    SessionEnded,
    StoreUnavailable,
    TooBusy,
    TooManyRequests,
)

#: Most characters of a value from the request that a sentence repeats.
VALUE_LIMIT: Final = 60

_SESSION_ENDED: Final = gettext_noop(
    "Your session has expired: open this page in your portal again."
)

#: By the codes of ``queries.errors.FilterError``; its ``params`` fill the places.
_FILTER_ERRORS: Final[Mapping[str, str]] = {
    "bad_date": gettext_noop(
        '"{value}" is not a date for {name}: write year-month-day, as in 2026-12-31.'
    ),
    "bad_number": gettext_noop(
        '"{value}" does not fit {name}: give a number from {minimum} to {maximum}.'
    ),
    "bad_value": gettext_noop('"{value}" is not a value of {name}. Choose one of: {allowed}.'),
    "empty_value": gettext_noop("{name} came without a value: give one, or leave it out."),
    "masked_column": gettext_noop(
        "The column {column} is masked: the table can be neither ordered nor filtered by it."
    ),
    "not_json": gettext_noop("The question is not valid JSON."),
    "period_doubled": gettext_noop(
        "The period is given twice: give either its name or its start and end."
    ),
    "period_incomplete": gettext_noop(
        "The period has only one of its ends: give the start and the end."
    ),
    "period_reversed": gettext_noop(
        "The period ends ({end}) before it starts ({start}): swap the dates."
    ),
    "repeated": gettext_noop("{name} was given more than once: give it one single time."),
    "too_deep": gettext_noop(
        "In this order the first {limit} rows can be paged through: narrow the filters, or turn "
        "the order round."
    ),
    "too_long": gettext_noop(
        "{name} has {count} characters, and at most {limit} are searched for."
    ),
    "too_many_buckets": gettext_noop(
        "That makes {count} steps on the time axis, and at most {limit} can be shown: "
        "choose a shorter period or wider steps."
    ),
    "too_many_rows": gettext_noop(
        "That makes {count} rows, and a workbook holds at most {limit}: choose a shorter period or "
        "download the CSV."
    ),
    "too_many_values": gettext_noop("{name} has {count} values, and at most {limit} are taken."),
    "unknown_column": gettext_noop('There is no column "{column}".'),
    "unknown_parameter": gettext_noop('There is no filter "{name}".'),
    "unusable_text": gettext_noop("{name} contains characters that cannot be searched for."),
    "wrong_type": gettext_noop("{name} must be a text or a list of texts."),
    "year_out_of_range": gettext_noop(
        '"{value}" does not fit {name}: the year must be from {minimum} to {maximum}.'
    ),
}
#: In place of these for readers of the page, who write no addresses and programs.
_ON_PAGE: Final[Mapping[str, str]] = {
    "bad_date": gettext_noop(
        '"{value}" is no day of the calendar: write day/month/year, as in 31/12/2026.'
    ),
    "period_reversed": gettext_noop("End date before start date"),
    "year_out_of_range": gettext_noop("Invalid year: use dd/mm/yyyy"),
}
#: By the other kinds of ``queries.errors``.
_OTHERS: Final[Mapping[type[Exception], str]] = {
    StoreUnavailable: gettext_noop(
        "The data cannot be reached at the moment. Try again in a minute."
    ),
    QueryTimeout: gettext_noop(
        "This took too long and was stopped. Choose a shorter period or try again."
    ),
    TooBusy: gettext_noop("Many downloads are under way. Try again when one of them has ended."),
    NotAllowed: gettext_noop("You may not download data from here: ask whoever runs the portal."),
    OneAccountOnly: gettext_noop(
        "Only one account can be shown at a time: open this page from that account."
    ),
    SessionEnded: _SESSION_ENDED,
    RevealNotRecorded: gettext_noop(
        "Phones and texts are not shown, because it could not be recorded that you see them. "
        "Try again in a minute."
    ),
}
#: For requests that are refused before any filter is read, by HTTP status.
_HTTP: Final[Mapping[int, str]] = {
    HTTPStatus.BAD_REQUEST: gettext_noop("This request cannot be understood."),
    HTTPStatus.UNAUTHORIZED: _SESSION_ENDED,
    HTTPStatus.NOT_FOUND: gettext_noop("There is nothing at this address."),
    HTTPStatus.METHOD_NOT_ALLOWED: gettext_noop("This address cannot be asked in this way."),
    HTTPStatus.REQUEST_TIMEOUT: gettext_noop(
        "This request took too long to arrive: send it again."
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: gettext_noop(
        "This question is too large: give fewer values."
    ),
    HTTPStatus.REQUEST_URI_TOO_LONG: gettext_noop(
        "This address is too long: give fewer values, or send them as JSON by POST."
    ),
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: gettext_noop(
        "The headers of this request are too large: send fewer or shorter ones."
    ),
    HTTPStatus.NOT_IMPLEMENTED: gettext_noop(
        "This request came in a coding that is not read: send it plain or in chunks."
    ),
    HTTPStatus.HTTP_VERSION_NOT_SUPPORTED: gettext_noop(
        "Only HTTP/1.0 and HTTP/1.1 are answered here."
    ),
}
#: How sentences name the parameters of the period.
_ENDS: Final = {
    "start": gettext_noop("the start of the period"),
    "end": gettext_noop("the end of the period"),
}


def error_message(error: BaseException, texts: Texts, *, codes: bool = False) -> str:
    """Return one or two sentences in the language of ``texts``: what is wrong, and what to do.

    They are plain text: escape them for HTML. The errors of ``queries.errors`` but ``StoreChanged``
    have sentences of their own. Every other error gets a general sentence, without the error's own
    text, which may contain phones. Values from the request are cut at ``VALUE_LIMIT`` characters.
    With ``codes`` they are for people who write addresses and programs: the sentence about a wrong
    value lists each allowed code beside its label, and days are written as there.
    """
    if isinstance(error, FilterError):
        params = {key: _parameter_text(key, value, texts) for key, value in error.params.items()}
        if error.code == "bad_value":
            params["allowed"] = _allowed(error.params, texts, codes=codes)
        sentence = _FILTER_ERRORS[error.code]
        return texts.gettext(sentence if codes else _ON_PAGE.get(error.code, sentence), **params)
    if isinstance(error, TooManyRequests):
        return texts.ngettext(
            "That was often in one minute. Try again in {count} second.",
            "That was often in one minute. Try again in {count} seconds.",
            error.retry_after_seconds,
        )
    for kind, sentence in _OTHERS.items():
        if isinstance(error, kind):
            return texts.gettext(sentence)
    return texts.gettext(
        "Something went wrong here. Try again; if it stays, tell your support team."
    )


def http_error_message(status: int, texts: Texts) -> str:
    """Return the translated sentence for a request that is refused with the HTTP ``status``.

    400, 401, 404, 405, 408, 413, 414, 431, 501 and 505 have a sentence each; others get that of
    400.
    """
    return texts.gettext(_HTTP.get(status, _HTTP[HTTPStatus.BAD_REQUEST]))


def _allowed(params: Mapping[str, object], texts: Texts, *, codes: bool) -> str:
    """Return the allowed values, separated by commas: labels, or codes where there are no labels.

    With ``codes``, each code stands in brackets behind its label.
    """
    names = value_labels(str(params["name"]), Locale.of(texts.language))
    allowed = str(params["allowed"]).split(", ")
    if not codes:
        return ", ".join(names.get(code, code) for code in allowed)
    return ", ".join(f"{names[code]} ({code})" if code in names else code for code in allowed)


def _day(text: str) -> str:
    """Return an ISO day as 31/12/2026, and any other text cut."""
    try:
        return date.fromisoformat(text).strftime("%d/%m/%Y")
    except ValueError:
        return shortened(text, VALUE_LIMIT)


def _parameter_text(key: str, value: object, texts: Texts) -> str:
    """Return a parameter of an error as the sentence shows it."""
    name = str(value)
    if key in ("start", "end"):
        return _day(name)
    if key == "column":
        return column_labels(Locale.of(texts.language)).get(name, shortened(name, VALUE_LIMIT))
    if key == "name" and name in _ENDS:
        return texts.gettext(_ENDS[name])
    if key == "name" and name in FILTERS:
        return f'"{texts.gettext(FILTERS[name])}"'
    # The list of allowed values is our own text, and useless when it is cut.
    return name if key == "allowed" else shortened(name, VALUE_LIMIT)
