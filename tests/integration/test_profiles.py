"""Exports of other programs, read by the profiles that come with the product and by copies."""

import csv
import io
import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.factory import create_app, parts_of
from app.settings import Settings
from sources.files.profiles import load_profile, shipped_profiles
from tests.integration.conftest import Here, answers, write_csv

pytestmark = pytest.mark.integration


def stored(store: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(store), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def download(store: Path, address: str) -> bytes:
    """What the page's server answers for the address of a download."""
    made = create_app(Settings(store_url=f"duckdb:///{store}"))
    with closing(parts_of(made)), made.test_client().get(address) as response:
        assert response.status_code == 200
        return bytes(response.get_data())


#: As the console of Twilio exports its log of messages.
TWILIO_COLUMNS = (
    *("From", "To", "Body", "Status", "SentDate", "ApiVersion", "NumSegments", "ErrorCode"),
    *("AccountSid", "Sid", "Direction", "Price", "PriceUnit"),
)
OURS, ANA, BIA = "whatsapp:+14155238886", "whatsapp:+5511987654471", "whatsapp:+5511987650000"


def twilio(*rows: tuple[str, str, str, str, str, str]) -> str:
    """A log of rows (sid, from, to, status, direction, sent)."""
    written = io.StringIO()
    writer = csv.DictWriter(written, TWILIO_COLUMNS)
    writer.writeheader()
    for sid, sender, to, status, direction, sent in rows:
        writer.writerow(
            {
                "Sid": sid,
                "From": sender,
                "To": to,
                "Status": status,
                "SentDate": sent,
                "Direction": direction,
                "Body": f"text of {sid}",
                "Price": "-0.005",
                "ErrorCode": "63016" if status == "undelivered" else "",
            }
        )
    return written.getvalue()


def test_a_log_of_twilio(here: Here, tmp_path: Path, store: Path) -> None:
    """Cases are made of what a phone and a number exchange without a pause of over 24 hours."""
    path = tmp_path / "log.csv"
    path.write_text(
        twilio(
            ("SM4", ANA, OURS, "received", "inbound", "2026-11-05T09:00:01Z"),
            ("SM1", ANA, OURS, "received", "inbound", "2026-11-03T09:00:00Z"),
            ("SM2", OURS, ANA, "read", "outbound-api", "Tue, 03 Nov 2026 09:05:00 +0000"),
            ("SM3", OURS, ANA, "undelivered", "outbound-reply", "2026-11-04T09:00:00Z"),
            ("SM5", OURS, BIA, "queued", "outbound-api", "2026-11-03T09:00:00Z"),
            ("SM6", "+14155238886", "+5511987654471", "sent", "outbound-api", "2026-11-03"),
            ("SM7", OURS, BIA, "sent", "outbound-api", "yesterday"),
        )
    )
    done = here("import", "--profile", "twilio-log", "--messages", path, store=store)
    assert "10 rows read, 3 cases and 5 messages new or changed, 2 rows rejected" in done.stdout
    assert "  messages, line 7, From: left out by the profile: not whatsapp:*" in done.stdout
    assert "  messages, line 8, sent_at: not a time;" in done.stdout
    rows = stored(
        store,
        """select message_id, direction, status, phone, business_number, error_code, body, c.case_id
        from messages m join cases c using (case_key) order by message_id""",
    )
    [first, second, third, fourth, fifth] = rows
    ours, ana, bia = (number.removeprefix("whatsapp:") for number in (OURS, ANA, BIA))
    assert first[:7] == ("SM1", "in", "read", ana, ours, None, "text of SM1")
    assert second[:6] == ("SM2", "out", "read", ana, ours, None)
    assert third[:6] == ("SM3", "out", "failed", ana, ours, "63016")
    assert (fifth[2], fifth[3]) == ("new", bia)
    # 23 h 55 min lie between SM2 and SM3, 24 h and a second between SM3 and SM4.
    assert first[7] == second[7] == third[7]
    assert len({first[7], fourth[7], fifth[7]}) == 3
    cases = "select opened_at::varchar, channel, case_type from cases order by opened_at, case_id"
    assert stored(store, cases)[-1] == ("2026-11-05 09:00:01", "WhatsApp", "Twilio")
    # Later exports of the same time give the same cases.
    again = here("import", "--profile", "twilio-log", "--messages", path, store=store)
    assert "Nothing new" in again.stdout


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_log_without_rows(here: Here, tmp_path: Path, store: Path, kind: str) -> None:
    path = tmp_path / f"log.{kind}"
    if kind == "csv":
        path.write_text(twilio())
    else:
        pq.write_table(pa.table({name: pa.array([], pa.string()) for name in TWILIO_COLUMNS}), path)
    done = here("import", "--profile", "twilio-log", "--messages", path, store=store)
    assert done.exit_code == 0
    assert "0 rows read, 0 cases and 0 messages new or changed" in done.stdout


@pytest.mark.parametrize(("second", "cases"), [("09:00:00", 1), ("09:00:01", 2)])
def test_a_pause_of_exactly_24_hours_ends_no_case(
    here: Here, tmp_path: Path, store: Path, second: str, cases: int
) -> None:
    path = tmp_path / "log.csv"
    path.write_text(
        twilio(
            ("SM1", ANA, OURS, "received", "inbound", "2026-11-03T09:00:00Z"),
            ("SM2", ANA, OURS, "received", "inbound", f"2026-11-04T{second}Z"),
        )
    )
    here("import", "--profile", "twilio-log", "--messages", path, store=store)
    assert stored(store, "select count(distinct case_key) from messages") == [(cases,)]


def test_sessions_equal_an_independent_count(here: Here, tmp_path: Path, store: Path) -> None:
    """Many phones in any order, against plain Python."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    sent = [(n * 7919) % 4000 for n in range(400)]  # hours since the start, in no order
    rows = [
        (
            f"SM{n}",
            f"whatsapp:+55119000000{n % 7:02}",
            OURS,
            "received",
            "inbound",
            (start + timedelta(hours=hours)).isoformat(),
        )
        for n, hours in enumerate(sent)
    ]
    path = tmp_path / "log.csv"
    path.write_text(twilio(*rows))
    here("import", "--profile", "twilio-log", "--messages", path, store=store)
    expected = set()
    for phone in range(7):
        case: list[str] = []
        before = None
        for hours, n in sorted((sent[n], n) for n in range(phone, 400, 7)):
            if before is not None and hours - before > 24:
                expected.add(frozenset(case))
                case = []
            case.append(f"SM{n}")
            before = hours
        expected.add(frozenset(case))
    found = stored(store, "select list(message_id) from messages group by case_key")
    assert {frozenset(ids) for (ids,) in found} == expected


ZENDESK_COLUMNS = (
    *("Summation column", "Id", "Requester", "Requester id", "Requester external id"),
    *("Requester email", "Requester domain", "Submitter", "Assignee", "Group", "Subject", "Tags"),
    *("Status", "Priority", "Via", "Ticket type", "Created at", "Updated at", "Assigned at"),
    *("Organization", "Due date", "Initially assigned at", "Solved at", "Resolution time"),
)


def test_tickets_of_zendesk(here: Here, tmp_path: Path, store: Path) -> None:
    rows = [
        {
            "Id": "7",
            "Requester": "Ana",
            "Group": "Loja",
            "Via": "WhatsApp",
            "Ticket type": "Incident",
        },
        {"Id": "8", "Requester email": "bia@example.com", "Group": "Loja", "Via": "Mail"},
    ]
    times = {"Created at": "2026-11-03 09:00", "Solved at": "2026-11-04 10:30"}
    written = io.StringIO()
    writer = csv.DictWriter(written, ZENDESK_COLUMNS)
    writer.writeheader()
    writer.writerows({**times, **row} for row in rows)
    path = tmp_path / "tickets.csv"
    path.write_text(written.getvalue())
    profile = ("--profile", "zendesk-tickets", "--time-zone", "America/Sao_Paulo")
    done = here("import", *profile, "--cases", path, store=store)
    assert "2 cases and 0 messages new or changed, 0 rows rejected" in done.stdout
    assert stored(
        store,
        """select case_id, person_name, channel, case_type, team, opened_at::varchar,
            closed_at::varchar
        from cases join people using (person_id) order by case_id""",
    ) == [
        ("7", "Ana", "WhatsApp", "Incident", "Loja", *LOCAL),
        ("8", "bia@example.com", "Mail", "Loja", "Loja", *LOCAL),
    ]
    done = here("import", *profile, "--messages", path, store=store)
    assert (done.exit_code, done.stderr.splitlines()) == (
        2,
        ["the profile zendesk-tickets reads no file of messages: give its file with --cases"],
    )


#: Both times in UTC.
LOCAL = ("2026-11-03 12:00:00", "2026-11-04 13:30:00")


def test_messages_of_evolution(here: Here, tmp_path: Path, store: Path) -> None:
    """The table "Message" of Evolution API 2 as PostgreSQL writes it to a CSV."""

    def row(
        key: tuple[str, str, bool], message: dict[str, Any], at: int, **more: str
    ) -> dict[str, str]:
        name, jid, from_me = key
        return {
            "id": f"cm{name}",
            "key": json.dumps({"id": name, "remoteJid": jid, "fromMe": from_me}),
            "message": json.dumps(message),
            "messageTimestamp": str(at),
            **more,
        }

    ana = "5511987654471@s.whatsapp.net"
    rows = [
        row(("A1", ana, False), {"conversation": "oi"}, 1_793_700_000, pushName="Ana"),
        row(
            ("A2", ana, True),
            {"extendedTextMessage": {"text": "olá"}},
            1_793_700_060,
            pushName="Loja",
            status="DELIVERY_ACK",
        ),
        row(
            ("A3", ana, True), {"imageMessage": {"caption": "foto"}}, 1_793_700_120, status="PLAYED"
        ),
        row(("A4", "120363041234567890@g.us", False), {"conversation": "grupo"}, 1_793_700_000),
        row(
            ("A5", ana, False),
            {"conversation": "outra"},
            1_793_800_000,
            pushName="Ana",
            chatwootConversationId="12",
        ),
    ]
    columns = (
        *("id", "key", "pushName", "participant", "messageType", "message", "contextInfo"),
        *("source", "messageTimestamp", "chatwootConversationId", "instanceId", "status"),
    )
    written = io.StringIO()
    writer = csv.DictWriter(written, columns)
    writer.writeheader()
    writer.writerows(rows)
    path = tmp_path / "Message.csv"
    path.write_text(written.getvalue())
    done = here("import", "--profile", "evolution", "--messages", path, store=store)
    assert "2 cases and 4 messages new or changed, 1 rows rejected" in done.stdout, done.stdout
    assert "line 5, key.remoteJid: left out by the profile: not *@s.whatsapp.net" in done.stdout
    assert stored(
        store,
        """select message_id, direction, status, phone, body, case_id, person_name,
            epoch(sent_at)::bigint
        from messages m join cases c using (case_key) join people p on p.person_id = c.person_id
        order by message_id""",
    ) == [
        ("A1", "in", "read", "+5511987654471", "oi", ana, "Ana", 1_793_700_000),
        ("A2", "out", "delivered", "+5511987654471", "olá", ana, "Ana", 1_793_700_060),
        ("A3", "out", "read", "+5511987654471", "foto", ana, "Ana", 1_793_700_120),
        ("A5", "in", "new", "+5511987654471", "outra", "12", "Ana", 1_793_800_000),
    ]


def test_a_profile_of_ones_own(here: Here, tmp_path: Path, store: Path) -> None:
    """A copy of the contract's profile with other names, words and times."""
    done = here("profile", "contract")
    own = tmp_path / "my.toml"
    text = done.stdout.replace('= "case_id"', '= "Protocol"').replace(
        "# time_format", "time_format"
    )
    own.write_text(text.replace('received = "in"', 'received = "in"\n"do cliente" = "in"'))
    cases = write_csv(
        tmp_path / "c.csv",
        """Protocol,person_name,channel,case_type,opened_at
        c1,Ana,WhatsApp,Troca,31/12/2026 10:00""",
    )
    messages = write_csv(
        tmp_path / "m.csv",
        """message_id,Protocol,direction,sent_at,status
        m1,c1,do cliente,31/12/2026 10:00,
        m2,c1,SENT,31/12/2026 10:01,lida""",
    )
    files = ("--cases", cases, "--messages", messages)
    done = here("import", "--profile", own, *files, store=store)
    assert "1 cases and 2 messages new or changed, 0 rows rejected" in done.stdout, done.stderr
    found = stored(store, "select message_id, direction, status from messages order by 1")
    assert found == [("m1", "in", "read"), ("m2", "out", "read")]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("cases = 1", "the profile my cannot be used: cases has to be a table, [cases]"),
        ("[cases", "the profile my is not TOML: "),
        ("about = 'x'", "the profile my cannot be used: it has neither [cases] nor [messages]"),
        ("colour = 1", "the profile my cannot be used: it has colour, which no profile has"),
        (
            "[cases]\nid = 'x'",
            "the profile my cannot be used: [cases] has id, which the contract has not",
        ),
        (
            "[cases]\ncase_id = 'x'",
            "the profile my cannot be used: [cases] does not say what is case_type, channel, ",
        ),
        (
            "[cases]\ncase_id = { colum = 'x' }",
            "the profile my cannot be used: cases.case_id is neither a column, a list of columns, ",
        ),
        (
            "time_format = 'dd'\n[cases]\ncase_id = 'x'",
            "the profile my cannot be used: time_format dd is none of dd/mm/yyyy, ",
        ),
    ],
)
def test_a_profile_that_is_wrong(
    here: Here, tmp_path: Path, store: Path, text: str, sentence: str
) -> None:
    own = tmp_path / "my.toml"
    own.write_text(text)
    done = here("import", "--profile", own, "--cases", own, store=store)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(sentence)
    assert len(done.stderr.splitlines()) == 1


