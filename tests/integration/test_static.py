"""How browsers cache the page: addresses with a digest of the content, and 304 answers."""

import base64
import gzip
import hashlib
import html
import json
import re
import shutil
import sys
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient
from plotly.offline import get_plotlyjs, get_plotlyjs_version

from app import page_files
from app.factory import create_app, parts_of
from app.page_files import (
    STYLES,
    JoinedScripts,
    PageFiles,
    join_scripts,
    joined,
    put_page_files,
)
from app.routes import static
from app.routes.static import StaticFiles
from app.server import warm_app
from app.settings import Settings
from components.index import LATE_SCRIPTS_META, PLOTLY_META
from components.panels import PANELS
from components.theme import colour_styles
from tests.services import ROOT

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

pytestmark = pytest.mark.integration

SUITES = "/_dash-component-suites/dash"
#: Encodings as clients ask for them, and how each answer is read.
READERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "identity": bytes,
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": zstd.decompress,
    "deflate": zlib.decompress,
    "gzip, deflate, br, zstd": zstd.decompress,
    "gzip, br;q=0.9": gzip.decompress,
}
#: What Dash serves to those who ask for it by name; nothing of it is in a first load.
LATE = ("dcc/async-markdown.js", "dcc/async-graph.js", "dash_table/async-table.js")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    store = tmp_path_factory.mktemp("static") / "store.duckdb"
    made = create_app(Settings(store_url=f"duckdb:///{store}"))
    with closing(parts_of(made)):
        yield made


@pytest.fixture(scope="module")
def page(client: FlaskClient) -> str:
    return client.get("/").get_data(as_text=True)


@pytest.fixture(scope="module")
def addresses(page: str) -> list[str]:
    """Return the addresses of all files that the page loads."""
    named = re.findall(r'(?:src|href)="([^"]+)"', page)
    named += re.findall(rf'<meta name="{PLOTLY_META}" content="([^"]+)">', page)
    [late] = re.findall(rf'<meta name="{LATE_SCRIPTS_META}" content="([^"]+)">', page)
    named += json.loads(html.unescape(late))["table"]
    return named


def headers(encoding: str, tag: str = "") -> dict[str, str]:
    given = {"Accept-Encoding": encoding, "If-None-Match": tag}
    return {name: value for name, value in given.items() if value}


# --- what the page names ---


def test_the_page_has_few_files_each_with_a_digest_in_its_address(addresses: list[str]) -> None:
    kinds = sorted(re.sub(r"\.[0-9a-f]{20}\.", ".", address) for address in addresses)
    assert kinds == [
        f"{SUITES}/dash_table/async-highlight.js",
        f"{SUITES}/dash_table/async-table.js",
        f"{SUITES}/dash_table/dash-renderer.js",
        f"{SUITES}/dcc/dash-renderer.js",
        f"{SUITES}/deps/dash-renderer.js",
        "/static/icon.ico",
        "/static/page.css",
        "/static/page.js",
        "/static/plotly.js",
    ]


@pytest.mark.parametrize("encoding", READERS)
def test_files_of_the_page_are_cached_for_a_year_and_revalidate(
    client: FlaskClient, addresses: list[str], encoding: str
) -> None:
    tags = set()
    for address in addresses:
        first = client.get(address, headers=headers(encoding))
        assert first.status_code == 200, address
        assert first.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "Accept-Encoding" in first.headers["Vary"]
        assert first.content_length == len(first.data)
        content = READERS[encoding](first.data)
        assert hashlib.sha256(content).hexdigest()[:20] == address.split(".")[-2]
        tag = first.headers["ETag"]
        tags.add(tag)
        again = client.get(address, headers=headers(encoding, tag))
        assert (again.status_code, again.data) == (304, b""), address
        assert again.headers["ETag"] == tag
        assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
        assert "Content-Encoding" not in again.headers
        assert client.get(address, headers=headers(encoding, '"other"')).status_code == 200
        assert client.head(address, headers=headers(encoding)).status_code == 200
    assert len(tags) == len(addresses)


