"""Every imported row is taken, superseded or rejected, and the report says how many of each."""

import random
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sources.contract import CASES, MESSAGES
from sources.loading import read
from tests.integration.conftest import Here, answers, write_csv
from tests.integration.test_import import rejected, rejects_of
from tests.unit.test_csv_records import PIECES, data_lines

pytestmark = pytest.mark.integration

CASE = """case_id,person_name,channel,case_type,opened_at
    c1,Ana,WhatsApp,Dúvida,2026-11-01T12:00:00Z"""
HEADER = "message_id,case_id,direction,sent_at,body"
PHONE = "+5511987654321"


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "cases.csv", CASE)


def sums(said: str) -> tuple[int, int, int, int]:
    """Return the numbers of a report: rows read, taken, superseded and rejected."""
    read = re.search(r"Load \d+: ([\d,]+) rows read", said)
    others = re.search(
        r"Of the rows read, ([\d,]+) were taken, ([\d,]+) superseded by a later row of the same "
        r"file, ([\d,]+) rejected\.",
        said,
    )
    assert read
    assert others, said
    found = [int(number.replace(",", "")) for number in (*read.groups(), *others.groups())]
    return found[0], found[1], found[2], found[3]


def stored(store: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(store), read_only=True) as connection:
        return connection.execute(sql).fetchall()


# --- the sum ------------------------------------------------------------------------------------


def test_an_unclosed_quote_rejects_each_later_row_and_counts_it(
    here: Here, tmp_path: Path, store: Path, case: Path
) -> None:
    lines = [f"m{n},c1,in,2026-11-01T12:00:00Z,ola" for n in range(1, 1_001)]
    lines[4] = lines[4].replace("ola", '"ola')
    messages = tmp_path / "messages.csv"
    messages.write_text("\n".join([HEADER, *lines]) + "\n")
    done = here("import", "--cases", case, "--messages", messages, store=store)
    assert sums(done.stdout) == (1_001, 5, 0, 996)
    listed = rejects_of(rejected(done.stdout))
    assert [int(row["line"]) for row in listed] == list(range(6, 1_002))
    assert {row["reason"] for row in listed} == {"a quoted field opened in line 6 never ends"}
    assert stored(store, "select count(*) from messages") == [(4,)]
    logged = "select rows_in, rows_superseded, rows_rejected from loads"
    assert stored(store, logged) == [(1_001, 0, 996)]


def test_the_text_inside_a_long_body_is_not_read_as_messages(
    here: Here, tmp_path: Path, store: Path, case: Path
) -> None:
    half = "a" * 5_000_001
    messages = tmp_path / "messages.csv"
    messages.write_text(
        f"{HEADER}\nm1,c1,in,2026-11-20T10:00:00Z,ola\n"
        f'm2,c1,in,2026-11-20T10:00:00Z,"{half}\n'
        f'm666,c1,out,2026-11-20T10:00:00Z,x\n{half}"\n'
        "m3,c1,in,2026-11-20T10:00:00Z,ola\n"
    )
    done = here("import", "--cases", case, "--messages", messages, store=store)
    assert sums(done.stdout) == (6, 3, 0, 3)
    assert stored(store, "select message_id from messages order by 1") == [("m1",), ("m3",)]


