"""``token`` and ``scope``: what somebody tries out before a portal signs tokens."""

import base64
import itertools
import json
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result

from app.access.configured_tokens import sign_token, token_verifier
from app.access.visible_cases import count_visible
from app.cli import cli
from app.factory import create_app, parts_of
from app.settings import Settings
from queries.filters import Filters
from sources.case_rows import read_cases
from tests.integration.conftest import ALWAYS, Command, running_server, write_csv
from tests.oracle.awkward import write_awkward
from tests.unit.access.signing import (
    AUDIENCE,
    ISSUER,
    SECRET,
    by_secret,
    claims,
    ed_key,
    jwk,
    jwks,
    token,
)

pytestmark = pytest.mark.integration

KEYS = {
    "CONSUMO_AUTH": "token",
    "CONSUMO_TOKEN_SECRET": SECRET,
    "CONSUMO_TOKEN_ISSUER": ISSUER,
    "CONSUMO_TOKEN_AUDIENCE": AUDIENCE,
}
CASES = """account,case_id,person_name,channel,case_type,team,opened_at
,1,Ana,WhatsApp,Troca,Suporte,2026-11-01T12:00:00Z
,2,Ana,WhatsApp,Troca,Suporte,2026-11-01T12:00:00Z
,3,Ana,WhatsApp Vendas,Troca,Suporte,2026-11-01T12:00:00Z
,4,Ana,WhatsApp,Troca,suporte,2026-11-01T12:00:00Z
,5,Ana,WhatsApp,Troca,,2026-11-01T12:00:00Z
,6,Ana,E-mail,Troca,Suporte,2026-11-01T12:00:00Z
,7,Ana,E-mail,Troca,Suporte,2026-11-01T12:00:00Z
other,8,Ana,WhatsApp,Troca,Suporte,2026-11-01T12:00:00Z"""
#: The sixth case has no message and is none of WhatsApp; the seventh has one.
MESSAGES = """account,message_id,case_id,direction,sent_at
,a,1,in,2026-11-01T12:00:00Z
,b,1,out,2026-11-01T12:00:01Z
,c,3,in,2026-11-01T12:00:00Z
,d,5,in,2026-11-01T12:00:00Z
,e,7,in,2026-11-01T12:00:00Z
other,f,8,in,2026-11-01T12:00:00Z"""

Run = Callable[..., Result]


@pytest.fixture
def run(store: Path) -> Run:
    """Run a command on the store; settings may be given without their prefix ``CONSUMO_``."""

    def run(*args: object, given: str | None = None, **settings: str) -> Result:
        named = {f"CONSUMO_{name.upper()}": value for name, value in settings.items()}
        variables = {"CONSUMO_STORE_URL": f"duckdb:///{store}", **KEYS, **named}
        done = CliRunner().invoke(cli, list(map(str, args)), env=variables, input=given)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done

    return run


@pytest.fixture
def loaded(run: Run, store: Path, tmp_path: Path) -> Path:
    """A store with ``CASES`` and ``MESSAGES``."""
    files = write_csv(tmp_path / "cases.csv", CASES), write_csv(tmp_path / "messages.csv", MESSAGES)
    done = run("import", "--cases", files[0], "--messages", files[1])
    assert "14 rows read, 8 cases and 6 messages new or changed, 0 rows rejected" in done.stdout
    return store


def parts_of_token(text: str) -> list[Any]:
    """Header and payload of a token."""
    return [
        json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        for part in text.split(".")[:2]
    ]


def signed(**changed: object) -> str:
    now = int(time.time())
    return token(claims(iat=now - 10, exp=now + 600, **changed))


# --- token ----------------------------------------------------------------------------------------


def test_the_token_has_the_claims_of_the_options(run: Run) -> None:
    before = int(time.time())
    done = run(
        *("token", "--sub", "u-1", "--teams", "Suporte", "--teams", "N1, N2", "--account", "demo"),
        *("--channels", "WhatsApp", "--capability", "export", "--name", "Ana", "--minutes", 60),
    )
    assert done.exit_code == 0
    [line] = done.stdout.splitlines()
    header, payload = parts_of_token(line)
    assert header["alg"] == "HS256"
    issued_at = payload.pop("iat")
    assert before <= issued_at <= time.time()
    assert payload == {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "exp": issued_at + 3_600,
        "sub": "u-1",
        "name": "Ana",
        "account": ["demo"],
        "teams": ["Suporte", "N1, N2"],
        "channels": ["WhatsApp"],
        "capabilities": ["export"],
    }
    message, _, signature = line.rpartition(".")
    expected = base64.urlsafe_b64encode(by_secret()(message.encode())).rstrip(b"=").decode()
    assert signature == expected
    assert done.stderr == (
        "For trying out only: for 60 minutes whoever has this token sees what it allows.\n"
    )