def test_profiles_that_are_not_there(here: Here, tmp_path: Path, store: Path) -> None:
    done = here("import", "--profile", "otrs", "--cases", tmp_path, store=store)
    assert done.exit_code == 2
    assert done.stderr.startswith("otrs is no profile: there are contract, download, evolution, ")
    done = here("import", "--profile", "./no.toml", "--cases", tmp_path, store=store)
    assert done.stderr == "no.toml cannot be read: No such file or directory\n"


def test_shipped_profiles_are_listed_and_can_be_loaded(here: Here) -> None:
    names = [line.partition(":")[0] for line in here("profile").stdout.splitlines()]
    assert names == [*shipped_profiles()]
    assert {"twilio-log", "zendesk-tickets", "evolution", "contract"} <= {*names}
    for name in names:
        assert load_profile(name).about


def test_an_export_is_recognised_and_its_profile_proposed(
    here: Here, tmp_path: Path, store: Path
) -> None:
    path = tmp_path / "log.csv"
    path.write_text(twilio(("SM1", ANA, OURS, "received", "inbound", "2026-11-03T09:00:00Z")))
    for option in ("--cases", "--messages"):
        done = here("import", option, path, store=store)
        assert done.exit_code == 2
        hint = "; it looks like an export for --profile twilio-log --messages"
        assert done.stderr.splitlines()[0].endswith(hint)