def test_what_each_row_becomes(here: Here, tmp_path: Path, store: Path) -> None:
    """A row that a later one of the file replaces is superseded; a known row counts as taken."""
    cases = write_csv(
        tmp_path / "cases.csv",
        CASE
        + """
        c1,Ana,WhatsApp,Troca,2026-11-01T12:00:00Z
        c1,Ana,WhatsApp,Outro,2026-11-01T12:00:00Z
        c2,Bia,WhatsApp,Troca,2026-11-01T12:00:00Z
        c3,Bia,WhatsApp,Troca,ontem""",
    )
    messages = write_csv(
        tmp_path / "messages.csv",
        """message_id,case_id,direction,sent_at,body
        m1,c1,in,2026-11-01T12:00:00Z,um
        m1,c1,in,2026-11-01T12:00:00Z,dois
        m1,c2,in,2026-11-01T12:00:00Z,de outro caso
        m2,c3,in,2026-11-01T12:00:00Z,de nenhum caso
        m3,c2,out,2026-11-01T12:00:00Z,ola
        m1,c1,in,2026-11-01T12:00:00Z,tres""",
    )
    done = here("import", "--cases", cases, "--messages", messages, store=store)
    # Taken: the last rows of c1 and c2, of m1 and m3. Superseded: two of c1, two of m1.
    assert sums(done.stdout) == (11, 4, 4, 3)
    assert stored(store, "select body from messages where message_id = 'm1'") == [("tres",)]
    done = here("import", "--messages", messages, store=store)
    assert "0 cases and 0 messages new or changed" in done.stdout
    assert sums(done.stdout) == (6, 2, 2, 2)


