"""``import-webhooks``: files as people have them, and the sentences of the command."""

import gzip
import json
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from app.cli import cli
from tests.integration.conftest import Here, write_csv
from tests.integration.test_accounting import stored
from tests.integration.test_webhooks_and_portal import ANA, TOLD, status, written
from tests.integration.webhook_world import FIRST, check_holds
from tests.oracle.webhooks import expected

pytestmark = pytest.mark.integration

SEND = {
    "request": {"to": ANA, "type": "template", "template": {"name": "aviso"}},
    "response": {"contacts": [{"wa_id": ANA}], "messages": [{"id": "wamid.3"}]},
}


def lines(payloads: list[object]) -> str:
    return "".join(json.dumps(payload) + "\n" for payload in payloads)


def test_every_form_of_file_gives_the_same_store(here: Here, tmp_path: Path) -> None:
    wanted = expected(TOLD)
    forms: dict[str, bytes] = {
        "lines.jsonl": lines(TOLD).encode(),
        "windows.jsonl": b"\xef\xbb\xbf\r\n" + lines(TOLD).replace("\n", "\r\n").encode(),
        "list.json": json.dumps(TOLD).encode(),
        "pretty.json": json.dumps(TOLD, indent=2).encode(),
        "packed.jsonl.gz": gzip.compress(lines(TOLD).encode()),
        "packed": gzip.compress(json.dumps(TOLD, indent=1).encode()),
    }
    for name, content in forms.items():
        (tmp_path / name).write_bytes(content)
        store = tmp_path / f"{name}.duckdb"
        done = here("import-webhooks", tmp_path / name, store=store)
        assert done.exit_code == 0, done.output
        check_holds(store, wanted)


def test_several_files_and_sends_in_one_load(here: Here, tmp_path: Path, store: Path) -> None:
    for number, payload in enumerate(TOLD):
        (tmp_path / f"{number}.json").write_text(json.dumps(payload, indent=2))
    sends = tmp_path / "sends.jsonl"
    sends.write_text(lines([SEND]))
    files = sorted(tmp_path.glob("?.json"))
    done = here("import-webhooks", *files, "--sends", sends, store=store)
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[:2] == [
        "Load 1: 6 parts of payloads read, 1 cases and 4 messages new or changed.",
        (
            "Of the parts, 6 told of messages, 0 were kept aside, 0 had been kept before, "
            "0 were rejected."
        ),
    ]
    check_holds(store, expected(TOLD, [SEND]))
    names = "select template_name from messages where message_id = 'wamid.3'"
    assert stored(store, names) == [("aviso",)]


def test_standard_input(store: Path) -> None:
    variables = {"CONSUMO_STORE_URL": f"duckdb:///{store}"}
    done = CliRunner().invoke(cli, ["import-webhooks", "-"], input=lines(TOLD), env=variables)
    assert done.exit_code == 0, done.output
    check_holds(store, expected(TOLD))


def test_the_account_is_that_of_the_receiver_or_the_one_that_is_given(
    here: Here, tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(TOLD[0]))
    monkeypatch.setenv("CONSUMO_WEBHOOK_ACCOUNT", "sul")
    assert here("import-webhooks", path, store=store).exit_code == 0
    assert here("import-webhooks", path, "--account", "norte", store=store).exit_code == 0
    assert stored(store, "select account from cases order by 1") == [("norte",), ("sul",)]


def test_what_is_rejected_is_listed_with_its_file_and_place(
    here: Here, tmp_path: Path, store: Path
) -> None:
    path = tmp_path / "junho.jsonl"
    broken = [written("wamid.1", FIRST), written("", FIRST), status("x", FIRST, "sent")]
    broken[2]["entry"][0]["changes"][0]["value"]["statuses"][0]["timestamp"] = "ontem"
    path.write_text(lines(broken) + "\n{not JSON\n" + lines([{"a": 1}]))
    done = here("import-webhooks", path, store=store)
    assert done.exit_code == 0
    where = "entry[0].changes[0].value"
    assert done.stdout.splitlines()[2:7] == [
        "The first rejected rows:",
        f"  payloads junho.jsonl, line 2, {where}.messages[0].id: missing",
        (
            f"  payloads junho.jsonl, line 3, {where}.statuses[0].timestamp: not a time; expected "
            "seconds since 1970"
        ),
        "  payloads junho.jsonl, line 5: not JSON",
        "  payloads junho.jsonl, line 6, entry: missing: it is no payload of WhatsApp",
    ]
    logged = "select rows_in, rows_superseded, rows_kept, rows_rejected from loads"
    assert stored(store, logged) == [(5, 0, 0, 4)]