def test_an_export_that_lacks_a_column(here: Here, tmp_path: Path, store: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("Sid,From,To\nSM1,a,b\n")
    done = here("import", "--profile", "twilio-log", "--messages", path, store=store)
    assert done.exit_code == 2
    assert done.stderr.splitlines() == [
        (
            "log.csv is not an export for the profile twilio-log: the columns Direction, SentDate "
            "are missing; the file has Sid, From, To"
        )
    ]


DOWNLOADED = """message_id,case_id,direction,status,kind,template_name,sent_at,phone,body,agent,\
error_code,error_title
    m1,c1,in,,,,2026-11-01T12:00:00Z,+5511987654471,"=soma, ou não?",,,
    m2,c1,out,sent,session,,2026-11-01T12:05:00Z,+5511987654471,'tis,Caio,,
    m3,c2,out,read,hsm,aviso,2026-11-02T12:00:00Z,,bom dia,Robô,,
    m4,c2,out,failed,hsm,aviso,2026-11-02T12:01:00Z,,bom dia,Robô,131026,Undeliverable"""


@pytest.mark.parametrize("language", ["pt-BR", "en", "es"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_download_of_the_product_comes_back(
    here: Here, tmp_path: Path, store: Path, language: str, kind: str
) -> None:
    cases = write_csv(
        tmp_path / "cases.csv",
        """case_id,person_name,channel,case_type,team,opened_at,closed_at
        c1,Ana,WhatsApp,Dúvida,Loja,2026-11-01T12:00:00Z,
        c2,Bia,WhatsApp Business,Troca,,2026-11-02T12:00:00Z,2026-11-05T12:00:00Z""",
    )
    messages = write_csv(tmp_path / "messages.csv", DOWNLOADED)
    here("import", "--cases", cases, "--messages", messages, store=store)
    path = tmp_path / f"Detalhado.{kind}"
    path.write_bytes(download(store, f"/export/details.{kind}?period=all&lang={language}"))
    other = tmp_path / "other" / "s.duckdb"
    given = ("--profile", "download", "--messages", path, "--time-zone", "America/Sao_Paulo")
    done = here("import", *given, store=other)
    assert "2 cases and 4 messages new or changed, 0 rows rejected" in done.stdout, done.stdout
    kept = """select message_id, direction, status, kind, template_name, sent_at, body, error_code,
            error_title, case_number, person_name, c.case_type, c.team, c.opened_at,
            c.closed_at is not null
        from messages m join cases c using (case_key) join people p on p.person_id = c.person_id
        order by message_id"""
    assert stored(other, kept) == stored(store, kept)
    # Phones are masked in the download, and are not read as others.
    assert stored(other, "select count(phone) from messages") == [(0,)]
    detail = answers(other)["details"]
    assert [row["channel"] for row in detail] == ["WhatsApp"] * 4