def test_a_load_whose_rows_do_not_add_up_changes_nothing(
    here: Here, tmp_path: Path, store: Path, case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert here("import", "--cases", case, store=store).exit_code == 0
    messages = write_csv(tmp_path / "m.csv", f"{HEADER}\nm1,c1,in,2026-11-01T12:00:00Z,ola")

    class Losing(read.RowStream):
        def _reject_rows(self, rejects: Any) -> Any:
            self.rows += 1  # a row is read that goes nowhere
            return super()._reject_rows(rejects)

    monkeypatch.setattr(read, "RowStream", Losing)
    done = here("import", "--messages", messages, store=store)
    assert done.exit_code == 2
    assert "2 rows were read, but 1 taken, 0 superseded, 0 kept aside and 0 rejected" in done.stderr
    assert stored(store, "select count(*) from messages") == [(0,)]
    assert stored(store, "select count(*) from loads") == [(1,)]


@pytest.mark.parametrize("seed", range(6))
def test_the_counts_of_damaged_files_add_up(
    here: Here, tmp_path: Path, store: Path, case: Path, seed: int
) -> None:
    """The expected number of lines with data is counted character by character."""
    rng = random.Random(seed)
    rows = [
        f"m{rng.randint(1, 60)},c1,in,2026-11-01T12:00:00Z,{rng.choice(BODIES)}" for _ in range(80)
    ]
    content = ("\n".join(rows) + "\n").encode()
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(len(content))
        content = content[:at] + rng.choice(PIECES) + content[at + rng.randint(0, 30) :]
    messages = tmp_path / "messages.csv"
    messages.write_bytes(f"{HEADER}\n".encode() + content)
    done = here("import", "--cases", case, "--messages", messages, store=store)
    read, taken, superseded, refused = sums(done.stdout)
    assert taken + superseded + refused == read
    assert read == 1 + len(data_lines(content.decode(errors="surrogateescape")))
    assert refused == (len(rejects_of(rejected(done.stdout))) if "Rejected" in done.stdout else 0)


BODIES = ("ola", '"a, b"', '"um\ndois"', '"diz ""oi"""', 'tela de 5"', "")


# --- phones -------------------------------------------------------------------------------------


def test_two_ways_to_write_a_phone_are_one_phone(here: Here, tmp_path: Path, store: Path) -> None:
    """The answer belongs to another case, so that only the phone connects it to the HSM."""
    cases = write_csv(
        tmp_path / "cases.csv", CASE + "\n    c2,Bia,WhatsApp,Troca,2026-11-01T12:00:00Z"
    )
    messages = write_csv(
        tmp_path / "messages.csv",
        """message_id,case_id,direction,status,kind,template_name,phone,business_number,sent_at
        m1,c1,out,read,hsm,oi,+5511987654321,whatsapp:+551140000000,2026-11-01T12:00:00Z
        m2,c2,in,,,,5511987654321,551140000000@s,2026-11-01T13:00:00Z
        m3,c2,in,,,,"5,51199E+12",,2026-11-01T13:00:00Z
        m4,c2,in,,,,,ramal 12,2026-11-01T13:00:00Z""",
    )
    done = here("import", "--cases", cases, "--messages", messages, store=store)
    [template] = answers(store, "templates")["templates sent"]
    assert template["answered"] == 1
    found = stored(store, "select message_id, phone, business_number from messages order by 1")
    assert found == [(name, PHONE, "+551140000000") for name in ("m1", "m2")]
    listed = [
        (row["line"], row["column"], row["reason"]) for row in rejects_of(rejected(done.stdout))
    ]
    reason = "not a phone; expected +5511987654321, with 8 to 15 digits"
    assert listed == [("4", "phone", reason), ("5", "business_number", reason)]
    assert "5,51199E" not in str(stored(store, "from rejects"))


# --- Parquet ------------------------------------------------------------------------------------


def parquet_messages(path: Path, rows: int, **columns: pa.Array) -> Path:
    given = {
        "message_id": pa.array([f"m{n}" for n in range(1, rows + 1)]),
        "case_id": pa.array(["c1"] * rows),
        "direction": pa.array(["in"] * rows),
        "sent_at": pa.array(["2026-11-20T10:00:00Z"] * rows),
    }
    pq.write_table(pa.table(given | columns), path)
    return path


def believed_text(values: list[bytes]) -> pa.Array:
    """Return an array of texts whose bytes were not checked to be UTF-8, as some programs write."""
    binary = pa.array(values, pa.binary())
    return pa.Array.from_buffers(pa.string(), len(values), binary.buffers())


BROKEN = [b"Ana", b"Jo\xe3o", "José".encode()]
FAR = 2**62


@pytest.mark.parametrize(
    ("column", "values", "reason"),
    [
        ("agent", believed_text(BROKEN), "not UTF-8"),
        ("agent", believed_text(BROKEN).dictionary_encode(), "not UTF-8"),
        ("agent", pa.array(BROKEN, pa.binary()), "not UTF-8"),
        ("agent", pa.array(BROKEN, pa.large_binary()), "not UTF-8"),
        ("agent", pa.array(["a", "b\0", "c"]), "has a NUL"),
        ("agent", pa.array(["a", "b" * 10_001, "c"]), "longer than 10000 characters"),
        ("sent_at", pa.array([0, FAR, 0], pa.timestamp("ms", "UTC")), "not a time"),
        ("sent_at", pa.array([0, FAR, 0], pa.timestamp("us", "UTC")), "not a time"),
        ("sent_at", pa.array([0, -FAR, 0], pa.timestamp("us")), "not a time"),
        ("sent_at", pa.array([0, 9_000_000, 0], pa.date32()), "not a time"),
        ("sent_at", pa.array([0, -FAR, 0], pa.timestamp("ns")), "not a time"),
        ("phone", pa.array([5511987654321.0, 1e15, None]), "not a phone"),
        ("phone", pa.array([5511987654321.0, 1e300, None]), "more digits than"),
        ("phone", pa.array([None, 5511987654321.0, None], pa.float32()), "more digits than"),
        ("agent", pa.array([2.0**24 - 1, 2.0**24, None], pa.float32()), "more digits than"),
        ("agent", pa.array([2.0**53 - 1, 2.0**53, None]), "more digits than"),
        ("agent", pa.array([1.0, -(2.0**53), None]).dictionary_encode(), "more digits than"),
        ("agent", pa.array(np.array([2047, 2048, 1], np.float16)), "more digits than"),
        ("agent", pa.array([1.0, float("inf"), float("nan")]), "infinite; expected a number"),
        ("agent", pa.array([1.0, float("-inf"), 0.0]), "infinite; expected a number"),
        ("agent", pa.array([1.0, -0.0, 0.0]), "minus zero; expected 0"),
        ("phone", pa.array([None, Decimal("5511987654321.5"), None]), "not a phone"),
        ("is_bot", pa.array([0, 7, 1]), "neither true nor false"),
    ],
    ids=str,
)
def test_one_bad_value_rejects_its_row_and_not_the_file(
    here: Here, store: Path, case: Path, column: str, values: pa.Array, reason: str
) -> None:
    path = parquet_messages(case.with_name("messages.parquet"), 3, **{column: values})
    done = here("import", "--cases", case, "--messages", path, store=store)
    assert done.exit_code == 0, done.stderr
    assert sums(done.stdout) == (4, 3, 0, 1)
    [listed] = rejects_of(rejected(done.stdout))
    assert (listed["line"], listed["column"]) == ("2", column)
    assert listed["reason"].startswith(reason)
    assert stored(store, "select message_id from messages order by 1") == [("m1",), ("m3",)]


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (pa.array([5511987654321.0]), "5511987654321"),
        (pa.array([131026.0], pa.float32()), "131026"),
        (pa.array([5511987654321]), "5511987654321"),
        (pa.array([131026], pa.uint32()), "131026"),
        (pa.array([Decimal("5511987654321.00")]), "5511987654321"),
        (pa.array([Decimal("1E+6")]), "1000000"),
        (pa.array([2.0**53 - 1]), "9007199254740991"),
        (pa.array([1 - 2.0**24], pa.float32()), "-16777215"),
        (pa.array([2**63 - 1]), "9223372036854775807"),
        (pa.array([0.0]), "0"),
        (pa.array([0.1], pa.float32()), "0.1"),
        (pa.array([1e-7]), "0.0000001"),
        (pa.array([-0.5]), "-0.5"),
        (pa.array([float("nan")]), None),
        (pa.array([None], pa.float64()), None),
        (pa.array([131026.0]).dictionary_encode(), "131026"),
        (
            pa.array([b"\x12\x34" * 8], pa.uuid()),
            "12341234-1234-1234-1234-123412341234",
        ),
    ],
    ids=str,
)
def test_numbers_in_text_columns_are_written_without_exponents(
    here: Here, tmp_path: Path, store: Path, case: Path, values: pa.Array, text: str | None
) -> None:
    path = parquet_messages(tmp_path / "messages.parquet", 1, error_code=values)
    here("import", "--cases", case, "--messages", path, store=store)
    assert stored(store, "select error_code from messages") == [(text,)]


