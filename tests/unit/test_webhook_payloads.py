"""What becomes of each part of a payload: of every real one, and of what they do not hold."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sources.countries import country_of
from sources.webhooks.case_numbers import case_number_of
from sources.webhooks.customers import bsuid_of, phone_of
from sources.webhooks.facts import Kept, MessageFact, Outcome, Rejected
from sources.webhooks.payloads import read_payload
from sources.webhooks.sends import read_send
from sources.webhooks.values import text_of, time_of

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "webhooks"
#: The id that the author of one repository gave to nearly all of his messages.
SHARED_ID = "wamid.nBgN6TUyN2k5NzAzM5kzNhUCABI8FDNFQjAxQkE5REI4NEUzQ5Y5QTNgAA=="
#: Each real payload: the kinds that are kept of it, and what its fact of a message says, read by
#: hand. The number of the company and the account are those of the file.
EXPECTED: dict[str, tuple[list[str], dict[str, Any]]] = {
    "bindambc__accountBanned": (["account_update"], {}),
    "bindambc__accountRestricted": (["account_update"], {}),
    "bindambc__accountReview": (["account_review_update"], {}),
    "bindambc__verifiedAccount": (["account_update"], {}),
    "bindambc__phoneNumberNameUpdate": (["phone_number_name_update"], {}),
    "bindambc__qualityUpdate": (["phone_number_quality_update"], {}),
    "bindambc__rejectedTemplate": (["message_template_status_update"], {}),
    "bindambc__templateSchedulingForDisabling": (["message_template_status_update"], {}),
    "bindambc__messageDeleted": (["unsupported"], {}),
    "bindambc__reactMessage": (["reaction"], {}),
    "pywa__message__reaction": (["reaction"], {}),
    # The company's number is the customer's here: its author replaced both by ones.
    "bindambc__audioMessage": ([], {"is_out": False, "body": None, "phone": "+1111111111111"}),
    "bindambc__documentMessage": ([], {"is_out": False, "body": None}),
    "bindambc__imageMessage": ([], {"is_out": False, "body": None}),
    "bindambc__locationMessage": ([], {"is_out": False, "body": None}),
    "bindambc__contactMessage": ([], {"is_out": False, "body": None, "country": None}),
    "bindambc__stickerMessage": ([], {"is_out": False, "body": None, "whatsapp_id": SHARED_ID}),
    "bindambc__buttonMessage": ([], {"is_out": False, "body": "SIM", "whatsapp_id": SHARED_ID}),
    "bindambc__videoMessage": ([], {"is_out": False, "body": "hello world"}),
    "bindambc__textMessage": (
        [],
        {
            "whatsapp_id": SHARED_ID,
            "sent_at": datetime(2023, 1, 5, 19, 39, 38, tzinfo=UTC),
            "is_out": False,
            "body": "hi everyone!",
            "business_account": "880480571844883",
            "business_number": "+43330585569",
            "phone": "+1111111111111",
            "contact_name": "Mauricio Binda",
            "agent": None,
            "is_template": False,
        },
    ),
    # From the company's own number, to the customer who is named beside it.
    "bindambc__textMessage2": (
        [],
        {"is_out": True, "body": "Good afternoon", "phone": "+1111111111111", "agent": None},
    ),
    "bindambc__textMessageStatusSent": (
        [],
        {
            "status": "sent",
            "is_out": True,
            "billable": True,
            "pricing_category": "business_initiated",
            "is_template": True,
            "occurred_at": datetime(2023, 1, 6, 15, 51, 57, tzinfo=UTC),
        },
    ),
    "bindambc__textMessageStatusDelivered": ([], {"status": "delivered", "is_template": True}),
    "bindambc__textMessageStatusRead": (
        [],
        {"status": "read", "billable": None, "pricing_category": None, "is_template": False},
    ),
    "bindambc__mediaUploadError": (
        [],
        {
            "status": "failed",
            "error_code": "131053",
            "error_title": "Media upload error",
            "phone": "+1111111111111",
            "contact_name": None,
        },
    ),
    "bindambc__reEngagementMessageError": (
        [],
        {
            "status": "failed",
            "error_code": "131047",
            "error_title": "Re-engagement message",
            "phone": "+5511111111111",
            "country": "BR",
        },
    ),
    "pywa__message__text": (
        [],
        {
            "whatsapp_id": "wamid.xyzxyz",
            "sent_at": datetime(2023, 10, 11, 16, 53, 43, tzinfo=UTC),
            "is_out": False,
            "body": "Body Text",
            "phone": "+972987654321",
            "bsuid": "US.13491208655302741918",
            "country": "IL",
            "contact_name": "Test Name",
        },
    ),
    "pywa__message__image": ([], {"is_out": False, "body": None}),
    "pywa__callback_selection__callback": ([], {"is_out": False, "body": "title"}),
    "pywa__message__interactive_message_with_err": (["error"], {"is_out": False, "body": None}),
    "pywa__message_status__delivered": (
        [],
        {"status": "delivered", "pricing_category": "service", "is_template": False},
    ),
    "pywa__message_status__failed": ([], {"status": "failed", "error_code": "130472"}),
}
NUMBER = {"display_phone_number": "55 51 3333-4444", "phone_number_id": "77"}
CUSTOMER = "5511987654321"
AT = "1760000000"
MOMENT = datetime(2025, 10, 9, 8, 53, 20, tzinfo=UTC)


def payload(value: dict[str, Any], field: str = "messages") -> dict[str, Any]:
    change = {"field": field, "value": {"metadata": NUMBER, **value}}
    return {"object": "whatsapp_business_account", "entry": [{"id": "9", "changes": [change]}]}


def read(value: dict[str, Any], field: str = "messages") -> list[Outcome]:
    return list(read_payload(payload(value, field)))


def fact(value: dict[str, Any], field: str = "messages") -> MessageFact:
    [found] = read(value, field)
    assert isinstance(found, MessageFact), found
    return found


def message(**fields: Any) -> dict[str, Any]:
    usual = {"id": "m1", "from": CUSTOMER, "timestamp": AT, "type": "text"}
    return {**usual, "text": {"body": "oi"}, **fields}


def status(**fields: Any) -> dict[str, Any]:
    return {"id": "m1", "status": "sent", "timestamp": AT, "recipient_id": CUSTOMER, **fields}


# --- the real ones --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXPECTED)
def test_what_becomes_of_a_real_payload(name: str) -> None:
    path = REAL / f"{name}.json"
    if not path.is_file():
        pytest.skip(f"the real payloads of {REAL} are not here")
    outcomes = list(read_payload(json.loads(path.read_text(encoding="utf-8"))))
    kept, told = EXPECTED[name]
    assert [one.kind for one in outcomes if isinstance(one, Kept)] == kept
    facts = [one for one in outcomes if isinstance(one, MessageFact)]
    assert len(facts) == bool(told)
    for one in facts:
        assert {field: getattr(one, field) for field in told} == told
    assert len(outcomes) == len(kept) + len(facts)


def test_every_real_payload_is_in_the_table_above() -> None:
    if not REAL.is_dir():
        pytest.skip(f"the real payloads of {REAL} are not here")
    assert {path.stem for path in REAL.glob("*.json")} == set(EXPECTED)


# --- arrays ---------------------------------------------------------------------------------------


def test_every_element_of_every_array_is_read() -> None:
    value = {
        "contacts": [{"wa_id": CUSTOMER, "profile": {"name": "Ana"}}],
        "messages": [message(), message(id="m2"), 7],
        "statuses": [status(id="s1"), status(id="s2")],
        "errors": [{"code": 1}],
    }
    whole = payload(value)
    whole["entry"][0]["changes"].append({"field": "account_alerts", "value": {"a": 1}})
    whole["entry"] += [whole["entry"][0], "x", {"id": "9"}, {"id": "9", "changes": [3]}]
    outcomes = list(read_payload(whole))
    ids = [one.whatsapp_id for one in outcomes if isinstance(one, MessageFact)]
    assert ids == ["m1", "m2", "s1", "s2"] * 2
    kept = [one.kind for one in outcomes if isinstance(one, Kept)]
    assert kept == ["error", "account_alerts", "error", "account_alerts", "entry"]
    rejected = [one.place for one in outcomes if isinstance(one, Rejected)]
    where = "changes[0].value.messages[2]"
    assert rejected == [f"entry[0].{where}", f"entry[1].{where}", "entry[2]", "entry[4].changes[0]"]


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({"object": "page"}, Kept),
        ({"object": "whatsapp_business_account", "entry": []}, Kept),
        ({"a": 1}, Rejected),
        ([], Rejected),
        (None, Rejected),
        (payload({}), Kept),
        (payload({"messages": []}), Kept),
        (payload({"history": [{"threads": []}]}, "history"), Kept),
        ({"entry": [{"changes": [{"field": "messages"}]}]}, Kept),
    ],
)
def test_what_is_not_known_is_kept_and_what_is_no_payload_is_rejected(
    given: Any, kind: type[Outcome]
) -> None:
    [one] = read_payload(given)
    assert isinstance(one, kind)


@pytest.mark.parametrize(
    ("part", "place"),
    [
        (message(id=" "), "id"),
        (message(id=None), "id"),
        (message(timestamp="ontem"), "timestamp"),
        (message(timestamp="-5"), "timestamp"),
        (message(timestamp="1760000000000"), "timestamp"),
        (message(timestamp="9" * 5_000), "timestamp"),
        (message(timestamp=True), "timestamp"),
        (message(type="edit", edit={}), "edit.original_message_id"),
        (message(type="revoke"), "revoke.original_message_id"),
    ],
)
def test_a_part_without_id_or_time_is_rejected(part: dict[str, Any], place: str) -> None:
    [one] = read({"messages": [part]})
    assert isinstance(one, Rejected)
    assert one.place == f"entry[0].changes[0].value.messages[0].{place}"


# --- customers ------------------------------------------------------------------------------------


def test_a_customer_without_a_phone_is_known_by_the_user_id() -> None:
    value = {
        "contacts": [{"user_id": "BR.150", "profile": {"name": "Ana", "username": "@ana"}}],
        "messages": [message(**{"from": None, "from_user_id": "BR.150"})],
    }
    told = fact(value)
    assert (told.phone, told.bsuid, told.country) == (None, "BR.150", "BR")
    assert told.contact_name == "Ana"
    told = fact({"statuses": [status(recipient_id=None, recipient_user_id="PT.ENT.9")]})
    assert (told.phone, told.bsuid, told.country) == (None, "PT.ENT.9", "PT")
    # Some places write the id where the phone was.
    told = fact({"messages": [message(**{"from": "BR.150"})]})
    assert (told.phone, told.bsuid) == (None, "BR.150")


def test_a_customer_is_found_among_several_contacts() -> None:
    contacts = [
        {"wa_id": "5511900000000", "profile": {"name": "Bia"}},
        {"wa_id": CUSTOMER, "user_id": "BR.1", "profile": {"name": "Ana"}},
    ]
    told = fact({"contacts": contacts, "messages": [message()]})
    assert (told.contact_name, told.bsuid) == ("Ana", "BR.1")
    told = fact({"contacts": contacts, "messages": [message(**{"from": "5521900000000"})]})
    assert (told.contact_name, told.phone) == (None, "+5521900000000")


def test_messages_of_a_group() -> None:
    told = fact({"messages": [message(group_id="G1")]})
    assert (told.group_id, told.phone, told.is_out) == ("G1", f"+{CUSTOMER}", False)
    told = fact({"statuses": [status(recipient_id="G1", recipient_type="group")]})
    assert (told.group_id, told.phone) == ("G1", None)


@pytest.mark.parametrize(
    ("phone", "bsuid", "country"),
    [
        ("+5511987654321", None, "BR"),
        ("+552799703093", "US.1", "BR"),
        ("+351912345678", None, "PT"),
        ("+77012345678", None, "KZ"),
        ("+79161234567", None, "RU"),
        ("+1111111111111", "BR.1", "BR"),
        ("+1111111111111", None, None),
        ("+99999999", None, None),
        (None, "DE.ENT.7", "DE"),
        (None, None, None),
    ],
)
def test_the_country(phone: str | None, bsuid: str | None, country: str | None) -> None:
    assert country_of(phone, bsuid) == country


def test_phones_and_user_ids() -> None:
    assert phone_of("+55 (51) 3333-4444") == "+555133334444"
    assert [phone_of(text) for text in ("", "1234567", "1" * 16, "BR.1", "5,5E12", 5, None)] == (
        [None] * 7
    )
    assert bsuid_of(None, "x", "br.1", "BR.", "BRA.1", "BR.1 2", "BR.12") == "BR.12"
    assert bsuid_of(None) is None


# --- texts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "content", "body"),
    [
        ("text", {"body": "  oi\n "}, "  oi\n "),
        ("text", {"body": "a\0b\ud800"}, "ab"),
        ("text", {"body": ""}, None),
        ("text", {"body": 5}, None),
        ("image", {"id": "1", "caption": "a conta"}, "a conta"),
        ("video", {"caption": "veja"}, "veja"),
        ("document", {"filename": "a.pdf"}, None),
        ("document", {"filename": "a.pdf", "caption": "segue"}, "segue"),
        ("audio", {"id": "1", "voice": True}, None),
        ("sticker", {"id": "1"}, None),
        ("location", {"latitude": 1, "name": "Loja"}, None),
        ("contacts", [{"name": {"formatted_name": "Bia"}}], None),
        ("button", {"text": "Sim", "payload": "S"}, "Sim"),
        ("interactive", {"type": "button_reply", "button_reply": {"title": "Não"}}, "Não"),
        ("interactive", {"type": "list_reply", "list_reply": {"title": "Manhã"}}, "Manhã"),
        ("interactive", {"type": "nfm_reply", "nfm_reply": {"body": "Sent"}}, "Sent"),
        ("interactive", {"type": "call_permission_reply"}, None),
        ("order", {"text": "dois", "product_items": []}, "dois"),
        ("text", "oi", None),
        ("text", {"body": "x" * 200_001}, "x" * 200_000),
    ],
)
def test_the_text_of_each_kind_of_message(kind: str, content: Any, body: str | None) -> None:
    assert fact({"messages": [message(type=kind, **{kind: content})]}).body == body


@pytest.mark.parametrize("kind", ["reaction", "system", "unsupported", "unknown", None])
def test_what_is_no_message_of_a_person_is_kept(kind: str | None) -> None:
    [one] = read({"messages": [message(type=kind)]})
    assert isinstance(one, Kept)
    assert (one.kind, one.occurred_at) == (kind or "unknown", MOMENT)
    assert one.payload["metadata"] == NUMBER


# --- echoes, edits, deletions ---------------------------------------------------------------------


def test_an_echo_is_written_by_somebody_at_the_phone() -> None:
    echo = {"from": "555133334444", "to": CUSTOMER, "id": "e1", "timestamp": AT, "type": "text"}
    told = fact({"message_echoes": [{**echo, "text": {"body": "ok"}}]}, "smb_message_echoes")
    assert (told.is_out, told.agent, told.body) == (True, "WhatsApp no celular", "ok")
    assert (told.phone, told.business_number) == (f"+{CUSTOMER}", "+555133334444")


def test_an_edit_is_a_fact_of_the_message_that_it_changes() -> None:
    edit = {"original_message_id": "m0", "message": {"type": "text", "text": {"body": "olá"}}}
    told = fact({"messages": [message(type="edit", edit=edit)]})
    assert (told.whatsapp_id, told.body, told.is_out) == ("m0", "olá", False)
    assert told.sent_at == told.body_at == told.edited_at == MOMENT


def test_a_deletion_is_a_fact_of_the_message_that_it_takes_back() -> None:
    revoke = {"original_message_id": "m0"}
    told = fact({"messages": [message(type="revoke", revoke=revoke)]})
    assert (told.whatsapp_id, told.is_deleted, told.body) == ("m0", True, None)


# --- statuses -------------------------------------------------------------------------------------


def test_to_have_played_a_voice_note_is_to_have_read_it() -> None:
    assert fact({"statuses": [status(status="played")]}).status == "read"


@pytest.mark.parametrize("name", ["warning", "deleted", None])
def test_a_status_that_is_not_known_is_kept(name: str | None) -> None:
    [one] = read({"statuses": [status(status=name)]})
    assert isinstance(one, Kept)
    assert one.kind == f"status {name or 'missing'}"


TEMPLATES = {
    *("marketing", "marketing_lite", "utility", "authentication", "business_initiated"),
    "authentication-international",
}
OTHERS = {"service", "referral_conversion", "user_initiated", "something_new", None}


@pytest.mark.parametrize("category", sorted(TEMPLATES | OTHERS, key=str))
def test_the_category_says_whether_it_is_a_template(category: str | None) -> None:
    pricing = {"billable": False, "type": "free_entry_point", "category": category}
    told = fact({"statuses": [status(pricing=pricing)]})
    assert told.is_template is (category in TEMPLATES)
    assert told.pricing_category == (category and category.replace("-", "_"))
    assert (told.billable, told.pricing_type) == (False, "free_entry_point")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("4711", "4711"),
        (" N-4711 ", "N-4711"),
        (4711, "4711"),
        ("caso 12", "caso 12"),
        ('{"case": 1}', None),
        ("[1]", None),
        ("a|b", None),
        ("x" * 61, None),
        ("a\nb", None),
        ("", None),
        (None, None),
    ],
)
def test_the_case_number_of_the_text_that_the_sender_added(text: Any, number: str | None) -> None:
    assert case_number_of(text) == number
    assert fact({"statuses": [status(biz_opaque_callback_data=text)]}).case_number == number


# --- sends ----------------------------------------------------------------------------------------

ANSWER = {
    "messaging_product": "whatsapp",
    "contacts": [{"input": "+5511987654321", "wa_id": "551187654321", "user_id": "BR.1"}],
    "messages": [{"id": "wamid.S", "message_status": "accepted"}],
}


def send(request: dict[str, Any], **record: Any) -> Outcome:
    [one] = read_send({"request": request, "response": ANSWER, **record})
    return one


def test_a_template_that_was_sent() -> None:
    told = send(
        {
            "to": "+5511987654321",
            "type": "template",
            "template": {"name": "aviso", "language": {"code": "pt_BR"}},
            "biz_opaque_callback_data": "4711",
        },
        template_category="UTILITY",
        business_number="555133334444",
        sent_at="2025-10-09T05:53:20-03:00",
    )
    assert isinstance(told, MessageFact)
    assert (told.whatsapp_id, told.is_template, told.template_name) == ("wamid.S", True, "aviso")
    # The number as WhatsApp has it, which its webhooks will name.
    assert (told.phone, told.bsuid, told.country) == ("+551187654321", "BR.1", "BR")
    assert (told.template_category, told.case_number) == ("UTILITY", "4711")
    assert (told.sent_at, told.business_number) == (MOMENT, "+555133334444")
    assert (told.is_out, told.is_accepted, told.body) == (True, True, None)


@pytest.mark.parametrize(
    ("request_", "body"),
    [
        ({"type": "text", "text": {"body": "oi"}}, "oi"),
        ({"text": {"body": "oi"}}, "oi"),
        ({"type": "image", "image": {"link": "x", "caption": "veja"}}, "veja"),
        ({"type": "interactive", "interactive": {"body": {"text": "Confirma?"}}}, "Confirma?"),
    ],
)
def test_the_text_that_was_sent(request_: dict[str, Any], body: str) -> None:
    told = send({"to": CUSTOMER, **request_})
    assert isinstance(told, MessageFact)
    assert (told.body, told.is_template, told.sent_at) == (body, False, None)


def test_requests_that_send_no_message() -> None:
    assert isinstance(send({"type": "reaction", "reaction": {}}), Kept)
    read_mark = {"request": {"status": "read", "message_id": "m"}, "response": {"success": True}}
    assert isinstance(next(read_send(read_mark)), Kept)


@pytest.mark.parametrize(
    ("record", "place"),
    [
        ([], ""),
        ({}, "request"),
        ({"request": {}, "response": "x"}, "request"),
        (
            {"request": {"type": "text"}, "response": {"error": {"code": 1}}},
            "response.messages[0].id",
        ),
        ({"request": {"type": "text"}, "response": ANSWER, "sent_at": "ontem"}, "sent_at"),
        (
            {"request": {"type": "text"}, "response": ANSWER, "sent_at": "2026-01-01T10:00:00"},
            "sent_at",
        ),
    ],
)
def test_records_that_cannot_be_read(record: Any, place: str) -> None:
    [one] = read_send(record)
    assert isinstance(one, Rejected)
    assert one.place == place


def test_values() -> None:
    assert text_of("  a\0 ") == "a"
    assert [text_of(value) for value in (None, True, 1.5, {}, " ", "\ud800")] == [None] * 6
    assert text_of(131047) == "131047"
    assert time_of(AT) == time_of(int(AT)) == MOMENT
    assert time_of("٣٣٣") is None
