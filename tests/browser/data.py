"""A small store for the browser: all words of the vocabularies, and texts that look like code."""

from datetime import UTC, datetime, timedelta

EVIL_LINK = '<a href="https://evil.test">x</a>'
EVIL_MARKDOWN = "[x](javascript:alert(1))"
EVIL_IMAGE = "![x](https://evil.test/x.png)"
ACCENTED = "João Ávila Conceição"

_PEOPLE = (EVIL_LINK, EVIL_MARKDOWN, ACCENTED, "Marina; Souza", "O'Neill & Filhos")
_CHANNELS = ("WhatsApp", "whatsapp vendas", "WHATSAPP {2}")
_TYPES = ("Reclamação", "2ª via", EVIL_LINK)
_TEAMS = ("Suporte", "", "Vendas & Pós")
_AGENTS = ("Júlia Prado", "<b>Caio</b>", "Bia")
_TEMPLATES = ("boas_vindas", EVIL_LINK, "", "lembrete_fatura")
_STATUSES = ("new", "sent", "delivered", "read", "failed", "", "read", "delivered")
_FIRST = datetime(2026, 9, 20, 14, 0, tzinfo=UTC)

Row = dict[str, str]


def rows(cases: int = 60) -> tuple[list[Row], list[Row]]:
    """Rows of cases and messages: 45 days, up to six messages a case, the same each time."""
    case_rows: list[Row] = []
    message_rows: list[Row] = []
    for number in range(cases):
        opened = _FIRST + timedelta(hours=18 * number)
        case_rows.append(_case(number, opened))
        message_rows += [_message(number, place, opened) for place in range(number % 7)]
    return case_rows, message_rows


def case_number(number: int) -> str:
    """The number of a case; every twentieth one tries to be markup."""
    return f"{EVIL_MARKDOWN}{number}" if number % 20 == 3 else str(48_000 + number)


def _case(number: int, opened: datetime) -> Row:
    return {
        "case_id": f"c{number}",
        "case_number": case_number(number),
        "person_name": _PEOPLE[number % len(_PEOPLE)],
        "channel": "E-mail" if number % 13 == 12 else _CHANNELS[number % len(_CHANNELS)],
        "case_type": _TYPES[number % len(_TYPES)],
        "team": _TEAMS[number % len(_TEAMS)],
        "opened_at": opened.isoformat(),
        "closed_at": (opened + timedelta(days=2)).isoformat() if number % 3 else "",
    }


def _message(number: int, place: int, opened: datetime) -> Row:
    mark = number + place
    outgoing = mark % 3 != 0
    hsm = outgoing and mark % 4 == 1
    return {
        "message_id": f"m{number}-{place}",
        "case_id": f"c{number}",
        "direction": "out" if outgoing else "in",
        "status": _STATUSES[mark % len(_STATUSES)] if outgoing else "",
        "kind": "hsm" if hsm else "session",
        "template_name": _TEMPLATES[mark // 4 % len(_TEMPLATES)] if hsm else "",
        "phone": f"+55119{number:04}{place:04}" if mark % 5 else "",
        "body": (EVIL_LINK, EVIL_MARKDOWN, EVIL_IMAGE, f"Olá, tudo bem? {mark} " * 4)[mark % 4],
        "sent_at": (opened + timedelta(hours=5 * place)).isoformat(),
        "agent": _AGENTS[mark % len(_AGENTS)] if outgoing and mark % 5 else "",
        "is_bot": "true" if mark % 11 == 10 else "",
        "error_code": "131026" if outgoing and mark % len(_STATUSES) == 4 else "",
    }