def test_a_phone_that_is_a_number_in_parquet(
    here: Here, tmp_path: Path, store: Path, case: Path
) -> None:
    phones = pa.array([5511987654321.0, None])
    path = parquet_messages(tmp_path / "messages.parquet", 2, phone=phones)
    here("import", "--cases", case, "--messages", path, store=store)
    assert stored(store, "select phone from messages order by message_id") == [(PHONE,), (None,)]


def test_parquet_times_of_96_bits_and_unknown_columns(
    here: Here, tmp_path: Path, store: Path, case: Path
) -> None:
    path = tmp_path / "messages.parquet"
    table = pq.read_table(parquet_messages(path, 2))
    at = datetime(2026, 11, 20, 10, tzinfo=UTC)
    table = table.set_column(3, "sent_at", pa.array([at, at + timedelta(days=1)]))
    table = table.append_column("nested", pa.array([[{"a": 1}], None]))
    pq.write_table(table, path, use_deprecated_int96_timestamps=True)
    done = here("import", "--cases", case, "--messages", path, store=store)
    assert sums(done.stdout) == (3, 3, 0, 0)
    assert stored(store, "select sent_at from messages order by 1") == [
        (datetime(2026, 11, 20, 10),),  # noqa: DTZ001 - as the store has it
        (datetime(2026, 11, 21, 10),),  # noqa: DTZ001
    ]


TEN_O_CLOCK = 1_763_632_800_000_000_000  # 2025-11-20T10:00:00Z, in nanoseconds


