"""Accounts in one file each: every value tells whose it is, and nobody meets another's.

All bytes of the files are searched, and answers of the API for tokens of several accounts.
"""

import itertools
import json
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from flask.testing import FlaskClient

from app.factory import create_app, parts_of
from app.settings import SettingError, Settings
from app.store_addresses import reading_engine
from queries.engines.replica import account_reader
from queries.engines.replica.account_folders import AccountFolders
from queries.engines.replica.account_reader import AccountReplicas
from queries.engines.replica.local_files import LocalFiles
from queries.engines.replica.versions import PublishedFolder
from queries.errors import OneAccountOnly, StoreUnavailable
from queries.tables import PUBLISHED_KEYS
from queries.user_scope import EVERYTHING, Scope
from tests.integration.access.conftest import METRICS_TOKEN, NOW, TOKEN_SETTINGS, bearer
from tests.integration.conftest import until
from tests.panels import SLUGS
from tests.published import publish
from tests.services import Row, import_rows

pytestmark = pytest.mark.integration

_MARK = re.compile(r"~\d{3}~")
PERIOD = {"start": "2026-11-01", "end": "2026-11-30"}


def account(number: int) -> str:
    return f"Conta ~{number:03d}~"


def rows(accounts: int) -> tuple[list[Row], list[Row]]:
    """Return two cases with two messages of each account; each text has the account's mark."""
    cases, messages = [], []
    for number, place in itertools.product(range(accounts), range(2)):
        mark = f"~{number:03d}~"
        case = {
            "account": account(number),
            "case_id": f"c{place}{mark}",
            "person_name": f"Ana {mark}",
            "channel": f"WhatsApp {mark}",
            "case_type": f"tipo {mark}",
            "team": f"time {mark}",
            "opened_at": "2026-11-20T12:00:00Z",
        }
        cases.append(case)
        for direction, minute in (("in", "01"), ("out", "02")):
            messages.append(
                {
                    "account": account(number),
                    "message_id": f"m{place}{minute}{mark}",
                    "case_id": case["case_id"],
                    "direction": direction,
                    "body": f"texto {mark}",
                    "agent": f"Bia {mark}" if direction == "out" else "",
                    "sent_at": f"2026-11-20T12:{minute}:00Z",
                }
            )
    return cases, messages


@contextmanager
def published(folder: Path, accounts: int) -> Iterator[Settings]:
    """Publish a store of so many accounts; give the settings of its readers."""
    work = folder / "work"
    work.mkdir()
    store_url = import_rows(work, *rows(accounts))
    settings = Settings(
        store_url=f"file://{folder / 'shared'}/{{account}}",
        work_url=store_url,
        local_folder=str(folder / "local"),
        threads=1,
    )
    publish(settings)
    yield settings


@pytest.fixture
def three(tmp_path: Path) -> Iterator[Settings]:
    with published(tmp_path, 3) as settings:
        yield settings


def folders(settings: Settings) -> AccountFolders:
    return AccountFolders(Path(settings.store_url.removeprefix("file://")))


def file_of(settings: Settings, number: int, local: Path) -> Path:
    """Return the file that a reader puts together for an account."""
    folder = PublishedFolder(folders(settings).of(account(number)))
    newest = folder.newest()
    assert newest
    files = LocalFiles(folder, local, lambda: False)
    with files.locked():
        return files.pull(folder.manifest(newest[0])).path


def marks(text: str) -> set[str]:
    return set(_MARK.findall(text))


@contextmanager
def app(settings: Settings) -> Iterator[FlaskClient]:
    given = {**TOKEN_SETTINGS, "metrics_token": METRICS_TOKEN}
    server = create_app(replace(settings, **given), lambda: NOW)
    with closing(parts_of(server)):
        yield server.test_client()


def ask(client: FlaskClient, slug: str, whose: str | list[str]) -> tuple[int, str]:
    answer = client.get(
        f"/api/v1/panels/{slug}", query_string=PERIOD, headers=bearer(account=whose)
    )
    return answer.status_code, answer.get_data(as_text=True)