def test_scripts_are_sent_as_scripts(client: FlaskClient, addresses: list[str]) -> None:
    kinds = {address.rpartition(".")[2]: client.get(address).mimetype for address in addresses}
    assert kinds == {"css": "text/css", "js": "text/javascript", "ico": "image/x-icon"}


def test_each_encoding_has_a_tag_of_its_own(client: FlaskClient, addresses: list[str]) -> None:
    """A proxy's cache must not confuse the bytes of two encodings."""
    encodings = ("", "gzip", "br", "zstd", "deflate")
    for address in addresses:
        answers = [client.get(address, headers=headers(encoding)) for encoding in encodings]
        assert len({answer.headers["ETag"] for answer in answers}) == len(encodings)
        said = [answer.headers.get("Content-Encoding", "") for answer in answers]
        assert said == list(encodings)


@pytest.mark.parametrize("encoding", READERS)
@pytest.mark.parametrize("path", LATE)
def test_files_without_a_digest_are_revalidated_each_time(
    client: FlaskClient, page: str, path: str, encoding: str
) -> None:
    address = f"{SUITES}/{path}"
    first = client.get(address, headers=headers(encoding))
    assert first.status_code == 200
    assert first.headers["Cache-Control"] == "public, no-cache"
    assert READERS[encoding](first.data)
    again = client.get(address, headers=headers(encoding, first.headers["ETag"]))
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    "address", ["/static/page.00000000000000000000.css", f"{SUITES}/dcc/dash-renderer.0.js"]
)
def test_a_file_of_another_version_is_not_found_and_not_cached(
    client: FlaskClient, page: str, address: str
) -> None:
    """An old address must never give new content, which would be cached for a year."""
    answer = client.get(address)
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_page_itself_is_always_revalidated(client: FlaskClient) -> None:
    answer = client.get("/")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Expires" not in answer.headers


@pytest.mark.parametrize("address", ["/_dash-layout", "/_dash-dependencies"])
def test_answers_to_the_page_are_not_cached(client: FlaskClient, address: str) -> None:
    assert client.get(address).headers["Cache-Control"] == "no-store"


def test_only_scripts_of_this_page_may_run(client: FlaskClient) -> None:
    answer = client.get("/")
    policy = dict(
        part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; ")
    )
    inline = re.findall(
        r"<script(?! src=)(?![^>]*application/json)[^>]*>(.*?)</script>",
        answer.get_data(as_text=True),
        re.DOTALL,
    )
    digests = {
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in inline
    }
    assert len(inline) > 5
    assert set(policy["script-src"].split()) == {"'self'", *digests}


# --- compression ---


def test_a_file_is_compressed_once(server: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def slowly(content: bytes) -> bytes:
        # A server of an earlier test may still compress its files in another thread.
        if content == b"some words":
            made.append(content)
        return content[::-1]

    monkeypatch.setattr(static, "ENCODERS", {"zstd": slowly})
    static_files = StaticFiles()
    address = static_files.put("words.css", b"some words")

    def ask(_: int) -> bytes:
        with server.test_request_context(address, headers=headers("zstd")):
            return static_files.answer(address).data

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(ask, range(32)))
    assert answers == {b"sdrow emos"}
    static_files.compress()
    assert made == [b"some words"]


