"""The commands ``import`` and ``demo``: what they accept, refuse, report and leave unchanged."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.integration.conftest import (
    Command,
    Here,
    answers,
    without_version,
    write_csv,
)

pytestmark = pytest.mark.integration

CASES = """case_id,person_name,channel,case_type,opened_at,closed_at
    c1,Ana,WhatsApp,Dúvida,2026-11-01T12:00:00Z,
    c2,Bia,Telefone,Troca,2026-11-02T12:00:00Z,2026-11-05T12:00:00Z"""
MESSAGES = """message_id,case_id,direction,status,kind,sent_at,phone,body,agent,is_bot
    m1,c1,in,,,2026-11-01T12:00:00Z,+5511987654471,oi,,
    m2,c1,out,sent,session,2026-11-01T12:05:00Z,+5511987654471,olá,Caio,false
    m3,c2,out,read,hsm,2026-11-02T12:00:00Z,,bom dia,Robô,true"""
#: Refused rows of cases with the column at fault and a word of the reason.
BAD_CASES = (
    (",Ana,WhatsApp,Dúvida,2026-11-01,", "case_id", "missing"),
    ('x,"  ",WhatsApp,Dúvida,2026-11-01,', "person_name", "missing"),
    ("x,Ana,,Dúvida,2026-11-01,", "channel", "missing"),
    ("x,Ana,WhatsApp,,2026-11-01,", "case_type", "missing"),
    ("x,Ana,WhatsApp,Dúvida,,", "opened_at", "missing"),
    ("x,Ana,WhatsApp,Dúvida,01/11/2026,", "opened_at", "not a time"),
    ("x,Ana,WhatsApp,Dúvida,2026-02-30T10:00:00Z,", "opened_at", "not a time"),
    ("x,Ana,WhatsApp,Dúvida,1899-12-31T12:00:00Z,", "opened_at", "not a time"),
    ("x,Ana,WhatsApp,Dúvida,2101-01-01T12:00:00Z,", "opened_at", "not a time"),
    ("x,Ana,WhatsApp,Dúvida,2026-11-01,depois", "closed_at", "not a time"),
    ("x,Ana,WhatsApp,Dúvida,2026-11-01,,surplus", "", "more cells"),
    ('x,"Ana"x,WhatsApp,Dúvida,2026-11-01,', "", "not a CSV row"),
)
BAD_MESSAGES = (
    (",c1,in,,,2026-11-01,,,,", "message_id", "missing"),
    ("x,,in,,,2026-11-01,,,,", "case_id", "missing"),
    ("x,c1,,,,2026-11-01,,,,", "direction", "missing"),
    ("x,c1,in,,,,,,,", "sent_at", "missing"),
    ("x,c1,talvez,,,2026-11-01,,,,", "direction", "not one of"),
    ("x,c1,out,talvez,,2026-11-01,,,,", "status", "not one of"),
    ("x,c1,out,,template,2026-11-01,,,,", "kind", "not one of"),
    ("x,c1,in,,,ontem,,,,", "sent_at", "not a time"),
    ("x,c1,out,,,2026-11-01,,,,talvez", "is_bot", "neither"),
    ("x,nowhere,in,,,2026-11-01,,,,", "case_id", "unknown case"),
    ("m1,c2,in,,,2026-11-01,,,,", "message_id", "another case"),
    ("x,c1,in,,,2026-11-01,,\0,,", "body", "NUL"),
)


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, Path, str, Path]:
    """Arguments that import two cases with three messages."""
    cases = write_csv(tmp_path / "given" / "cases.csv", CASES)
    messages = write_csv(tmp_path / "given" / "messages.csv", MESSAGES)
    return "--cases", cases, "--messages", messages


def rejects_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rejected(said: str) -> Path:
    """Return the path of the file of rejected rows that a report names."""
    [line] = [line for line in said.splitlines() if line.startswith("Rejected rows: ")]
    return Path(line.removeprefix("Rejected rows: "))


# --- real conversations ------------------------------------------------------------------------


def test_customer_care(command: Command, here: Here, store: Path, customer_care: Path) -> None:
    paths = [customer_care / name for name in ("cases.csv", "messages.csv")]
    arguments = ("import", "--cases", paths[0], "--messages", paths[1])
    first = command(*arguments, store=store)
    assert first.returncode == 0, first.stderr
    assert "1,025 cases and 2,343 messages new or changed, 7 rows rejected." in first.stdout
    for step in ("reading cases 1,025", "reading messages 2,350", "committing"):
        assert step in first.stderr.splitlines()

    rows = rejects_of(rejected(first.stdout))
    assert [list(row) for row in rows] == [["file", "line", "column", "reason"]] * 7
    physical = paths[1].read_text(encoding="utf-8-sig").split("\n")
    header = physical[0].strip().split(",")
    at = header.index("message_id"), header.index("case_id")
    given = [next(csv.reader([physical[int(row["line"]) - 1]])) for row in rows]
    refused = {tuple(cells[place] for place in at) for cells in given}
    taken = pd.read_csv(paths[1], dtype=str)
    repeated = taken[taken.message_id.duplicated()]
    assert refused == set(zip(repeated.message_id, repeated.case_id, strict=True))
    assert {(row["file"], row["column"]) for row in rows} == {("messages", "message_id")}

    before = answers(store)
    assert before["indicators sent"][0]["messages"] == 2_343
    again = here(*arguments, store=store)
    assert again.exit_code == 0
    assert "load 1 already" in again.stdout
    assert answers(store) == before


def test_parquet_gives_what_csv_gives(
    here: Here, tmp_path: Path, store: Path, customer_care: Path
) -> None:
    for name in ("cases", "messages"):
        frame = pd.read_csv(customer_care / f"{name}.csv", dtype=str, keep_default_na=False)
        for column in ("opened_at", "closed_at", "sent_at"):
            if column in frame:
                frame[column] = pd.to_datetime(frame[column], utc=True)
        if "is_bot" in frame:
            frame["is_bot"] = frame["is_bot"].map({"true": True, "false": False})
        frame.to_parquet(tmp_path / f"{name}.parquet", index=False)
    stores = store, tmp_path / "other" / "consumo.duckdb"
    for folder, suffix, each in zip((tmp_path, customer_care), ("parquet", "csv"), stores):  # noqa: B905
        paths = (folder / f"cases.{suffix}", folder / f"messages.{suffix}")
        done = here("import", "--cases", paths[0], "--messages", paths[1], store=each)
        assert done.exit_code == 0, done.stderr
        assert "2,343 messages new or changed, 7 rows rejected" in done.stdout
    assert answers(stores[0]) == answers(stores[1])


# --- what cannot be taken ----------------------------------------------------------------------


def _not_parquet(folder: Path) -> Path:
    path = folder / "cases.parquet"
    path.write_bytes(b"PAR1 was the beginning")
    return path


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda folder: folder / "nowhere.csv", "nowhere.csv cannot be read: No such file"),
        (lambda folder: write_csv(folder / "cases.csv", "case_id,channel"), "person_name"),
        (lambda folder: write_csv(folder / "cases.csv", ""), "is not a file of cases"),
        (lambda folder: write_csv(folder / "cases.csv", MESSAGES), "is not a file of cases"),
        (_not_parquet, "cases.parquet is not a whole Parquet file"),
        (lambda folder: folder, "is a directory"),
    ],
    ids=["missing", "column", "empty", "swapped", "parquet", "directory"],
)
def test_files_that_cannot_be_taken_change_nothing(
    here: Here, tmp_path: Path, store: Path, make: Callable[[Path], Path], sentence: str
) -> None:
    done = here("import", "--cases", make(tmp_path), store=store)
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert not done.stdout
    assert not store.exists()


def test_an_import_of_nothing_is_refused(here: Here, store: Path) -> None:
    done = here("import", store=store)
    assert done.exit_code == 2
    assert "--cases, --messages or both" in done.stderr


def test_the_history_of_statuses(here: Here, tmp_path: Path, store: Path, files: Any) -> None:
    events = write_csv(
        tmp_path / "events.csv",
        """message_id,status,occurred_at,error_code
        m2,entregue,2026-11-01T12:06:00Z,
        m2,read,2026-11-01T12:07:00Z,
        nobody,sent,2026-11-01T12:07:00Z,""",
    )
    done = here("import", *files, "--events", events, store=store)
    assert "8 rows read, 2 cases and 3 messages new or changed, 1 rows rejected" in done.stdout
    assert "  events, line 4, message_id: unknown message" in done.stdout
    assert [row["status"] for row in answers(store)["details"]][1] == "read"


def test_all_faults_of_a_row_are_named(here: Here, tmp_path: Path, store: Path) -> None:
    path = write_csv(
        tmp_path / "messages.csv",
        """message_id,case_id,direction,status,sent_at,phone,is_bot
        ,,out,gone,ontem,5.5E+12,talvez
        m2,c1,out,sent,ontem,,""",
    )
    done = here("import", "--messages", path, store=store)
    assert done.exit_code == 1
    first, second = rejects_of(rejected(done.stdout))
    assert first["column"] == "message_id, case_id, status, phone, sent_at, is_bot"
    assert first["reason"] == (
        "message_id: missing; case_id: missing; "
        "status: not one of 'new', 'sent', 'delivered', 'read', 'failed', 'unknown'; "
        "phone: not a phone; expected +5511987654321, with 8 to 15 digits; "
        "sent_at: not a time; expected 2026-11-20T10:00:00-03:00; "
        "is_bot: neither true nor false; expected true or false"
    )
    assert (second["column"], second["reason"]) == (
        "sent_at",
        "not a time; expected 2026-11-20T10:00:00-03:00",
    )


def test_an_account_must_have_a_name(here: Here, store: Path, files: tuple[Any, ...]) -> None:
    assert here("import", *files, "--account", "  ", store=store).exit_code == 2


def test_the_process_exits_with_code_2(command: Command, tmp_path: Path, store: Path) -> None:
    done = command("import", "--messages", tmp_path / "nowhere.csv", store=store)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == ["nowhere.csv cannot be read: No such file or directory"]


def test_parquet_of_lists_is_refused_and_blocks_nothing(
    here: Here, tmp_path: Path, store: Path, files: tuple[Any, ...]
) -> None:
    """A column of lists cannot be read; a later import is loaded nevertheless."""
    frame = pd.read_csv(files[1], dtype=str).assign(case_type=[["a"], ["b"]])
    frame.to_parquet(tmp_path / "lists.parquet", index=False)
    done = here("import", "--cases", tmp_path / "lists.parquet", store=store)
    assert done.exit_code == 2
    assert "lists.parquet" in done.stderr.splitlines()[-1] or "case_type" in done.stderr
    assert "Traceback" not in done.stderr
    assert here("import", *files, store=store).exit_code == 0
    assert answers(store)["indicators sent"][0]["messages"] == 3


# --- rejected rows -----------------------------------------------------------------------------


def test_every_kind_of_rejected_row(here: Here, tmp_path: Path, store: Path) -> None:
    bad_cases, bad_messages = ([row for row, _, _ in bad] for bad in (BAD_CASES, BAD_MESSAGES))
    cases = write_csv(tmp_path / "cases.csv", "\n".join([CASES, *bad_cases]))
    messages = write_csv(tmp_path / "messages.csv", "\n".join([MESSAGES, *bad_messages]))
    done = here("import", "--cases", cases, "--messages", messages, store=store)
    assert done.exit_code == 0
    count = len(BAD_CASES) + len(BAD_MESSAGES)
    assert f"{count + 5} rows read, 2 cases and 3 messages new or changed" in done.stdout
    assert f"{count} rows rejected" in done.stdout
    found = {(row["file"], int(row["line"])): row for row in rejects_of(rejected(done.stdout))}
    assert len(found) == count
    for file, first, bad in (("cases", 4, BAD_CASES), ("messages", 5, BAD_MESSAGES)):
        for line, (_, column, reason) in enumerate(bad, start=first):
            row = found[file, line]
            assert row["column"] == column, row
            assert reason in row["reason"], row


def test_lines_of_rejects_count_the_lines_within_texts(
    here: Here, tmp_path: Path, store: Path, files: tuple[Any, ...]
) -> None:
    body = '"um\n\ndois; ""três"", quatro"'
    rows = [
        f"m1,c1,in,2026-11-01,{body}",
        "m2,c1,in,ontem,",
        "",
        f"m3,c1,in,2026-11-01,{body}",
        "m4,c1,in,ontem,",
    ]
    path = tmp_path / "lines.csv"
    header = "message_id,case_id,direction,sent_at,body"
    path.write_text("\n".join([header, *rows]), encoding="utf-8")
    done = here("import", *files[:2], "--messages", path, store=store)
    assert [row["line"] for row in rejects_of(rejected(done.stdout))] == ["5", "10"]


def test_rejects_are_written_to_the_given_path(
    here: Here, tmp_path: Path, store: Path, files: tuple[Any, ...]
) -> None:
    write_csv(files[3], MESSAGES + "\nx,nowhere,in,,,2026-11-01,,,,")
    wanted = tmp_path / "refused.csv"
    done = here("import", *files, "--rejects", wanted, store=store)
    assert rejected(done.stdout) == wanted
    assert [row["line"] for row in rejects_of(wanted)] == ["5"]
    # The same files once more are no new load; whoever asks still gets the list.
    other = tmp_path / "again.csv"
    assert rejected(here("import", *files, "--rejects", other, store=store).stdout) == other
    assert rejects_of(other) == rejects_of(wanted)
    # A folder that is not there is most likely a slip: nothing is read before it is mended.
    nowhere = tmp_path / "no" / "such" / "folder.csv"
    done = here("import", *files, "--rejects", nowhere, store=store)
    assert done.exit_code == 2
    assert f"{nowhere.parent} cannot be written to: No such file or directory" in done.stderr


# --- forms of files ----------------------------------------------------------------------------


def test_the_report_names_unknown_columns(here: Here, store: Path, files: tuple[Any, ...]) -> None:
    write_csv(files[1], CASES.replace("closed_at", "closed_at,humor,notas"))
    done = here("import", *files, store=store)
    assert done.exit_code == 0
    assert "cases.csv: not imported: humor, notas" in done.stderr.splitlines()
    assert "messages.csv" not in done.stderr


def test_semicolons_and_a_byte_order_mark(
    here: Here, tmp_path: Path, store: Path, files: tuple[Any, ...]
) -> None:
    here("import", *files, store=store)
    other = tmp_path / "other" / "consumo.duckdb"
    for path in (files[1], files[3]):
        text = path.read_text(encoding="utf-8").replace(",", ";").replace("\n", "\r\n")
        path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    done = here("import", *files, store=other)
    assert "2 cases and 3 messages new or changed, 0 rows rejected" in done.stdout
    assert answers(other) == answers(store)


def test_different_spellings_of_a_value_are_equal(
    here: Here, tmp_path: Path, store: Path, files: tuple[Any, ...]
) -> None:
    """White space, capitals and equal offsets make no difference; a body is not changed."""
    here("import", *files, store=store)
    messages = write_csv(
        tmp_path / "forms.csv",
        """message_id,case_id,direction,status,kind,sent_at,phone,body,agent,is_bot
        \u00a0m1 ,c1,in,,,2026-11-01T09:00:00-03:00,+5511987654471,oi,,0
        m2,c1 , out ,sent,,2026-11-01 12:05:00.000, +5511987654471\t,olá,Caio,FALSE
        m3,c2,out,read,hsm,2026-11-02T12:00Z,,bom dia,Robô,1""",
    )
    done = here("import", "--messages", messages, store=store)
    assert "0 cases and 0 messages new or changed, 0 rows rejected" in done.stdout
    write_csv(messages, MESSAGES.replace(",olá,", ", olá ,"))
    done = here("import", "--messages", messages, store=store)
    assert "0 cases and 1 messages new or changed" in done.stdout
    replies = [row["reply"] for row in answers(store)["details"]]
    assert replies == ["bom dia", " olá ", None]


def test_defaults_of_an_outgoing_message(here: Here, tmp_path: Path, store: Path) -> None:
    cases = write_csv(tmp_path / "cases.csv", CASES)
    messages = write_csv(
        tmp_path / "messages.csv",
        """message_id,case_id,direction,sent_at,agent
        m1,c1,out,2026-11-01T12:00:00,Caio""",
    )
    here("import", "--cases", cases, "--messages", messages, store=store)
    found = answers(store)
    [row] = found["details"]
    assert (row["status"], row["kind"], row["case_number"]) == ("unknown", "session", "c1")
    assert row["sent_at"] == "2026-11-01T09:00:00-03:00"  # without an offset it was UTC
    assert found["indicators sent"][0]["cases_attended"] == 1  # is_bot is false


def test_accounts_keep_their_rows_apart(
    here: Here, tmp_path: Path, store: Path, files: tuple[Any, ...]
) -> None:
    here("import", *files, store=store)
    done = here("import", *files, "--account", "filial", store=store)
    assert "2 cases and 3 messages new or changed" in done.stdout
    done = here("import", *files, "--account", " filial ", store=store)
    assert "Nothing new" in done.stdout
    named = write_csv(
        tmp_path / "named.csv",
        """account,case_id,person_name,channel,case_type,opened_at
        filial,c1,Ana,WhatsApp,Outro,2026-11-01T12:00:00Z""",
    )
    done = here("import", "--cases", named, store=store)
    assert "1 cases and 0 messages new or changed" in done.stdout
    found = answers(store)
    assert found["indicators sent"][0]["messages"] == 6
    assert sorted(row["case_type"] for row in found["details"]).count("Outro") == 2
    done = here("import", "--messages", files[3], "--account", "matriz", store=store)
    assert "0 messages new or changed, 3 rows rejected" in done.stdout


# --- demonstration data ------------------------------------------------------------------------

DEMO = ("demo", "--messages", 300, "--until", "2026-11-18T18:40:00", "--seed")


def test_demonstration_data_are_repeatable(here: Here, tmp_path: Path) -> None:
    one, same, other = (tmp_path / name / "s.duckdb" for name in ("one", "same", "other"))
    for store, seed in ((one, 3), (same, 3), (other, 4)):
        assert here(*DEMO, seed, store=store).exit_code == 0
    found = answers(one)
    assert found == answers(same)
    assert found["indicators sent"][0]["messages"] == 300
    assert without_version(found) != without_version(answers(other))


def test_real_data_takes_the_place_of_demonstration_data(
    here: Here, store: Path, files: tuple[Any, ...]
) -> None:
    here(*DEMO, 1, store=store)
    shown = answers(store)
    # An import of which nothing can be taken leaves the demonstration as it is.
    done = here("import", "--messages", files[3], store=store)
    assert "3 rows rejected" in done.stdout
    assert "demonstration" not in done.stdout
    assert without_version(answers(store)) == without_version(shown)
    here(*DEMO, 1, "--if-empty", store=store)
    assert answers(store)["data_version"] == 2

    done = here("import", *files, store=store)
    assert "The demonstration data is gone: real data took its place." in done.stdout
    real = answers(store)
    assert {row["message_id"] for row in real["details"]} == {"m1", "m2", "m3"}
    for seed in (1, 2):
        done = here(*DEMO, seed, store=store)
        assert done.exit_code == 2
        assert "the store holds real data" in done.stderr
        assert not done.stdout
    assert here(*DEMO, 1, "--if-empty", store=store).exit_code == 0
    assert answers(store) == real
    done = here("import", "--cases", files[1], store=store)
    assert "demonstration" not in done.stdout
    assert without_version(answers(store)) == without_version(real)


def test_demo_into_an_empty_store_if_empty(here: Here, store: Path) -> None:
    done = here(*DEMO, 1, "--if-empty", store=store)
    assert "300 messages new or changed" in done.stdout


# --- the store's place -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "place"), [(None, "var/consumo.duckdb"), ("duckdb:///a/b/x.duckdb", "a/b/x.duckdb")]
)
def test_the_store_lies_in_var_unless_told_otherwise(
    here: Here,
    tmp_path: Path,
    files: tuple[Any, ...],
    monkeypatch: pytest.MonkeyPatch,
    address: str | None,
    place: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    done = here("import", *files, address=address)
    assert done.exit_code == 0, done.stderr
    assert (tmp_path / place).is_file()


@pytest.mark.parametrize("address", ["sqlite:///x", "duckdb://", "duckdb:///:memory:", "nonsense"])
def test_invalid_store_addresses_are_refused(
    here: Here, address: str, files: tuple[Any, ...]
) -> None:
    done = here("import", *files, address=address)
    assert done.exit_code == 2
    assert "CONSUMO_STORE_URL takes duckdb:///PATH" in done.stderr


def test_a_store_of_another_zone_or_of_something_else_is_left_alone(
    here: Here, store: Path, files: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    here("import", *files, store=store)
    held = store.read_bytes()
    monkeypatch.setenv("CONSUMO_TIME_ZONE", "America/Manaus")
    done = here("import", "--cases", files[1], "--account", "x", store=store)
    assert done.exit_code == 2
    assert "America/Sao_Paulo" in done.stderr
    assert store.read_bytes() == held
    monkeypatch.delenv("CONSUMO_TIME_ZONE")
    other = store.with_name("other.duckdb")
    other.write_bytes(b"this is no database, but somebody may want to keep it")
    assert here("import", *files, store=other).exit_code == 2
    assert other.read_bytes().startswith(b"this is no database")