# --- the files ------------------------------------------------------------------------------------


def test_a_file_holds_all_rows_of_its_account_and_no_byte_of_others(
    three: Settings, tmp_path: Path
) -> None:
    assert three.own_store
    with duckdb.connect(str(three.own_store), read_only=True) as whole:
        for number in range(3):
            path = file_of(three, number, tmp_path / "pulled")
            # Texts lie in the file as they are, also in what is free.
            assert marks(path.read_bytes().decode("latin-1")) == {f"~{number:03d}~"}
            with duckdb.connect(str(path), read_only=True) as own:
                for table in PUBLISHED_KEYS:
                    if "account" not in table.columns or table.name == "loads":
                        continue
                    sql = f"select * from {table.name} where account = ? order by all"
                    wanted = whole.execute(sql, [account(number)]).fetchall()
                    assert own.execute(sql, [account(number)]).fetchall() == wanted
                    [(rows_in_all,)] = own.execute(f"select count(*) from {table.name}").fetchall()
                    assert rows_in_all == len(wanted)
                assert own.execute("select person_name from people").fetchall() == [
                    (f"Ana ~{number:03d}~",)
                ]


def test_only_accounts_that_changed_are_written(three: Settings, tmp_path: Path) -> None:
    def newest() -> list[object]:
        found = [PublishedFolder(folders(three).of(account(n))).newest() for n in range(3)]
        return [known[0].number if known else None for known in found]

    assert newest() == [1, 1, 1]
    cases, messages = rows(3)
    body = [{**row, "body": "outro ~001~"} for row in messages if row["account"] == account(1)]
    load_more(three, tmp_path, [row for row in cases if row["account"] == account(1)], body)
    publish(three)
    # The next writer publishes all of them anew in its epoch, and one of them changed.
    assert newest() == [0, 1, 0]


def load_more(settings: Settings, folder: Path, cases: list[Row], messages: list[Row]) -> None:
    more = folder / "more"
    more.mkdir()
    assert settings.own_store
    own = settings.own_store
    shutil.move(own, more / own.name)
    import_rows(more, cases, messages)
    shutil.move(more / own.name, own)


def test_an_account_whose_last_case_went_is_empty(three: Settings, tmp_path: Path) -> None:
    assert three.own_store
    with duckdb.connect(str(three.own_store)) as connection:
        for table in ("cases", "messages", "message_days", "case_days", "active_days"):
            connection.execute(f"delete from {table} where account = ?", [account(2)])
        connection.execute("insert into loads (load_id, source) values (2, 'erase')")
    publish(three)
    content = file_of(three, 2, tmp_path / "pulled").read_bytes()
    assert b"Ana" not in content
    with app(three) as client:
        assert not marks(ask(client, "details", account(2))[1])
        assert marks(ask(client, "details", account(1))[1]) == {"~001~"}


@pytest.mark.parametrize("pattern", ["/shared/{account}", "/shared/of-{account}/files"])
def test_folders_of_accounts_are_different_and_within_theirs(pattern: str) -> None:
    names = [
        "",
        ".",
        "..",
        "../x",
        "a/b",
        "a",
        "A",
        "á",
        "a\u0301",
        "\udc80",
        "x" * 5000,
        "accounts",
    ]
    made = [AccountFolders(Path(pattern)).of(name) for name in names]
    assert len({str(path).lower() for path in made}) == len(names)
    for path in made:
        assert ".." not in path.parts
        assert len(path.parts) == len(Path(pattern).parts)
        assert all(len(part.encode()) < 100 for part in path.parts)
        assert path not in {Path("/shared/accounts"), Path("/shared/lease")}


# --- readers --------------------------------------------------------------------------------------


def test_everybody_sees_their_own_account_only(three: Settings) -> None:
    with app(three) as client:
        for slug, number in itertools.product(SLUGS, range(3)):
            status, text = ask(client, slug, account(number))
            assert status == 200, text
            assert marks(text) <= {f"~{number:03d}~"}
        assert marks(ask(client, "details", account(1))[1]) == {"~001~"}