def test_the_compressed_files_made_at_start_are_what_browsers_request(
    server: Flask, addresses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    static_files = parts_of(server).static_files
    static_files.compress()
    monkeypatch.setattr(static, "ENCODERS", {"zstd": None})
    for address in addresses:
        with server.test_request_context(address, headers=headers("zstd")):
            assert static_files.answer(address).headers["Content-Encoding"] == "zstd"


@pytest.mark.parametrize("hosts", ["", "page.test other.test", ".page.test"])
def test_all_files_are_compressed_when_the_server_has_started(tmp_path: Path, hosts: str) -> None:
    """Also where the server accepts only requests for the configured host names."""
    settings = Settings(store_url=f"duckdb:///{tmp_path / 'store.duckdb'}", hosts=hosts)
    made = warm_app(settings)
    with closing(parts_of(made)):
        held = {address.split("/")[-2] for address in parts_of(made).static_files.addresses}
    assert held == {"static", "deps", "dcc", "dash_table"}


# --- what is joined ---


def test_our_styles_are_joined_in_their_order(client: FlaskClient, addresses: list[str]) -> None:
    """All of them, after the colours and Bootstrap's."""
    styles = [ROOT / "assets" / "styles" / f"{name}.css" for name in STYLES]
    assert sorted(styles) == sorted((ROOT / "assets" / "styles").iterdir())
    content = page_file(client, addresses, ".css")
    places = [
        content.find(part) for part in (colour_styles().encode(), *map(Path.read_bytes, styles))
    ]
    assert -1 not in places
    assert places == sorted(places)
    assert places[0] > 100_000


def test_all_our_scripts_are_in_one_file(client: FlaskClient, addresses: list[str]) -> None:
    scripts = sorted((ROOT / "assets" / "scripts").iterdir())
    content = page_file(client, addresses, ".js")
    assert len(scripts) >= 3
    for path in scripts:
        head, end, source = path.read_bytes().partition(b"*/\n")
        assert head.startswith(b"/* "), path.name
        assert end
        assert content.count(source) == 1, path.name


def page_file(client: FlaskClient, addresses: list[str], extension: str) -> bytes:
    """The one file of the page's own styles or scripts."""
    [address] = [name for name in addresses if re.fullmatch(rf"/static/page\.\w+{extension}", name)]
    return client.get(address).data


def test_stylesheets_contain_no_relative_addresses(
    client: FlaskClient, addresses: list[str]
) -> None:
    """The joined file has another address, from which relative ones would point elsewhere."""
    [address] = [name for name in addresses if name.endswith(".css")]
    named = re.findall(rb"url\(\s*[\"']?([^\"')]*)", client.get(address).data)
    assert [name for name in named if not name.startswith((b"data:", b"#"))] == []
    assert b"@import" not in client.get(address).data


@pytest.mark.usefixtures("page")  # the joined files are there once the page has been asked for
def test_dash_s_scripts_are_joined_in_their_order(server: Flask, client: FlaskClient) -> None:
    with server.test_request_context("/"):
        tags = parts_of(server).dash._generate_scripts_html()  # noqa: SLF001 - Dash has no other
    named = re.findall(rf'<script src="({SUITES}(?:_bootstrap_components)?/[^"]+)">', tags)
    assert len(named) > 7
    assert sum("dash_bootstrap_components" in name for name in named) == 1
    joined_tags = join_scripts(tags, StaticFiles()).tags
    kept = re.findall(r'<script src="([^"]+)">', joined_tags)
    # Our own come first: Dash's start is the last.
    folders = [name.split("/")[-2] for name in kept]
    assert folders == ["static", "deps", "dcc", "dash_table"]
    seen = []
    for address in kept[1:]:
        content = client.get(address).data
        bodies = {member: body_of(client, member) for member in named}
        places = {content.find(body): member for member, body in bodies.items() if body in content}
        seen += [places[place] for place in sorted(places)]
        assert content.startswith(b";")
    # All of them, in their order, but the one that only old browsers need.
    assert seen == [member for member in named if "polyfill" not in member]
    assert len(named) == len(seen) + 1
    [core] = [name for name in kept if "/dcc/" in name]
    for member in page_files.JOINED_LATE["dcc"]:
        assert body_of(client, f"{SUITES}/{member}") in client.get(core).data
    assert tags.count("<script>") == joined_tags.count("<script>") > 5


@pytest.mark.usefixtures("page")
def test_the_table_s_scripts_have_the_names_by_which_it_looks_for_them(
    server: Flask, client: FlaskClient
) -> None:
    with server.test_request_context("/"):
        tags = parts_of(server).dash._generate_scripts_html()  # noqa: SLF001 - Dash has no other
    found = join_scripts(tags, StaticFiles())
    beside = [(name.removeprefix("dash_table:chunk-"), path) for path, name in found.table.items()]
    assert [path.split("/")[-2] for path in found.after] == ["deps", "dcc"]
    [table] = re.findall(rf'<script src="({SUITES}/dash_table/[^"]+)">', tags)
    names = dict(re.findall(r'(\d+):"(async-\w+)"', client.get(table).text))
    assert [names[number] for number, _ in beside] == ["async-highlight", "async-table"]
    for number, address in beside:
        assert address.startswith(f"{SUITES}/dash_table/{names[number]}.")
        content = client.get(address).data
        assert content == joined([client.get(f"{SUITES}/dash_table/{names[number]}.js").data])
    assert b'"dash_table:"' in client.get(table).data
    assert b'"data-webpack"' in client.get(table).data


def body_of(client: FlaskClient, address: str) -> bytes:
    """A script without the line that names a map of its source."""
    script = client.get(address).data
    return (script.rpartition(b"//# sourceMappingURL=")[0] or script).strip()


def test_the_layout_is_not_in_the_page_too(page: str) -> None:
    config = re.search(r'<script id="_dash-config"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert config
    assert "validation_layout" not in json.loads(config[1])
    assert len(page.encode()) < 50_000


def test_unreadable_scripts_keep_the_address_of_dash() -> None:
    tags = f'<script src="{SUITES}/deps/nothing.js"></script>\n<script>1</script>'
    assert join_scripts(tags, StaticFiles()) == JoinedScripts(tags)
    assert join_scripts("<script>1</script>", StaticFiles()).tags == "<script>1</script>"


def test_joined_scripts_keep_strict_mode_apart_and_drop_source_maps() -> None:
    parts = [b'"use strict";a()\n//# sourceMappingURL=a.js.map', b'b("//# sourceMappingURL=x")']
    assert joined(parts, between=b"\n;\n") == (
        b';\n"use strict";a()\n\n;\nb("//# sourceMappingURL=x")'
    )


# --- plotly.js ---


def put(basic: Path | None) -> tuple[bytes, PageFiles]:
    static_files = StaticFiles()
    files = put_page_files(static_files, basic, PANELS)
    with Flask(__name__).test_request_context(files.plotly):
        return static_files.answer(files.plotly).data, files


@pytest.fixture
def basic(tmp_path: Path) -> Path:
    """Make a plotly.js package as npm lays it out, of the version that plotly.py has."""
    package = {"name": "plotly.js-basic-dist-min", "version": get_plotlyjs_version()}
    (tmp_path / "package.json").write_text(json.dumps(package))
    (tmp_path / "plotly-basic.min.js").write_bytes(b"var Plotly = {};")
    return tmp_path / "plotly-basic.min.js"


def test_the_small_plotly_js_is_served_where_its_version_matches(basic: Path) -> None:
    assert put(basic)[0] == basic.read_bytes()


@pytest.mark.parametrize("package", ['{"version": "1.0.0"}', "{}", "[]", "not JSON", None])
def test_a_plotly_js_of_another_version_is_not_served(basic: Path, package: str | None) -> None:
    described = basic.with_name("package.json")
    if package is None:
        described.unlink()
    else:
        described.write_text(package)
    assert put(basic)[0].decode() == get_plotlyjs()


def test_without_the_small_plotly_js_the_whole_one_is_served(basic: Path) -> None:
    shutil.rmtree(basic.parent)
    assert put(basic)[0].decode() == get_plotlyjs()
    assert put(None)[0].decode() == get_plotlyjs()
