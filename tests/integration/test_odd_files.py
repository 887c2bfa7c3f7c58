"""Files as people have them: what ``import`` takes, and the sentence that a person sees."""

import gzip
import io
import os
import pty
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from openpyxl import Workbook

from app.cli import cli
from tests.integration.conftest import (
    PATIENCE_SECONDS,
    ROOT,
    Here,
    answers,
    environment,
    write_csv,
)

pytestmark = pytest.mark.integration

CASES = """case_id,person_name,channel,case_type,opened_at
    c1,João,WhatsApp,Dúvida,2026-11-01T12:00:00Z
    c2,Bia,WhatsApp,Troca,2026-11-02T12:00:00Z"""
MESSAGES = """message_id,case_id,direction,status,kind,sent_at,phone,body,agent,is_bot
    m1,c1,in,,,2026-11-01T12:00:00Z,+5511987654471,olá; ção,,
    m2,c1,out,sent,session,2026-11-01T12:05:00Z,+5511987654471,"um, dois",Caio,false
    m3,c2,out,read,hsm,2026-11-02T12:00:00Z,,bom dia,Robô,true"""
#: The same in Portuguese: names of columns, words and local times.
CASOS = """Número do Caso;Solicitante;Canal;Tipo de Caso;Data de Abertura
    c1;João;WhatsApp;Dúvida;01/11/2026 09:00
    c2;Bia;WhatsApp;Troca;02/11/2026 09:00"""
MENSAGENS = """ID da Mensagem;Case_ID;Origem;Situação;HSM/WApp;Data;Telefone;Texto;Agente;Bot
    m1;c1;Recebida do cliente;;;01/11/2026 09:00;+5511987654471;"olá; ção";;
    m2;c1;Enviada;Enviado;WApp;01/11/2026 09:05;+5511987654471;um, dois;Caio;FALSO
    m3;c2;ENVIADA;Lido;HSM;02/11/2026 09:00;;bom dia;Robô;VERDADEIRO"""
TAKEN = "2 cases and 3 messages new or changed, 0 rows rejected."
FOREIGN = ("--date-format", "dd/mm/yyyy", "--time-zone", "America/Sao_Paulo")


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory, here: Here) -> dict[str, Any]:
    """What the page says of the plain files."""
    folder = tmp_path_factory.mktemp("plain")
    cases, messages = (
        write_csv(folder / "cases.csv", CASES),
        write_csv(folder / "messages.csv", MESSAGES),
    )
    here("import", "--cases", cases, "--messages", messages, store=folder / "s.duckdb")
    return answers(folder / "s.duckdb")


def plain(text: str) -> str:
    """The lines of a text above without their indents."""
    return "\n".join(line.strip() for line in text.splitlines()) + "\n"


def workbook(text: str) -> bytes:
    """A workbook with a title sheet, and the cells of ``text`` on the second one."""
    book, written = Workbook(), io.BytesIO()
    book.active.append(["Relatório de novembro"])
    sheet = book.create_sheet("Dados")
    for line in text.splitlines():
        cells = [cell.strip().strip('"') for cell in line.strip().split("\t")]
        sheet.append([cell or None for cell in cells])
    book.save(written)
    return written.getvalue()