def test_several_accounts_are_refused_in_one_sentence(three: Settings) -> None:
    with app(three) as client:
        status, text = ask(client, "details", [account(0), account(1)])
        assert status == 403
        assert json.loads(text)["error"]["code"] == "one_account_only"
        # Who may see no account at all sees nothing.
        status, text = ask(client, "details", [])
        assert (status, json.loads(text)["total"]) == (200, 0)


def test_an_account_without_a_file_is_empty(three: Settings) -> None:
    with app(three) as client:
        status, text = ask(client, "details", "nobody")
        assert (status, json.loads(text)["total"]) == (200, 0)


def test_readiness_and_metrics_need_no_account(three: Settings) -> None:
    with app(replace(three, stale_seconds=1)) as client:
        assert client.get("/readyz").status_code == 200
        metrics = client.get("/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"})
        assert "consumo_store_up 1.0" in metrics.get_data(as_text=True)
        root = folders(three).root
        root.rename(root.with_name("away"))
        until(lambda: client.get("/readyz").status_code == 503, "that the folder is away")
        root.with_name("away").rename(root)
        until(lambda: client.get("/readyz").status_code == 200, "that it is back")


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"auth": "proxy", "proxy_header": "X-User", "proxy_addresses": "127.0.0.1"},
    ],
)
def test_serving_accounts_needs_tokens(three: Settings, given: dict[str, Any]) -> None:
    with pytest.raises(SettingError, match="needs CONSUMO_AUTH=token"):
        create_app(replace(three, **given))


def test_what_is_idle_is_closed_and_its_copy_removed(three: Settings) -> None:
    now = [0.0]
    engine = three_engine(three, lambda: now[0])
    with closing(engine):
        for number in range(3):
            with engine.of(Scope((account(number),))).snapshot() as snapshot:
                assert snapshot.fetch("select count(*) from cases", ()).rows == [(2,)]
        assert engine.open_accounts == 3
        with engine.of(Scope((account(0),))).snapshot() as snapshot:
            now[0] = account_reader.IDLE_SECONDS
            until(lambda: engine.open_accounts == 1, "that the idle ones are closed")
            # The one that is asked stays.
            assert snapshot.fetch("select count(*) from cases", ()).rows == [(2,)]
        until(lambda: len([*Path(three.local_folder).rglob("*.duckdb")]) == 1, "their copies")


def three_engine(settings: Settings, clock: Callable[[], float]) -> AccountReplicas:
    path = Path(settings.store_url.removeprefix("file://"))
    limits = account_reader.EngineLimits("200MB", 1, 30)
    return AccountReplicas(path, Path(settings.local_folder), limits, settings.time_zone, clock)


def test_many_accounts_are_opened_and_closed_without_a_foreign_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several threads ask 40 accounts, of which 4 may be open at a time, in different orders."""
    monkeypatch.setattr(account_reader, "MOST_OPEN", 4)
    with published(tmp_path, 40) as settings, closing(reading_engine(settings)) as engine:
        assert isinstance(engine, AccountReplicas)
        foreign: list[object] = []

        def ask_all(step: int) -> None:
            for place in range(40):
                number = place * step % 40
                with engine.of(Scope((account(number),))).snapshot() as snapshot:
                    found = snapshot.fetch("select account from messages", ()).rows
                if found != [(account(number),)] * 4:
                    foreign.append((number, found))

        threads = [threading.Thread(target=ask_all, args=(step,)) for step in (1, 3, 7, 39)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not foreign
        assert engine.open_accounts <= 4 + len(threads)


def test_engines_are_chosen_by_the_scope(three: Settings) -> None:
    with closing(three_engine(three, lambda: 0.0)) as engine:
        assert engine.of(EVERYTHING) is engine
        assert engine.of(Scope(())) is engine
        with pytest.raises(OneAccountOnly):
            engine.of(Scope((account(0), account(1))))
    with pytest.raises(StoreUnavailable), engine.of(Scope((account(0),))).snapshot():
        pass