def test_options_that_are_not_given_are_no_claims(run: Run) -> None:
    payload = parts_of_token(run("token", "--sub", "u-1").stdout)[1]
    assert sorted(payload) == ["aud", "exp", "iat", "iss", "sub"]
    assert payload["exp"] - payload["iat"] == 600
    payload = parts_of_token(run("token", "--sub", "u-1", "--all-teams").stdout)[1]
    assert payload["capabilities"] == ["all_teams"]


@pytest.mark.parametrize(
    ("options", "settings", "sentence"),
    [
        (["--sub", ""], {}, "the page would refuse a token with these options (claims)"),
        (["--sub", "\udcff"], {}, "the page would refuse a token with these options (claims)"),
        (["--sub", "u" * 9_000], {}, "the page would refuse a token with these options (form)"),
        ([], {}, "Missing option '--sub'"),
        (["--sub", "u", "--minutes", 61], {}, "61 is not in the range 1<=x<=60"),
        (["--sub", "u", "--minutes", 0], {}, "0 is not in the range 1<=x<=60"),
        (["--sub", "u", "--capability", "exports"], {}, "'exports' is not one of"),
        (
            ["--sub", "u"],
            dict.fromkeys(("auth", "token_secret", "token_issuer", "token_audience"), ""),
            "no tokens are used: CONSUMO_AUTH=token and a key of the portal are needed",
        ),
        (
            ["--sub", "u"],
            {"token_secret": "", "token_public_keys": "keys.pem"},
            "only a secret can sign here: set CONSUMO_TOKEN_SECRET",
        ),
        (["--sub", "u"], {"token_secret": "x" * 31}, "CONSUMO_TOKEN_SECRET takes"),
        (["--sub", "u"], {"token_public_keys": "no/keys.pem"}, "cannot be read: No such file"),
    ],
)
def test_tokens_that_are_not_made(
    run: Run, options: list[object], settings: Mapping[str, str], sentence: str
) -> None:
    done = run("token", *options, **settings)
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert not done.stdout
    assert SECRET not in done.stderr


# --- scope ----------------------------------------------------------------------------------------


def test_scope_counts_what_a_team_leader_sees(run: Run, loaded: Path) -> None:
    done = run("scope", "--token", signed(teams=["Suporte"]))
    assert done.exit_code == 0
    assert not done.stderr
    assert done.stdout.splitlines() == [
        "Cases: 4 of 7",
        "Messages: 4 of 6",
        "  team Suporte: cases 4, messages 4",
        "  channel WhatsApp: cases 2, messages 2",
        "  channel E-mail: cases 1, messages 1",
        "  channel WhatsApp Vendas: cases 1, messages 1",
    ]


def test_scope_counts_cases_without_a_team_for_all_teams_only(run: Run, loaded: Path) -> None:
    done = run("scope", "--token", signed(teams=["Suporte"], capabilities=["all_teams"]))
    assert done.stdout.splitlines() == [
        "Cases: 6 of 7",
        "Messages: 5 of 6",
        "  team Suporte: cases 4, messages 4",
        "  without a team: cases 1, messages 1",
        "  team suporte: cases 1, messages 0",
        "  channel WhatsApp: cases 4, messages 3",
        "  channel E-mail: cases 1, messages 1",
        "  channel WhatsApp Vendas: cases 1, messages 1",
    ]


@pytest.mark.parametrize(
    ("changed", "cases"),
    [
        ({"teams": []}, 0),
        ({"teams": ...}, 0),
        ({"teams": ["", "null", "Suporte "]}, 0),
        ({"account": "other"}, 1),
        ({"account": ["other", "default"]}, 5),
        ({"account": []}, 0),
        ({"account": "Default"}, 0),
        ({"account": "default, other"}, 0),
        ({"channels": ["WhatsApp"]}, 2),
        ({"channels": []}, 0),
    ],
)
def test_scope_of_other_claims(
    run: Run, loaded: Path, changed: dict[str, object], cases: int
) -> None:
    done = run("scope", "--token", "-", given=f" {signed(**changed)} \n")
    assert done.stdout.splitlines()[0] == f"Cases: {cases} of 7"


def test_scope_of_a_token_that_a_public_key_verifies(
    run: Run, loaded: Path, tmp_path: Path
) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(jwks(jwk(ed_key(), kid="1")))
    now = int(time.time())
    sent = token(claims(iat=now, exp=now + 9), sign=ed_key().sign, alg="EdDSA", kid="1")
    done = run("scope", "--token", sent, token_secret="", token_public_keys=str(path))
    assert done.stdout.startswith("Cases: 4 of 7\n")


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ("", "missing"),
        ("\n", "missing"),
        ("é\udcff", "form"),
        ("a.b.c", "form"),
        ("x" * 100_000, "form"),
        (token(claims(iat=1, exp=2)), "expired"),
        (token(sign=by_secret("another secret of 32 or more bytes")), "signature"),
    ],
)
def test_a_refused_token_shows_nothing(run: Run, loaded: Path, sent: str, why: str) -> None:
    done = run("scope", "--token", "-", given=sent.encode("utf-8", "surrogateescape"))
    assert done.exit_code == 2
    assert done.stderr == f"the token is refused ({why}): its holder sees nothing\n"
    assert not done.stdout