@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York"])
@pytest.mark.parametrize("through", ["engine", "arrow"])
def test_nanoseconds_are_cut_off(
    here: Here, tmp_path: Path, store: Path, case: Path, zone: str | None, through: str
) -> None:
    """Times as pandas writes them; a body that is a number makes the loader read with Arrow."""
    moments = pa.array([TEN_O_CLOCK + 123_456_789, -1], pa.timestamp("ns", zone))
    bodies = pa.array(["a", "b"]) if through == "engine" else pa.array([1, 2])
    path = parquet_messages(tmp_path / "messages.parquet", 2, sent_at=moments, body=bodies)
    done = here("import", "--cases", case, "--messages", path, store=store)
    assert sums(done.stdout) == (3, 3, 0, 0)
    assert stored(store, "select sent_at::varchar from messages order by message_id") == [
        ("2025-11-20 10:00:00.123456",),
        ("1969-12-31 23:59:59.999999",),
    ]


@pytest.mark.parametrize("unit", ["ns", "us", "ms"])
@pytest.mark.parametrize("zone", [None, "UTC"])
def test_a_time_out_of_range_is_rejected_and_does_not_become_null(
    here: Here, tmp_path: Path, store: Path, unit: str, zone: str | None
) -> None:
    """The greatest integer is no valid time; the optional column must not silently become null."""
    seconds = {"ns": 10**9, "us": 10**6, "ms": 10**3}[unit]
    closed = pa.array([1_763_632_800 * seconds, None, 2**63 - 1], pa.timestamp(unit, zone))
    opened = pa.array([1_763_546_400 * seconds] * 3, pa.timestamp(unit, zone))
    given = {name: ["x"] * 3 for name in ("person_name", "channel", "case_type")}
    path = tmp_path / "cases.parquet"
    table = {"case_id": ["c1", "c2", "c3"], "opened_at": opened, "closed_at": closed}
    pq.write_table(pa.table(given | table), path)
    done = here("import", "--cases", path, store=store)
    assert sums(done.stdout) == (3, 2, 0, 1)
    [listed] = rejects_of(rejected(done.stdout))
    assert (listed["line"], listed["column"]) == ("3", "closed_at")
    assert listed["reason"] == "not a time; expected 2026-11-20T10:00:00-03:00"
    moments = "select case_id, opened_at::varchar, closed_at::varchar from cases order by 1"
    assert stored(store, moments) == [
        ("c1", "2025-11-19 10:00:00", "2025-11-20 10:00:00"),
        ("c2", "2025-11-19 10:00:00", None),
    ]


def parquet_case(path: Path, **columns: str) -> Path:
    given = {
        "case_id": "c1",
        "person_name": "Ana",
        "channel": "WhatsApp",
        "case_type": "Troca",
        "opened_at": "2026-11-01T12:00:00Z",
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({name: [text] for name, text in (given | columns).items()}), path)
    return path


@pytest.mark.parametrize("folder", ["team=blue/channel=mail", "filename=x", "a[bc]", "*"])
def test_folder_names_of_a_file_add_no_columns(here: Here, tmp_path: Path, folder: str) -> None:
    """DuckDB could read a folder named ``team=blue`` as a column (Hive partitioning)."""
    store = tmp_path / folder / "store.duckdb"
    path = parquet_case(tmp_path / folder / "cases.parquet", team="red")
    done = here("import", "--cases", path, store=store)
    assert sums(done.stdout) == (1, 1, 0, 0)
    assert stored(store, "select team, channel from cases") == [("red", "WhatsApp")]
    parquet_case(path, case_id="c2")
    assert here("import", "--cases", path, store=store).exit_code == 0
    assert stored(store, "select team from cases where case_id = 'c2'") == [(None,)]


@pytest.mark.parametrize("names", [("TEAM", "team"), ("team", "TEAM"), ("Team", "TEAM")])
def test_columns_whose_names_differ_only_in_case(
    here: Here, tmp_path: Path, store: Path, names: tuple[str, str]
) -> None:
    path = parquet_case(tmp_path / "cases.parquet", **{name: f"of {name}" for name in names})
    done = here("import", "--cases", path, store=store)
    assert sums(done.stdout) == (1, 1, 0, 0)
    expected = "of team" if "team" in names else None
    assert stored(store, "select team from cases") == [(expected,)]


