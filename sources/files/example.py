"""A small pair of import files with all columns of the contract, for people who begin."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from sources.contract import CASES, MESSAGES, ImportFile

_CHANNEL: Final = {"account": "default", "channel": "WhatsApp Suporte"}
#: One case that was attended and closed, one that waits, one that an HSM began, one by e-mail.
_CASES: Final = (
    {
        **_CHANNEL,
        "case_id": "1",
        "case_number": "2026-0001",
        "person_name": "Ana Souza",
        "case_type": "Dúvida",
        "team": "Atendimento",
        "opened_at": "2026-11-23T09:02:00-03:00",
        "closed_at": "2026-11-23T10:15:00-03:00",
        "csat_rating": "5",
    },
    {
        **_CHANNEL,
        "case_id": "2",
        "case_number": "2026-0002",
        "person_name": "Bruno Lima",
        "case_type": "Troca",
        "team": "Atendimento",
        "opened_at": "2026-11-24T14:30:00-03:00",
    },
    {
        **_CHANNEL,
        "case_id": "3",
        "case_number": "2026-0003",
        "person_name": "Carla Dias",
        "case_type": "Cobrança",
        "team": "Financeiro",
        "opened_at": "2026-11-24T16:00:00-03:00",
    },
    {
        "account": "default",
        "case_id": "4",
        "case_number": "2026-0004",
        "person_name": "Davi Rocha",
        "channel": "E-mail",
        "case_type": "Dúvida",
        "team": "Atendimento",
        "opened_at": "2026-11-25T08:00:00-03:00",
        "closed_at": "2026-11-25T08:40:00-03:00",
    },
)
_ANA: Final = {"account": "default", "case_id": "1", "phone": "+5511900000001"}
_BRUNO: Final = {"account": "default", "case_id": "2", "phone": "+5511900000002"}
_CARLA: Final = {"account": "default", "case_id": "3", "phone": "+5511900000003"}
_OUR_NUMBER: Final = {"business_number": "+551130000000"}
_MESSAGES: Final = (
    {
        **_ANA,
        **_OUR_NUMBER,
        "message_id": "101",
        "direction": "in",
        "kind": "session",
        "sent_at": "2026-11-23T09:02:00-03:00",
        "body": "Bom dia! Qual o prazo de entrega?",
    },
    {
        **_ANA,
        **_OUR_NUMBER,
        "message_id": "102",
        "direction": "out",
        "status": "read",
        "kind": "session",
        "sent_at": "2026-11-23T09:10:00-03:00",
        "body": "Bom dia, Ana! São 3 dias úteis.",
        "agent": "Elisa",
        "is_bot": "false",
        "billable": "false",
        "pricing_category": "service",
    },
    {
        **_BRUNO,
        **_OUR_NUMBER,
        "message_id": "103",
        "direction": "in",
        "kind": "session",
        "sent_at": "2026-11-24T14:30:00-03:00",
        "body": "Quero trocar o produto",
    },
    {
        **_BRUNO,
        **_OUR_NUMBER,
        "message_id": "104",
        "direction": "out",
        "status": "delivered",
        "kind": "session",
        "sent_at": "2026-11-24T14:30:05-03:00",
        "body": "Recebemos sua mensagem. Um atendente já responde.",
        "agent": "Assistente",
        "is_bot": "true",
        "billable": "false",
        "pricing_category": "service",
    },
    {
        **_CARLA,
        **_OUR_NUMBER,
        "message_id": "105",
        "direction": "out",
        "status": "failed",
        "kind": "hsm",
        "template_name": "lembrete_fatura",
        "template_category": "UTILITY",
        "sent_at": "2026-11-24T16:00:00-03:00",
        "body": "Olá, Carla! Sua fatura vence amanhã.",
        "agent": "Fábio",
        "is_bot": "false",
        "error_code": "131026",
        "error_title": "Message undeliverable",
        "billable": "false",
        "pricing_category": "utility",
    },
    {
        **_CARLA,
        **_OUR_NUMBER,
        "message_id": "106",
        "direction": "out",
        "status": "sent",
        "kind": "hsm",
        "template_name": "lembrete_fatura",
        "template_category": "UTILITY",
        "sent_at": "2026-11-24T17:00:00-03:00",
        "body": "Olá, Carla! Sua fatura vence amanhã.",
        "agent": "Fábio",
        "is_bot": "false",
        "billable": "true",
        "pricing_category": "utility",
    },
)


def write_example(folder: Path) -> tuple[Path, Path]:
    """Write ``cases.csv`` and ``messages.csv`` to ``folder``, which is made if need be.

    Return their paths. Raises ``FileExistsError`` if one is there, and ``OSError`` if they cannot
    be written.
    """
    paths = folder / "cases.csv", folder / "messages.csv"
    for path in paths:
        if path.exists():
            raise FileExistsError(0, "is there already", str(path))
    folder.mkdir(parents=True, exist_ok=True)
    _write(paths[0], CASES, _CASES)
    _write(paths[1], MESSAGES, _MESSAGES)
    return paths


def _write(path: Path, file: ImportFile, rows: Iterable[Mapping[str, str]]) -> None:
    with path.open("x", encoding="utf-8", newline="") as opened:
        # Columns that a later version of the contract adds are empty.
        writer = csv.DictWriter(opened, file.column_names, restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