def test_scope_says_what_cannot_be_read(run: Run, store: Path, tmp_path: Path) -> None:
    other, empty = tmp_path / "other.duckdb", tmp_path / "empty.duckdb"
    with duckdb.connect(str(other)) as connection:
        connection.execute("create table mine (a int)")
    with duckdb.connect(str(empty)) as connection:
        connection.execute("create table store_facts (name text, value text)")
    text = write_csv(tmp_path / "x.csv", "a,b")
    (tmp_path / "folder").mkdir()
    for path, sentence in (
        (store, f"there is no store at {store}"),
        (other, f"{other} is a DuckDB database of something else"),
        (empty, f"{empty} has the layout of another version"),
        (text, f"{text} cannot be opened: it is damaged, or a later version wrote it"),
        (tmp_path / "folder", f"{tmp_path / 'folder'} is a directory, and a store is a file"),
    ):
        done = run("scope", "--token", signed(), "--store", path)
        assert done.exit_code == 2
        assert done.stderr.startswith(sentence)


def test_scope_beside_a_server_reads_a_copy(
    command: Command, run: Run, loaded: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.duckdb"
    with running_server(loaded):
        done = run("scope", "--token", signed())
        assert done.exit_code == 2
        assert done.stderr == (
            "a server or an import holds the store: make a copy with consumo-whatsapp backup, and "
            "name it with --store\n"
        )
        assert command("backup", copy, store=loaded).returncode == 0
        assert run("scope", "--token", signed(), "--store", copy).stdout.startswith("Cases: 4 of 7")


def test_scope_changes_no_file(run: Run, loaded: Path) -> None:
    """Also where a crash left changes that are not in the store's file yet."""
    write_ahead_log = loaded.with_name(f"{loaded.name}.wal")
    with duckdb.connect(str(loaded)) as connection:
        connection.execute("pragma disable_checkpoint_on_shutdown")
        connection.execute("update cases set team = 'Suporte' where team = 'suporte'")
    assert write_ahead_log.exists()
    loaded.chmod(0o400)
    before = {path: state(path) for path in loaded.parent.rglob("*")}
    assert run("scope", "--token", signed()).stdout.startswith("Cases: 5 of 7\n")
    assert {path: state(path) for path in loaded.parent.rglob("*")} == before


def state(path: Path) -> tuple[int, bytes]:
    return path.stat().st_mtime_ns, b"" if path.is_dir() else path.read_bytes()


# --- the page and the command ---------------------------------------------------------------------


def test_the_page_counts_what_the_command_counts(run: Run, store: Path, tmp_path: Path) -> None:
    """The page decides in SQL, the command in Python: of every kind of scope both say the same."""
    files = write_awkward(tmp_path, 7, 120)
    assert run("import", "--cases", files[0], "--messages", files[1]).exit_code in (0, 1)
    rows = list(read_cases(store, "256MB"))
    settings = Settings.from_environment({"CONSUMO_STORE_URL": f"duckdb:///{store}", **KEYS})
    verifier = token_verifier(settings, lambda: 0)
    accounts = sorted({row.account for row in rows})
    assert len(accounts) > 1
    choices = itertools.product(
        [..., accounts, accounts[-1], []],
        [..., [], ["N1", "Suporte", "-"], ["null", "", "n1"]],
        [..., [], ["WhatsApp", "E-mail"]],
        [[], ["all_teams"]],
    )
    seen = set()
    with closing(parts_of(create_app(Settings(store_url=settings.store_url)))) as parts:
        for account, teams, channels, capabilities in choices:
            named = {"account": account, "teams": teams, "channels": channels}
            given = {name: value for name, value in named.items() if value is not ...}
            sent = sign_token(settings, {"sub": "u", "capabilities": capabilities, **given}, 0, 60)
            counted = count_visible(verifier.claims(sent), rows)
            frame = parts.reader.panel(
                "indicators",
                Filters.parse({**ALWAYS, "basis": "opened"}),
                verifier.identity(sent).scope,
            ).frame
            by_page = frame["cases_created"][0], frame["messages"][0]
            assert by_page == (counted.cases, counted.messages), (given, capabilities)
            seen.add(by_page)
    assert len(seen) > 10
    assert (len(rows), sum(row.messages for row in rows)) in seen
