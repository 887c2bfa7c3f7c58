"""Sites of different names under https, and a browser that keeps their cookies apart.

Chromium takes every name below ``.test`` for this machine, and blocks cookies of third parties in
the tabs of ``isolated_tab``. Certificates are made here and trusted by nobody else.
"""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from wsgiref.types import WSGIApplication

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from playwright.sync_api import Browser, BrowserContext, Page, Playwright
from werkzeug.serving import make_server

from tests.chromium import find_chromium

PORTAL_HOST = "portal.test"
DASHBOARD_HOST = "dash.test"
OTHER_HOST = "other.test"


def make_certificate(folder: Path) -> ssl.SSLContext:
    """Make a key and a certificate for the names of this module; return what a server needs."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    names = [x509.DNSName(host) for host in (PORTAL_HOST, DASHBOARD_HOST, OTHER_HOST)]
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


@contextmanager
def serving_https(app: WSGIApplication, host: str, context: ssl.SSLContext) -> Iterator[str]:
    """Serve ``app`` in a thread; yield its origin, as https://portal.test:40123."""
    server = make_server("127.0.0.1", 0, app, threaded=True, ssl_context=context)
    # At the end wait for the requests of pages that were closed: they still use the store.
    server.daemon_threads = False  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"https://{host}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def cross_site_browser(playwright: Playwright) -> Iterator[Browser]:
    """Yield a browser that finds every name below .test on this machine."""
    browser = playwright.chromium.launch(
        executable_path=find_chromium(),
        args=[
            *("--no-sandbox", "--host-resolver-rules=MAP *.test 127.0.0.1"),
            "--ignore-certificate-errors",  # the setting of a tab does not hold for downloads
        ],
    )
    yield browser
    browser.close()


@contextmanager
def isolated_tab(browser: Browser) -> Iterator[Page]:
    """Yield a tab of its own context in which cookies of third parties are blocked."""
    context = browser.new_context(ignore_https_errors=True, locale="en-US")
    page = context.new_page()
    block_third_party_cookies(context, page)
    yield page
    context.close()


def block_third_party_cookies(context: BrowserContext, page: Page) -> None:
    """Block them as the browser's own setting does, which the headless shell does not have."""
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send(
        "Network.setCookieControls",
        {
            "enableThirdPartyCookieRestriction": True,
            "disableThirdPartyCookieMetadata": True,
            "disableThirdPartyCookieHeuristics": True,
        },
    )