def zipped(*members: tuple[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return written.getvalue()


def tabs(text: str) -> str:
    return plain(text).replace('"um, dois"', "um~ dois").replace(",", "\t").replace("~", ",")


FORMS: dict[str, Callable[[str], bytes]] = {
    "latin-1": lambda text: plain(text).encode("latin-1"),
    "utf-16": lambda text: plain(text).encode("utf-16"),
    "utf-16 big end, no mark": lambda text: plain(text).encode("utf-16-be"),
    "utf-32": lambda text: plain(text).encode("utf-32"),
    "tabs": lambda text: tabs(text).encode(),
    "tabs in utf-16": lambda text: tabs(text).encode("utf-16"),
    "gzip": lambda text: gzip.compress(plain(text).encode()),
    "zip": lambda text: zipped(("table.csv", plain(text).encode())),
    "gzip in zip": lambda text: zipped(("a.csv.gz", gzip.compress(plain(text).encode("cp1252")))),
    "other files in zip": lambda text: zipped(
        ("__MACOSX/._x.csv", b"\0\1"),
        ("readme.csv", b"a,b\n1,2\n"),
        ("x.csv", plain(text).encode()),
    ),
    "xlsx": lambda text: workbook(tabs(text)),
}


@pytest.mark.parametrize("form", FORMS)
def test_other_forms_give_what_plain_files_give(
    here: Here, tmp_path: Path, store: Path, expected: dict[str, Any], form: str
) -> None:
    paths = {"cases": tmp_path / "cases.dat", "messages": tmp_path / "messages.dat"}
    for path, text in zip(paths.values(), (CASES, MESSAGES), strict=True):
        path.write_bytes(FORMS[form](text))
    files = ("--cases", paths["cases"], "--messages", paths["messages"])
    done = here("import", *files, store=store)
    assert TAKEN in done.stdout, done.stderr
    assert answers(store) == expected
    # The same files once more are known, however they were converted.
    assert "Nothing new" in here("import", *files, store=store).stdout


def test_the_encoding_that_was_taken_is_said(here: Here, tmp_path: Path, store: Path) -> None:
    cases = tmp_path / "cases.csv"
    cases.write_bytes(plain(CASES).encode("cp1252"))
    done = here("import", "--cases", cases, store=store)
    assert "cases.csv: read as Windows-1252 (Latin-1)" in done.stderr.splitlines()
    # One broken byte in a file of UTF-8 costs its row only.
    broken = plain(CASES).encode() + b"c3,Z\xe9,WhatsApp,Troca,2026-11-02\n"
    cases.write_bytes(broken)
    done = here("import", "--cases", cases, store=store)
    assert "read as" not in done.stderr
    assert "cases, line 4: not UTF-8" in done.stdout
    # Whoever knows better says so.
    cases.write_bytes(plain(CASES).encode("cp850"))
    done = here("import", "--cases", cases, "--encoding", "cp850", "--account", "b", store=store)
    assert "2 cases and 0 messages new or changed, 0 rows rejected" in done.stdout
    done = here("import", "--cases", cases, "--encoding", "klingon", store=store)
    assert (done.exit_code, done.stderr) == (2, "cases.csv is not text in klingon\n")


def test_columns_words_and_times_in_portuguese(
    here: Here, tmp_path: Path, store: Path, expected: dict[str, Any]
) -> None:
    casos = write_csv(tmp_path / "casos.csv", CASOS)
    mensagens = write_csv(tmp_path / "mensagens.csv", MENSAGENS)
    done = here("import", "--cases", casos, "--messages", mensagens, *FOREIGN, store=store)
    assert TAKEN in done.stdout, done.stderr
    assert answers(store) == expected
    assert (
        "casos.csv: columns read by another name: Número do Caso as case_id, Solicitante as "
        "person_name, Canal as channel, Tipo de Caso as case_type, Data de Abertura as opened_at"
    ) in done.stderr.splitlines()
    for name in ("casos.csv", "mensagens.csv"):
        said = f"{name}: all times were taken as America/Sao_Paulo, because none has an offset"
        assert said in done.stdout.splitlines()


def test_typed_cells_of_a_workbook(
    here: Here, tmp_path: Path, store: Path, expected: dict[str, Any]
) -> None:
    """Numbers, moments and truth as spreadsheets store them."""
    for name, text in (("cases", CASES), ("messages", MESSAGES)):
        book = Workbook()
        for number, line in enumerate(tabs(text).splitlines()):
            cells: list[Any] = line.split("\t")
            for at, cell in enumerate(cells if number else ()):
                if cell.startswith("2026-"):
                    cells[at] = datetime.fromisoformat(cell).replace(tzinfo=None)
                elif cell.startswith("+55"):
                    cells[at] = int(cell)
                elif cell in ("true", "false"):
                    cells[at] = cell == "true"
            book.active.append(cells)
        book.save(tmp_path / f"{name}.xlsx")
    files = ("--cases", tmp_path / "cases.xlsx", "--messages", tmp_path / "messages.xlsx")
    done = here("import", *files, store=store)
    assert TAKEN in done.stdout, done.stderr + done.stdout
    assert answers(store) == expected


def test_digits_that_a_spreadsheet_lost_are_not_invented(
    here: Here, tmp_path: Path, store: Path
) -> None:
    book = Workbook()
    book.active.append(["case_id", "person_name", "channel", "case_type", "opened_at"])
    book.active.append([1234567890123456, "Ana", "WhatsApp", "Troca", "2026-11-01"])
    book.active.append([123456789012345, "Ana", "WhatsApp", "Troca", "2026-11-01"])
    book.save(tmp_path / "cases.xlsx")
    done = here("import", "--cases", tmp_path / "cases.xlsx", store=store)
    assert "2 rows read, 1 cases and 0 messages new or changed, 1 rows rejected." in done.stdout
    said = "cases, line 2, case_id: more digits than a spreadsheet keeps; format its column as text"
    assert f"  {said}" in done.stdout.splitlines()


@pytest.mark.parametrize(
    ("time", "formats"),
    [
        ("31/12/2026 10:00", "--date-format dd/mm/yyyy"),
        ("12/31/2026 10:00 AM", "--date-format mm/dd/yyyy"),
        ("31.12.26", "--date-format dd/mm/yy"),
        (
            "05/06/2026",
            "--date-format dd/mm/yyyy or --date-format mm/dd/yyyy: choose the one that is meant",
        ),
        ("Thu, 31 Dec 2026 10:00:00 +0000", "--date-format rfc2822"),
        ("1798711200", "--date-format epoch"),
        ("1798711200000", "--date-format epoch-ms"),
    ],
)
def test_another_form_of_time_is_proposed_and_never_guessed(
    here: Here, tmp_path: Path, store: Path, time: str, formats: str
) -> None:
    rows = "case_id,person_name,channel,case_type,opened_at\n"
    path = tmp_path / "cases.csv"
    path.write_text(f'{rows}c1,Ana,WhatsApp,Troca,"{time}"\n')
    done = here("import", "--cases", path, store=store)
    assert done.exit_code == 2
    assert done.stderr.splitlines() == [
        "cases.csv: no time in opened_at is in ISO 8601, as 2026-11-20T10:00:00; import it with "
        + formats
    ]
    assert not store.exists()
    chosen = formats.split()[1].rstrip(":")
    done = here("import", "--cases", path, "--date-format", chosen, store=store)
    assert "1 cases and 0 messages new or changed, 0 rows rejected" in done.stdout


def test_times_that_no_form_reads_are_rejected_as_before(
    here: Here, tmp_path: Path, store: Path
) -> None:
    path = write_csv(tmp_path / "cases.csv", CASES.replace("2026-11-0", "ontem "))
    done = here("import", "--cases", path, store=store)
    assert done.exit_code == 1
    assert "Nothing was taken: every row was rejected." in done.stderr
    assert "  cases, line 2, opened_at: not a time; expected" in done.stdout


def test_standard_input(tmp_path: Path, store: Path) -> None:
    variables = {"CONSUMO_STORE_URL": f"duckdb:///{store}"}
    given = gzip.compress(plain(CASES).encode("utf-16"))
    done = CliRunner().invoke(cli, ["import", "--cases", "-"], input=given, env=variables)
    assert "2 cases and 0 messages new or changed, 0 rows rejected" in done.stdout, done.stderr
    both = ["import", "--cases", "-", "--messages", "-"]
    done = CliRunner().invoke(cli, both, input=given, env=variables)
    assert done.exit_code == 2
    assert done.stderr == "only one of the files can come from standard input\n"


def refused(done: Any) -> str:
    """The sentence of a refusal, which is all that it says."""
    assert done.exit_code == 2
    assert not done.stdout
    [sentence] = done.stderr.splitlines()
    return str(sentence)


def test_swapped_files(here: Here, tmp_path: Path, store: Path) -> None:
    cases, messages = (
        write_csv(tmp_path / "cases.csv", CASES),
        write_csv(tmp_path / "messages.csv", MESSAGES),
    )
    said = refused(here("import", "--cases", messages, "--messages", cases, store=store))
    assert said.startswith("messages.csv is not a file of cases: the columns person_name, channel")
    assert said.endswith("it is a file of messages: give it with --messages")


def test_a_missing_column(here: Here, tmp_path: Path, store: Path) -> None:
    path = write_csv(tmp_path / "casos.csv", CASOS.replace("Solicitante", "Humor"))
    assert refused(here("import", "--cases", path, store=store)) == (
        "casos.csv is not a file of cases: the column person_name is missing; the file has "
        "Número do Caso, Humor, Canal, Tipo de Caso, Data de Abertura"
    )


def test_a_chat_of_a_phone(here: Here, tmp_path: Path, store: Path) -> None:
    path = tmp_path / "Conversa do WhatsApp com Ana.txt"
    path.write_text("31/12/2026 10:00 - Ana: Oi\n31/12/2026 10:01 - Loja: Olá, Ana\n")
    assert refused(here("import", "--messages", path, store=store)) == (
        "Conversa do WhatsApp com Ana.txt is not a file of messages: it is a chat exported from "
        "WhatsApp; it has neither cases nor statuses, templates and ids of messages: export from "
        "the support portal, or take the webhooks of WhatsApp"
    )


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        (
            "cut.csv.gz",
            gzip.compress(CASES.encode(), mtime=0)[:-9],
            "cut.csv.gz is not a whole gzip file: it is damaged or cut short; copy it again",
        ),
        (
            "cut.zip",
            zipped(("cases.csv", CASES.encode() * 9))[:-30],
            "cut.zip is not a whole zip archive: it is damaged or cut short; copy it again",
        ),
        (
            "two.zip",
            zipped(("a.csv", plain(CASES).encode()), ("b.csv", plain(CASES).encode())),
            "two.zip holds a.csv, b.csv: unpack it, and give the file that is meant",
        ),
        (
            "none.zip",
            zipped(),
            "none.zip holds no files: unpack it, and give the file that is meant",
        ),
        (
            "cases.xlsx",
            workbook(tabs(CASES))[:-99],
            "cases.xlsx is not a whole zip archive: it is damaged or cut short; copy it again",
        ),
        (
            "old.xls",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
            "old.xls is not a whole workbook: it is damaged or cut short; copy it again",
        ),
        ("data.7z", b"7z\xbc\xaf\x27\x1c" + b"\0" * 90, "data.7z is not a file of cases: it is an"),
    ],
)
def test_what_cannot_be_read_is_named(
    here: Here, tmp_path: Path, store: Path, name: str, content: bytes, sentence: str
) -> None:
    (tmp_path / name).write_bytes(content)
    said = refused(here("import", "--cases", tmp_path / name, store=store))
    assert said.startswith(sentence)
    assert not store.exists()