# --- what a file leaves open --------------------------------------------------------------------


def local(folder: Path, name: str, at: str) -> Path:
    return write_csv(
        folder / name,
        f"""message_id,case_id,direction,sent_at
        m1,c1,in,{at}
        m2,c1,in,2026-11-20""",
    )


@pytest.mark.parametrize(
    ("at", "is_told"),
    [
        ("2026-11-20T10:00", True),
        ("20261120T1000", True),
        ("2026-11-20 10:00:00", True),
        ("2026-11-20T10:00Z", False),
        ("2026-11-20T10:00-03:00", False),
    ],
)
def test_the_report_says_when_times_without_offset_were_taken_as_utc(
    here: Here, tmp_path: Path, store: Path, case: Path, at: str, *, is_told: bool
) -> None:
    messages = local(tmp_path, "local.csv", at)
    done = here("import", "--cases", case, "--messages", messages, store=store)
    sentence = (
        "local.csv: no time has an offset, so all were taken as UTC; if they are local times, "
        "import again with --time-zone America/Sao_Paulo"
    )
    assert (sentence in done.stdout.splitlines()) is is_told
    assert "cases.csv: no time" not in done.stdout


@pytest.mark.parametrize("kind", ["csv", "parquet", "typed"])
def test_the_zone_of_times_without_an_offset(
    here: Here, tmp_path: Path, store: Path, case: Path, kind: str
) -> None:
    if kind == "csv":
        messages = local(tmp_path, "local.csv", "2026-11-20T10:00")
    else:
        at: Any = pa.array(["2026-11-20T10:00", "2026-11-20T00:00"])
        at = at.cast(pa.timestamp("us")) if kind == "typed" else at
        messages = parquet_messages(tmp_path / "local.parquet", 2, sent_at=at)
    moments = "select hour(sent_at) from messages order by message_id"
    done = here("import", "--cases", case, "--messages", messages, store=store)
    assert "no time has an offset" in done.stdout
    assert stored(store, moments) == [(10,), (0,)]
    zone = ("--time-zone", "America/Sao_Paulo")
    done = here("import", "--messages", messages, *zone, store=store)
    assert "2 messages new or changed" in done.stdout  # the same file, but read otherwise
    assert "no time has an offset" not in done.stdout
    assert stored(store, moments) == [(13,), (3,)]


def test_an_unknown_time_zone_is_refused(here: Here, store: Path, case: Path) -> None:
    done = here("import", "--cases", case, "--time-zone", "Brasilia", store=store)
    assert done.exit_code == 2
    assert done.stderr == "--time-zone takes a zone's name, as America/Sao_Paulo\n"
    assert not store.exists()


def test_the_report_names_missing_columns_and_what_they_cost(
    here: Here, tmp_path: Path, store: Path, case: Path
) -> None:
    messages = local(tmp_path, "few.csv", "2026-11-20T10:00Z")
    said = here("import", "--cases", case, "--messages", messages, store=store).stdout.splitlines()
    told = {line for line in said if ": without the column " in line}
    assert {re.sub(r":[^:]*$", "", line) for line in told} == {
        f"{file}: without the column {column}"
        for file, columns in (
            ("cases.csv", ("team", "closed_at")),
            ("few.csv", ("status", "kind", "template_name", "phone", "agent", "error_code")),
        )
        for column in columns
    }
    cost = "no cases attended, no first response time, no last agent"
    assert f"few.csv: without the column agent: {cost}" in told
    full = write_csv(
        tmp_path / "full.csv",
        ",".join(MESSAGES.column_names) + "\n,m9,c1,in,,,,,,,,2026-11-20T10:00Z,,,,,,",
    )
    cases = write_csv(
        tmp_path / "all.csv",
        ",".join(CASES.column_names) + "\n,c9,,Ana,WhatsApp,x,,2026-11-20T10:00Z,",
    )
    said = here("import", "--cases", cases, "--messages", full, store=store).stdout
    assert "without the column" not in said
