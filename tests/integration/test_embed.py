"""The two files that portals load: how they are served, and that their names are one set."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from app.factory import create_app, parts_of
from app.settings import Settings
from tests.integration.test_static import READERS, headers
from tests.services import ROOT

pytestmark = pytest.mark.integration

FOLDER = ROOT / "assets" / "embed"
KINDS = {"/embed.js": "text/javascript", "/embed.d.ts": "text/plain"}
#: What a portal's reader may have to load, compressed.
MOST_BYTES = 8 * 1_024


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    store = tmp_path_factory.mktemp("embed") / "store.duckdb"
    made = create_app(Settings(store_url=f"duckdb:///{store}"))
    with closing(parts_of(made)):
        yield made


@pytest.mark.parametrize("address", KINDS)
@pytest.mark.parametrize("encoding", READERS)
def test_a_file_is_served_compressed_and_revalidates(
    server: Flask, address: str, encoding: str
) -> None:
    client = server.test_client()
    first = client.get(address, headers=headers(encoding))
    assert first.status_code == 200
    content = (FOLDER / address.removeprefix("/")).read_bytes()
    assert READERS[encoding](first.data) == content
    is_packed = bool({"gzip", "br", "zstd", "deflate"} & set(re.findall(r"\w+", encoding)))
    assert ("Content-Encoding" in first.headers) == is_packed
    assert len(first.data) <= (MOST_BYTES if is_packed else len(content))
    assert first.mimetype == KINDS[address]
    assert first.headers["Cache-Control"] == "public, max-age=300"
    assert "Accept-Encoding" in first.headers["Vary"]

    again = client.get(address, headers=headers(encoding, first.headers["ETag"]))
    assert (again.status_code, again.data) == (304, b"")
    for answer in (first, again, client.head(address)):
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in answer.headers
    assert client.get(address, headers=headers(encoding, '"other"')).status_code == 200


def test_the_files_are_open_to_everyone(server: Flask) -> None:
    rules = {rule.rule: rule.endpoint for rule in server.url_map.iter_rules()}
    for address in KINDS:
        assert getattr(server.view_functions[rules[address]], "is_open", False)


# --- one set of names -----------------------------------------------------------------------------


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def typed(interface: str) -> set[str]:
    """Return the names that an interface of embed.d.ts has."""
    body = text(FOLDER / "embed.d.ts").partition(f"interface {interface} ")[2].partition("\n}")[0]
    return set(re.findall(r'^  "?([\w-]+)"?[?]?[:(]', body, re.MULTILINE))


def coded(pattern: str) -> set[str]:
    return set(re.findall(pattern, text(FOLDER / "embed.js"), re.MULTILINE))


def observed() -> set[str]:
    """Return the attributes whose changes the element sees."""
    script = text(FOLDER / "embed.js")
    listed = re.findall(r"const (?:OF_FRAME|OF_TOKEN) = \[(.*)\]", script)
    readers = script.partition("const READERS = {")[2].partition("\n  };")[0]
    return (
        {name for names in listed for name in re.findall(r'"([\w-]+)"', names)}
        | set(re.findall(r'^    "?([\w-]+)"?:', readers, re.MULTILINE))
        | {"title"}
    )


def test_types_have_the_attributes_properties_methods_and_events_of_the_script() -> None:
    assert len(observed()) > 12
    assert typed("ConsumoWhatsAppAttributes") == observed()
    of_element = typed("ConsumoWhatsAppElement") - {"addEventListener", "removeEventListener"}
    assert of_element == coded(r"^    set (\w+)\(") | {"setFilters", "refresh"}
    assert {"setFilters", "refresh"} <= coded(r"^    (\w+)\(.*\) \{")
    events = coded(r'#tell\("([\w-]+)"') | {"case-open", "ready", "session-expired"}
    assert typed("ConsumoWhatsAppEventMap") == events