def test_the_example_begins_without_a_reject(here: Here, tmp_path: Path, store: Path) -> None:
    folder = tmp_path / "new" / "folder"
    done = here("example", folder)
    assert done.exit_code == 0
    files = ("--cases", folder / "cases.csv", "--messages", folder / "messages.csv")
    said = here("import", *files, store=store)
    assert "4 cases and 6 messages new or changed, 0 rows rejected" in said.stdout
    assert "without the column" not in said.stdout
    assert here("example", folder).exit_code == 2


def at_a_terminal(store: Path, typed: str, *arguments: object) -> str:
    """Run the command with a terminal as standard input; return what it says there."""
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "r+b", buffering=0) as terminal:
        process = subprocess.Popen(
            [sys.executable, "-m", "app", *map(str, arguments)],
            cwd=ROOT,
            env=environment(store),
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        os.close(theirs)
        terminal.write(typed.encode())
        said, _ = process.communicate(timeout=PATIENCE_SECONDS)
    return said.decode()


def test_the_zone_is_asked_for_at_a_terminal(tmp_path: Path, store: Path) -> None:
    text = CASES.replace("00Z", "00")
    cases = write_csv(tmp_path / "cases.csv", text)
    said = at_a_terminal(store, "\n", "import", "--cases", cases)
    assert "cases.csv: no time has an offset." in said
    assert "Which zone are they in [America/Sao_Paulo]: " in said
    assert "cases.csv: all times were taken as America/Sao_Paulo, because none has" in said
    said = at_a_terminal(store, "Mars\n", "import", "--cases", cases, "--account", "b")
    assert said.endswith("the zone takes a zone's name, as America/Sao_Paulo\n")
    # Nobody is asked where it is said, or where times say it themselves.
    zone = ("--time-zone", "America/Manaus", "--account", "c")
    assert "Which" not in at_a_terminal(store, "", "import", "--cases", cases, *zone)
    write_csv(cases, CASES)
    assert "Which" not in at_a_terminal(store, "", "import", "--cases", cases)
