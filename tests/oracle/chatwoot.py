"""What the rows of Chatwoot mean, a second time: plain Python over plain rows, from the facts.

Nothing is imported from ``sources``. ``expected`` returns the cases and messages of the contract.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

Row = dict[str, Any]
Tables = dict[str, list[Row]]


def expected(
    tables: Tables,
    *,
    accounts: Iterable[int] = (),
    case_type_attribute: str | None = None,
    api_inboxes: Iterable[str] = (),
) -> tuple[list[Row], list[Row]]:
    """Return all cases and all messages as the contract has them, by account and id."""
    wanted = set(accounts) or {row["id"] for row in tables["accounts"]}
    inboxes = {row["id"]: row for row in tables["inboxes"]}
    whatsapp = {id_ for id_, row in inboxes.items() if _is_whatsapp(row, tables, set(api_inboxes))}
    conversations = {row["id"]: row for row in tables["conversations"]}
    cases = [
        _case(row, tables, whatsapp, case_type_attribute)
        for row in conversations.values()
        if row["account_id"] in wanted
    ]
    messages = []
    for row in tables["messages"]:
        if row["account_id"] not in wanted or row["inbox_id"] not in whatsapp:
            continue
        if row["private"] or row["message_type"] == 2:
            continue
        conversation = conversations.get(row["conversation_id"])
        if conversation is not None:
            messages.append(_message(row, conversation, inboxes[row["inbox_id"]], tables))
    return cases, messages


def _is_whatsapp(inbox: Row, tables: Tables, api_inboxes: set[str]) -> bool:
    if inbox["channel_type"] == "Channel::Whatsapp":
        return True
    if inbox["channel_type"] == "Channel::TwilioSms":
        channel = _find(tables["channel_twilio_sms"], inbox["channel_id"])
        return channel is not None and channel["medium"] == 1
    if inbox["channel_type"] == "Channel::Api":
        return inbox["name"] in api_inboxes or str(inbox["id"]) in api_inboxes
    return False


def _case(row: Row, tables: Tables, whatsapp: set[int], attribute: str | None) -> Row:
    contact = _find(tables["contacts"], row["contact_id"]) or {}
    team = _find(tables["teams"], row["team_id"]) or {}
    inbox = _find(tables["inboxes"], row["inbox_id"])
    channel = "Sem canal"
    if inbox is not None:
        channel = inbox["channel_type"].split("::")[1]
    if row["inbox_id"] in whatsapp:
        channel = "WhatsApp"
    case_type = None
    if attribute is not None:
        case_type = _text(_json(row["custom_attributes"]).get(attribute))
    if case_type is None and row["cached_label_list"]:
        case_type = _text(row["cached_label_list"].split(",")[0])
    if case_type is None:
        case_type = _text(team.get("name"))
    resolved = [
        event["created_at"]
        for event in tables["reporting_events"]
        if event["conversation_id"] == row["id"] and event["name"] == "conversation_resolved"
    ]
    answers = [a for a in tables["csat_survey_responses"] if a["conversation_id"] == row["id"]]
    answers.sort(key=lambda answer: (answer["created_at"], answer["message_id"]))
    return {
        "account": str(row["account_id"]),
        "case_id": str(row["id"]),
        "case_number": str(row["display_id"]),
        "person_name": _text(contact.get("name")) or "Sem nome",
        "channel": channel,
        "case_type": case_type or "Sem tipo",
        "team": _text(team.get("name")),
        "opened_at": row["created_at"],
        "closed_at": max(resolved, default=None) if row["status"] == 1 else None,
        "csat_rating": answers[-1]["rating"] if answers else None,
    }


def _message(row: Row, conversation: Row, inbox: Row, tables: Tables) -> Row:
    attributes = _json(row["content_attributes"])
    outgoing = row["message_type"] in (1, 3)
    phone, bsuid = _customer(conversation, tables)
    source_id = row["source_id"]
    is_id = bool(source_id) and (
        inbox["channel_type"] == "Channel::Whatsapp" or source_id.startswith("wamid.")
    )
    found: Row = {
        "account": str(row["account_id"]),
        "message_id": str(row["id"]),
        "case_id": str(row["conversation_id"]),
        "direction": "out" if outgoing else "in",
        "status": None,
        "kind": "session",
        "template_name": None,
        "template_category": None,
        "business_number": _business_number(inbox, tables),
        "phone": phone,
        "body": None if attributes.get("is_unsupported") else (row["content"] or "")[:200_000],
        "sent_at": row["created_at"],
        "agent": None,
        "is_bot": False,
        "is_survey": False,
        "error_code": None,
        "error_title": None,
        "country": _country(phone, bsuid),
        "bsuid": bsuid,
        "whatsapp_id": source_id if is_id else None,
    }
    found["body"] = found["body"] or None
    if not outgoing:
        return found
    template = _json(_json(row["additional_attributes"]).get("template_params"))
    if template:
        found["kind"] = "hsm"
        found["template_name"] = _text(template.get("name"))
        found["template_category"] = _text(template.get("category"))
    found["status"] = {0: "sent", 1: "delivered", 2: "read", 3: "failed"}.get(
        row["status"], "unknown"
    )
    if row["status"] == 0 and not source_id:
        found["status"] = "new"
    if found["status"] == "failed":
        found["error_code"], found["error_title"] = _error(attributes.get("external_error"))
    found["agent"] = _agent(row, attributes, tables)
    found["is_bot"] = found["agent"] is None
    rated = {answer["message_id"] for answer in tables["csat_survey_responses"]}
    found["is_survey"] = row["content_type"] == 9 or row["id"] in rated
    return found


#: The countries of the phones in the tests, by calling code.
_COUNTRIES = {"+55": "BR", "+351": "PT", "+54": "AR", "+34": "ES", "+49": "DE", "+44": "GB"}


def _country(phone: str | None, bsuid: str | None) -> str | None:
    named = [name for code, name in _COUNTRIES.items() if phone and phone.startswith(code)]
    return named[0] if named else (bsuid[:2] if bsuid else None)


def _customer(conversation: Row, tables: Tables) -> tuple[str | None, str | None]:
    contact = _find(tables["contacts"], conversation["contact_id"]) or {}
    inbox = _find(tables["inboxes"], conversation["inbox_id"]) or {}
    there = [
        row
        for row in tables["contact_inboxes"]
        if row["contact_id"] == conversation["contact_id"]
        and row["inbox_id"] == conversation["inbox_id"]
    ]
    # The conversation's own comes first.
    own = _find(tables["contact_inboxes"], conversation["contact_inbox_id"])
    ids = [row["source_id"] for row in ([own] if own else []) + there]
    phone, bsuid = None, None
    if re.fullmatch(r"\+\d{8,15}", contact.get("phone_number") or ""):
        phone = contact["phone_number"]
    for id_ in ids:
        bare = id_.replace("whatsapp:", "")
        if phone is None and re.fullmatch(r"\+?\d{8,15}", bare):
            phone = "+" + bare.lstrip("+")
        if bsuid is None and re.match(r"[A-Z][A-Z]\.", bare):
            bsuid = bare
    return phone, bsuid if inbox else None


def _business_number(inbox: Row, tables: Tables) -> str | None:
    names = {"Channel::Whatsapp": "channel_whatsapp", "Channel::TwilioSms": "channel_twilio_sms"}
    name = names.get(inbox["channel_type"])
    channel = _find(tables[name], inbox["channel_id"]) if name else None
    return channel["phone_number"] if channel else None


def _agent(row: Row, attributes: Row, tables: Tables) -> str | None:
    if row["sender_type"] == "User":
        user = _find(tables["users"], row["sender_id"])
        return _text(user["name"]) if user else f"Agente {row['sender_id'] or '?'}"
    if row["sender_type"] is None and attributes.get("external_echo") is True:
        return "WhatsApp no celular"
    return None


def _error(error: Any) -> tuple[str | None, str | None]:
    text = _text(error)
    if text is None:
        return None, None
    code, colon, title = text.partition(":")
    if colon and code.strip().isdigit():
        return code.strip(), title.strip() or None
    return None, text


def _find(rows: list[Row], id_: Any) -> Row | None:
    return next((row for row in rows if row["id"] == id_), None)


def _json(value: Any) -> Row:
    while isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        value = json.dumps(value, ensure_ascii=False)
    kept = "".join(sign for sign in value if sign != "\0" and not "\ud800" <= sign <= "\udfff")
    return kept.strip()[:10_000] or None