@pytest.mark.parametrize("depth", [500, 900, 960, 985, 990, 5_000])
def test_however_deep_a_payload_is_nested_it_is_kept_or_rejected(
    here: Here, tmp_path: Path, store: Path, depth: int
) -> None:
    path = tmp_path / "a.jsonl"
    deep = f'{{"object": "x", "a": {"[" * depth}{"]" * depth}}}\n'
    path.write_text(lines([TOLD[0]]) + deep)
    done = here("import-webhooks", path, store=store)
    assert done.exit_code == 0, done.output
    assert stored(store, "select rows_in, rows_kept + rows_rejected from loads") == [(2, 1)]


def test_a_file_without_any_payload_ends_with_1(here: Here, tmp_path: Path, store: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[{"a": 1}, 5]')
    done = here("import-webhooks", path, store=store)
    assert done.exit_code == 1
    assert "  payloads a.json, line 1, [0].entry: missing" in done.stdout
    assert "  payloads a.json, line 1, [1]: not an object" in done.stdout
    assert done.stderr.endswith("Nothing was taken: there was no payload of WhatsApp.\n")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            b"case_id,person_name\n",
            "a.json is not JSON: expected one payload, a list of them, or one on each line",
        ),
        (b" \n\n", "a.json is empty"),
        (gzip.compress(b"{}" * 50, mtime=0)[:-10], "a.json is damaged: gzip cannot unpack it"),
        (None, "a.json cannot be read: No such file or directory"),
    ],
)
def test_a_file_that_cannot_be_read_ends_with_2(
    here: Here, tmp_path: Path, store: Path, content: bytes | None, sentence: str
) -> None:
    path = tmp_path / "a.json"
    if content is not None:
        path.write_bytes(content)
    done = here("import-webhooks", path, store=store)
    assert done.exit_code == 2
    assert done.stderr.splitlines()[-1].endswith(sentence)
    assert not store.exists()


def test_what_cannot_be_asked_for(here: Here, store: Path) -> None:
    done = here("import-webhooks", store=store)
    assert (done.exit_code, done.stderr) == (
        2,
        "nothing to import: name files of payloads, or --sends with files of sends\n",
    )
    done = here("import-webhooks", "-", "--sends", "-", store=store)
    assert "standard input can be read once only" in done.stderr
    done = here("import-webhooks", "-", "--account", " ", store=store)
    assert "--account takes a name" in done.stderr


def test_a_number_of_messages_of_one_customer_over_months(
    here: Here, tmp_path: Path, store: Path
) -> None:
    """Each session is a case; all but the last are closed a day after their last message."""
    payloads = [written(f"w{day}", FIRST + day * 2 * 86_400) for day in range(40)]
    path = tmp_path / "a.json"
    path.write_text(json.dumps(payloads[::2]))
    assert here("import-webhooks", path, store=store).exit_code == 0
    path.write_text(json.dumps(payloads[1::2]))
    assert here("import-webhooks", path, store=store).exit_code == 0
    check_holds(store, expected(payloads))
    closed = "select count(*), count(closed_at), count(waiting_since) from cases"
    assert stored(store, closed) == [(40, 39, 1)]


def test_real_payloads_replace_demonstration_data(here: Here, tmp_path: Path, store: Path) -> None:
    assert here("demo", "--messages", "50", store=store).exit_code == 0
    path = tmp_path / "a.json"
    path.write_text(json.dumps(TOLD))
    done = here("import-webhooks", path, store=store)
    assert "The demonstration data is gone: real data took its place." in done.stdout
    check_holds(store, expected(TOLD))
    with duckdb.connect(str(store), read_only=True) as connection:
        assert connection.execute("select count(*) from cases").fetchall() == [(1,)]


def test_a_file_of_the_import_still_replaces_rows(here: Here, tmp_path: Path, store: Path) -> None:
    """Webhooks do not change what ``import`` means."""
    path = tmp_path / "a.json"
    path.write_text(json.dumps(TOLD[0]))
    here("import-webhooks", path, store=store)
    cases = write_csv(
        tmp_path / "cases.csv",
        """case_id,person_name,channel,case_type,opened_at
        c1,Ana,WhatsApp,Troca,2025-10-09T08:00:00Z""",
    )
    done = here("import", "--cases", cases, store=store)
    assert done.exit_code == 0
    assert stored(store, "select count(*) from cases") == [(2,)]
