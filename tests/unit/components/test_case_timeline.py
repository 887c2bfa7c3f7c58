"""What the drawer of a case shows: facts, messages, waits and notes."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from components import case_timeline
from components.html_tree import Element
from components.locale import Locale
from queries.case_timeline import Entry, Timeline, usable_key

PT = Locale.of("pt-BR")
ZONE = ZoneInfo("America/Sao_Paulo")
AT = datetime(2026, 11, 21, 23, 50, tzinfo=ZONE)
NOW = datetime(2026, 11, 22, 15, 40, tzinfo=ZONE)
PORTAL = "https://portal.test/cases/{case_id}"

RECEIVED = Entry(
    sent_at=AT,
    direction="in",
    status="read",
    kind="session",
    template_name=None,
    agent=None,
    is_bot=False,
    error=None,
    body="<b>Oi</b>",
    waited_seconds=None,
    is_longest=False,
)
SENT = replace(
    RECEIVED,
    sent_at=AT + timedelta(minutes=130),
    direction="out",
    status="failed",
    kind="hsm",
    template_name="boas_vindas",
    agent="Júlia Prado",
    error="131026: Undeliverable",
    body="Olá!",
    waited_seconds=7_800.0,
    is_longest=True,
)
CASE = Timeline(
    case_id="c/1",
    case_number="48213",
    person_name="Marina",
    channel="WhatsApp",
    case_type="Dúvida",
    team=None,
    opened_at=AT,
    closed_at=None,
    phone="+55 11 *****-4471",
    texts_hidden=False,
    messages=2,
    entries=(RECEIVED, SENT),
    waiting_since=None,
    waits_longest=False,
)


def view(case: Timeline = CASE, case_url: str | None = None) -> list[Element]:
    return case_timeline.view(case, NOW, case_url, PT)


def parts(tree: Any, class_name: str) -> list[Element]:
    """All parts of a class, in order."""
    if isinstance(tree, str):
        return []
    children = tree if isinstance(tree, list) else tree["children"]
    own = [] if isinstance(tree, list) or class_name not in tree.className.split() else [tree]
    return own + [found for child in children for found in parts(child, class_name)]


def words(tree: Any) -> str:
    if isinstance(tree, str):
        return tree
    children = tree if isinstance(tree, list) else tree["children"]
    return "".join(words(child) for child in children).replace("\u00a0", " ")


def test_a_message_shows_direction_kind_author_text_time_and_status() -> None:
    received, sent = parts(view(), "entry")
    assert words(received) == "Recebida do cliente<b>Oi</b>23:50 · ↩ Tratada"
    assert words(sent) == (
        "Enviada · HSM boas_vindas · Júlia PradoOlá!02:00 · ! Falhou · 131026: Undeliverable"
    )


@pytest.mark.parametrize(
    ("agent", "said"), [("Rô", "Enviada · WApp · Robô (Rô)"), (None, "Enviada · WApp · Robô")]
)
def test_a_message_of_a_bot_says_so(agent: str | None, said: str) -> None:
    entry = replace(SENT, kind="session", template_name=None, agent=agent, is_bot=True)
    [sent] = parts(view(replace(CASE, entries=(entry,))), "entry")
    assert words(parts(sent, "entry-head")) == said


def test_each_day_has_its_heading() -> None:
    days = [words(day) for day in parts(view(), "timeline-day")]
    assert days == ["sáb., 21/11/2026", "dom., 22/11/2026"]


def test_a_wait_stands_before_the_message_that_ended_it_and_the_longest_is_marked() -> None:
    tree = view(replace(CASE, entries=(replace(SENT, is_longest=False), SENT)))
    waits = [words(wait) for wait in parts(tree, "timeline-wait")]
    assert waits == ["esperou 2 h 10 min", "esperou 2 h 10 min · maior espera"]
    [day] = parts(view(), "timeline-list")[1:]
    assert [item.className.split()[0] for item in day["children"]] == ["timeline-pause", "entry"]


def test_the_note_that_the_customer_waits_stands_below_and_in_long_cases_also_above() -> None:
    waiting = replace(CASE, waiting_since=NOW - timedelta(hours=3))
    assert words(view(waiting)[-1]) == "Cliente aguardando há 3 h"
    assert len(parts(view(waiting), "timeline-waiting")) == 1
    long = replace(waiting, entries=(RECEIVED,) * 7)
    assert len(parts(view(long), "timeline-waiting")) == 2


@pytest.mark.parametrize(("seconds", "marked"), [(23, 0), (299, 0), (300, 1)])
def test_a_short_wait_is_not_called_the_longest(seconds: int, marked: int) -> None:
    tree = view(replace(CASE, entries=(replace(SENT, waited_seconds=float(seconds)),)))
    assert words(tree).count("maior espera") == marked
    waits = replace(CASE, waiting_since=NOW - timedelta(seconds=seconds), waits_longest=True)
    assert words(view(replace(waits, entries=()))).count("maior espera") == marked


def test_a_running_wait_that_is_the_longest_is_marked_in_every_note() -> None:
    unmarked = replace(SENT, is_longest=False)
    waiting = replace(
        CASE,
        entries=(RECEIVED,) * 6 + (unmarked,),
        waiting_since=NOW - timedelta(hours=3),
        waits_longest=True,
    )
    tree = view(waiting)
    said = [words(part) for part in parts(tree, "timeline-waiting")]
    assert said == ["Cliente aguardando há 3 h · maior espera"] * 2
    assert words(tree).count("maior espera") == 2


def test_the_head_shows_the_facts_of_the_case() -> None:
    facts = words(parts(view(), "timeline-facts"))
    assert facts == (
        "SolicitanteMarinaTipoDúvidaCanalWhatsAppEquipe—Abertura21/11/2026 23:50"
        "Situação do CasoAbertoTelefone+55 11 *****-4471Mensagens2"
    )
    in_full = replace(CASE, phone="+5511900004471")
    assert "Telefone+55 11 90000-4471" in words(parts(view(in_full), "timeline-facts"))
    closed = words(parts(view(replace(CASE, closed_at=NOW)), "timeline-facts"))
    assert "Situação do CasoEncerrado · 22/11/2026 15:40" in closed
    assert case_timeline.title(CASE, PT) == "Caso 48213"


def test_the_link_into_the_portal() -> None:
    for address in (None, "javascript:alert({case_id})"):
        # Visible only in a portal that opens cases by itself; it goes nowhere.
        [link] = parts(view(case_url=address), "timeline-portal")
        assert "by-portal-only" in link["attributes"]["className"]
        assert "href" not in link["attributes"]
    [link] = parts(view(case_url=PORTAL), "timeline-portal")
    assert "by-portal-only" not in link["attributes"]["className"]
    assert link["attributes"]["href"] == "https://portal.test/cases/c%2F1"
    assert (link["attributes"]["target"], link["attributes"]["rel"]) == ("_blank", "noopener")


def test_hidden_texts_are_not_sent_and_a_note_says_so() -> None:
    hidden = tuple(replace(entry, body=None) for entry in CASE.entries)
    tree = view(replace(CASE, texts_hidden=True, entries=hidden))
    assert [words(text) for text in parts(tree, "entry-text")] == ["(texto oculto)"] * 2
    assert "Você não pode ver o texto das mensagens." in words(tree)
    tree = view(replace(CASE, entries=hidden))
    assert [words(text) for text in parts(tree, "entry-text")] == ["(sem texto)"] * 2


def test_a_case_with_more_messages_than_are_shown_says_so() -> None:
    cut = "São mostradas só as 2 mensagens mais recentes de 1.234."
    assert cut in words(view(replace(CASE, messages=1_234)))
    assert "São mostradas" not in words(view())
    nothing = view(replace(CASE, messages=0, entries=()))
    assert "Este caso não tem mensagens." in words(nothing)


def test_a_failure_offers_another_try() -> None:
    [_, again] = case_timeline.failure("Não deu.", "7", PT)
    assert (again["attributes"]["data-action"], again["attributes"]["data-value"]) == ("case", "7")


def test_html_in_a_message_is_shown_as_text() -> None:
    assert "dangerouslySetInnerHTML" not in json.dumps(view())


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ("17", 17),
        (17, 17),
        ("0", 0),
        (str(2**63 - 1), 2**63 - 1),
        *((bad, None) for bad in ("", "-1", "1.5", "1e3", "x", "²", "\u0661", " 1", "9" * 19)),
        *((bad, None) for bad in (None, True, 1.0, -1, 2**63, [1], {"a": 1}, "9" * 10_000)),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_a_case_key_from_a_browser_is_checked(given: object, key: int | None) -> None:
    assert usable_key(given) == key
