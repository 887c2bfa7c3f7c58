"""Signs that would write what follows backwards are made visible, so that no number is misread."""

from pathlib import Path

from playwright.sync_api import BrowserContext

from app.factory import create_app
from app.settings import Settings
from tests.browser.conftest import CASE_URL, WAIT_MS, serving, watched
from tests.browser.data import Row
from tests.services import import_rows

OVERRIDE = "\u202e"
NUMBER = f"48{OVERRIDE}123"
PERSON = f"Ana {OVERRIDE}Silva"
SEEN_NUMBER = "48\ufffd123"
SEEN_PERSON = "Ana \ufffdSilva"
#: All that is read on the page, by eyes or ears.
READ = """() => {
  const texts = [document.body.textContent];
  for (const one of document.querySelectorAll('[title], [aria-label]')) {
    texts.push(one.title, one.getAttribute('aria-label'));
  }
  return texts.join(' ');
}"""


def _rows() -> tuple[list[Row], list[Row]]:
    case = {"case_id": "c1", "case_number": NUMBER, "person_name": PERSON, "channel": "Web"}
    case |= {"case_type": f"A{OVERRIDE}B", "opened_at": "2026-11-01T12:00:00Z"}
    sent = {"message_id": "m1", "case_id": "c1", "direction": "out", "kind": "hsm"}
    sent |= {"sent_at": "2026-11-01T12:01:00Z", "template_name": f"wel{OVERRIDE}come"}
    sent |= {"agent": "Caio"}  # without any agent in the data the list of those who wait is folded
    received = {"message_id": "m2", "case_id": "c1", "direction": "in"}
    received |= {"sent_at": "2026-11-01T12:02:00Z", "body": f"one {OVERRIDE}two"}
    return [case], [sent, received]


def test_no_text_is_read_backwards(tabs: BrowserContext, tmp_path: Path) -> None:
    settings = Settings(store_url=import_rows(tmp_path, *_rows()), case_url=CASE_URL)
    with serving(create_app(settings)) as url, watched(tabs, url) as visit:
        page = visit.page
        visit.open(start="2026-11-01", end="2026-11-30", person=PERSON)
        cells = page.locator("#details-table td[data-dash-column=case_number]")
        assert SEEN_NUMBER in cells.first.inner_text()
        assert "48%E2%80%AE123" in (cells.first.locator("a").get_attribute("href") or "")
        assert page.locator("#waiting-cards .case-button").inner_text() == SEEN_NUMBER
        assert SEEN_PERSON in page.inner_text("#chips")
        assert "wel\ufffdcome" in (page.inner_text("#templates-cards"))

        page.click("#filter-person")
        page.locator(".dash-dropdown-option", has_text=SEEN_PERSON).wait_for(timeout=WAIT_MS)
        assert OVERRIDE not in page.evaluate(READ)
        page.keyboard.press("Escape")

        page.locator("#waiting-cards .case-button").click()
        visit.says("#timeline-body", "Solicitante")
        assert SEEN_PERSON in page.inner_text("#timeline-body")
        assert SEEN_NUMBER in page.inner_text("#timeline h2")
        assert OVERRIDE not in page.evaluate(READ)
