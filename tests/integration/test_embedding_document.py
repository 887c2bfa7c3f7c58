"""docs/embedding.md: the dashboard takes the tokens of its endpoints, and its tables are whole.

``tests/browser/test_documents.py`` tries its pages, ``tests/integration/test_documents.py`` its
commands.
"""

import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from flask import Flask

from app.access.identity import Identity
from app.access.token_keys import TokenKeys
from app.access.tokens import TokenVerifier
from app.settings import Settings
from tests.embedding_document import DOCUMENT, block, settings_of_document, token_endpoint
from tests.integration.conftest import PATIENCE_SECONDS, free_port, until
from tests.integration.test_embed import observed, typed

pytestmark = pytest.mark.integration

USER = {"id": "u-1", "name": "Ana Lima", "teams": ["Vendas"]}


def holder(token: str) -> Identity:
    """Return whom a dashboard with the settings of the document sees in ``token``."""
    given = Settings.from_environment(settings_of_document())
    keys = TokenKeys.of(given.token_secret, None, None)
    return TokenVerifier(keys, given.token_issuer, given.token_audience, time.time).identity(token)


def check(identity: Identity) -> None:
    assert (identity.subject, identity.name) == (USER["id"], USER["name"])
    assert identity.scope.teams == ("Vendas",)
    assert identity.scope.may_export
    assert not identity.scope.see_phones
    assert not identity.scope.see_texts


def test_the_endpoint_in_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in settings_of_document().items():
        monkeypatch.setenv(name, text)
    users = [USER, None]
    portal = Flask("portal_of_the_document")
    portal.register_blueprint(token_endpoint(tmp_path, monkeypatch, lambda: users.pop(0)))
    answer = portal.test_client().get("/consumo-token")
    assert answer.headers["Cache-Control"] == "no-store"
    check(holder(answer.get_json()["token"]))
    assert portal.test_client().get("/consumo-token").status_code == 401


def test_the_endpoint_in_node(tmp_path: Path) -> None:
    if (node := shutil.which("node")) is None:
        pytest.skip("node is not installed (Debian: apt-get install nodejs)")
    (tmp_path / "endpoint.mjs").write_text(block("js", "node:crypto"), encoding="utf-8")
    signed_in = f"request.url.includes('nobody') ? null : {json.dumps(USER)}"
    (tmp_path / "session.mjs").write_text(
        f"export const signedInUser = (request) => {signed_in};", encoding="utf-8"
    )
    port = free_port()
    output = (tmp_path / "said.txt").open("wb")
    process = subprocess.Popen(
        [node, "endpoint.mjs"],
        cwd=tmp_path,
        env={**os.environ, **settings_of_document(), "PORT": str(port)},
        stdout=output,
        stderr=output,
    )
    address = f"http://127.0.0.1:{port}/consumo-token"

    def answer() -> str | None:
        assert process.poll() is None, (tmp_path / "said.txt").read_text()
        try:
            with urlopen(f"{address}?context=x", timeout=PATIENCE_SECONDS) as response:
                assert response.headers["Cache-Control"] == "no-store"
                return str(json.load(response)["token"])
        except OSError:
            return None

    try:
        check(holder(until(answer, "the endpoint answers")))
        for path, status in (("?nobody", 401), ("/other", 404)):
            with pytest.raises(HTTPError) as refused:
                urlopen(address + path, timeout=PATIENCE_SECONDS)
            assert refused.value.code == status
            refused.value.close()
    finally:
        process.kill()
        process.wait()
        output.close()


# --- tables ---------------------------------------------------------------------------------------


def names(heading: str) -> set[str]:
    """Return the names in the first column of the table below a heading."""
    section = DOCUMENT.read_text(encoding="utf-8").partition(f"## {heading}\n")[2]
    section = section.partition("\n## ")[0]
    return {
        name
        for cell in re.findall(r"^\| (`[^|]+`) \|", section, re.MULTILINE)
        for name in re.findall(r"`([\w-]+)", cell)
    }


def test_tables_have_what_the_element_has() -> None:
    assert names("Attributes") == observed()
    of_element = typed("ConsumoWhatsAppElement") - {"addEventListener", "removeEventListener"}
    assert names("Properties and methods") == of_element
    assert names("Events") == typed("ConsumoWhatsAppEventMap")


def test_the_frame_of_the_element_is_described_as_it_is() -> None:
    script = (DOCUMENT.parents[1] / "assets" / "embed" / "embed.js").read_text(encoding="utf-8")
    section = DOCUMENT.read_text(encoding="utf-8").partition("## Sandbox")[2].partition("\n## ")[0]
    described = re.findall(r"`(allow-[\w-]+)`", section)
    assert sorted(described) == sorted(re.findall(r'"(allow-[\w-]+)"', script))
    assert described
    allow = re.search(r'const ALLOW = ("[^"]+")', script)
    assert allow
    assert f"`allow={allow[1]}`" in section
