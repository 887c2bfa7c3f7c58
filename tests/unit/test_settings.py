"""Settings: each is read from its variable, and an invalid value is refused with its name."""

from pathlib import Path

import pytest

from app.settings import SettingError, Settings, unknown_variables

GIVEN = {
    "store_url": ("duckdb:////tmp/a.duckdb", "duckdb:////tmp/a.duckdb"),
    "time_zone": ("America/Manaus", "America/Manaus"),
    "language": ("es", "es"),
    "cache_url": ("rediss://cache.test:1/2", "rediss://cache.test:1/2"),
    "cache_megabytes": ("7", 7),
    "hosts": ("dash.example localhost", "dash.example localhost"),
    "memory_limit": ("512MB", "512MB"),
    "threads": ("3", 3),
    "query_seconds": ("1.5", 1.5),
    "web_threads": ("4", 4),
    "see_phones": ("Yes", True),
    "see_texts": ("FALSE", False),
    "case_url": ("https://portal.test/{case_id}", "https://portal.test/{case_id}"),
    "breadcrumb": ("Analytics > Consumo", "Analytics > Consumo"),
    "refresh_seconds": ("60", 60),
    "frame_ancestors": ("https://portal.test", "https://portal.test"),
}


def test_nothing_set_gives_the_defaults() -> None:
    settings = Settings.from_environment({})
    assert settings == Settings()
    assert settings.time_zone == "America/Sao_Paulo"
    assert settings.language == "pt-BR"
    # Without tokens: texts are shown, phones are masked, everything is seen.
    assert settings.default_scope.masked_columns == {"phone"}
    assert settings.default_scope.accounts is None


@pytest.mark.parametrize("name", GIVEN)
def test_each_setting_is_read_from_its_variable(name: str) -> None:
    text, value = GIVEN[name]
    settings = Settings.from_environment({f"CONSUMO_{name.upper()}": f" {text} "})
    assert getattr(settings, name) == value
    others = [other for other in Settings.__annotations__ if other != name]
    assert all(getattr(settings, other) == getattr(Settings(), other) for other in others)


def test_the_table_above_knows_every_setting() -> None:
    assert set(GIVEN) == set(Settings.__annotations__)


def test_a_variable_that_is_empty_or_of_somebody_else_changes_nothing() -> None:
    variables = {f"CONSUMO_{name.upper()}": "  " for name in GIVEN}
    assert Settings.from_environment({**variables, "LANGUAGE": "xx", "THREADS": "x"}) == Settings()


#: What is refused, and how the sentence ends that says so.
STORE = "duckdb:///PATH, the path of a file, as duckdb:///var/consumo.duckdb"
ZONE = "the name of a time zone, as America/Sao_Paulo or UTC, not "
CACHE = "memory:// or a Redis address, as redis://localhost:6379/0"
MEMORY = "a size of at least 64MB, as 512MB or 2GB, not "
MEGABYTES = "a whole number of megabytes from 0 to 1,048,576, not "
THREADS = "a whole number from 1 to 1,024, not "
SECONDS = "a number of seconds above 0 and up to 86,400, as 30 or 0.5, not "
REFRESH = "a whole number of seconds from 1 to 86,400, not "
FLAG = "true or false, not "
CASE = (
    "an http:// or https:// address with {case_id} or {case_number} in its path, "
    "as https://portal.example/cases/{case_id}"
)
STEPS = "names separated by >, each with or without = and an http:// or https:// address"
ANCESTORS = "'self', 'none', or origins as https://portal.example, separated by spaces, not "
HOSTS = (
    "names without scheme and port, as dash.example, or .example for all names below it, "
    "separated by spaces, not "
)
REFUSED = [
    ("store_url", "postgresql://h/d", STORE),
    ("store_url", "postgresql://:secret@h/d", STORE),
    ("store_url", "duckdb://", STORE),
    ("store_url", "duckdb:///", STORE),
    ("store_url", "duckdb:///:memory:", STORE),
    ("store_url", "duckdb:///var/", STORE),
    ("store_url", "duckdb://host/var/a.duckdb", STORE),
    ("store_url", "duckdb:///var/a.duckdb?access_mode=read_only", STORE),
    ("store_url", "duckdb:///~/consumo.duckdb", STORE),
    ("store_url", "duckdb:///var/\0.duckdb", STORE),
    ("store_url", "consumo.duckdb", STORE),
    ("time_zone", "Brasilia", ZONE + "'Brasilia'"),
    ("time_zone", "../x", ZONE + "'../x'"),
    ("time_zone", "../etc/passwd", ZONE + "'../etc/passwd'"),
    ("time_zone", "localtime", ZONE + "'localtime'"),
    ("time_zone", "posixrules", ZONE + "'posixrules'"),
    ("time_zone", "Factory", ZONE + "'Factory'"),
    ("time_zone", "-03:00", ZONE + "'-03:00'"),
    ("language", "pt", "pt-BR, en or es, not 'pt'"),
    ("language", "PT-BR", "pt-BR, en or es, not 'PT-BR'"),
    ("cache_url", "http://cache.test", CACHE),
    ("cache_url", "cache.test", CACHE),
    ("cache_url", "redis://", CACHE),
    ("cache_url", "redis://localhost:99999", CACHE),
    ("cache_url", "redis://:secret@localhost:99999", CACHE),
    ("cache_url", "redis://localhost:port", CACHE),
    ("cache_url", "redis://localhost/first", CACHE),
    ("cache_url", "redis://localhost/0?no_such_option=1", CACHE),
    ("cache_url", "redis://localhost/0?socket_timeout=soon", CACHE),
    ("cache_url", "memory://elsewhere", CACHE),
    ("cache_megabytes", "many", MEGABYTES + "'many'"),
    ("cache_megabytes", "-5", MEGABYTES + "'-5'"),
    ("cache_megabytes", "1048577", MEGABYTES + "'1048577'"),
    ("cache_megabytes", "64MB", MEGABYTES + "'64MB'"),
    ("cache_megabytes", "1_000", MEGABYTES + "'1_000'"),
    ("cache_megabytes", "٦٤", MEGABYTES + "'٦٤'"),
    ("memory_limit", "lots", MEMORY + "'lots'"),
    ("memory_limit", "2", MEMORY + "'2'"),
    ("memory_limit", "-2GB", MEMORY + "'-2GB'"),
    ("memory_limit", "80%", MEMORY + "'80%'"),
    ("memory_limit", "0GB", MEMORY + "'0GB'"),
    ("memory_limit", "63MB", MEMORY + "'63MB'"),
    ("memory_limit", "2GB'; drop table cases", MEMORY + '"2GB\'; drop table cases"'),
    ("threads", "1.5", THREADS + "'1.5'"),
    ("threads", "0", THREADS + "'0'"),
    ("threads", "-1", THREADS + "'-1'"),
    ("threads", "100000", THREADS + "'100000'"),
    ("web_threads", "eight", THREADS + "'eight'"),
    ("web_threads", "0", THREADS + "'0'"),
    ("web_threads", "1025", THREADS + "'1025'"),
    ("query_seconds", "30 s", SECONDS + "'30 s'"),
    ("query_seconds", "0", SECONDS + "'0'"),
    ("query_seconds", "-1", SECONDS + "'-1'"),
    ("query_seconds", "0,5", SECONDS + "'0,5'"),
    ("query_seconds", "nan", SECONDS + "'nan'"),
    ("query_seconds", "inf", SECONDS + "'inf'"),
    ("query_seconds", "1e3", SECONDS + "'1e3'"),
    ("query_seconds", "86401", SECONDS + "'86401'"),
    ("refresh_seconds", "0", REFRESH + "'0'"),
    ("refresh_seconds", "0.5", REFRESH + "'0.5'"),
    ("refresh_seconds", "inf", REFRESH + "'inf'"),
    ("refresh_seconds", "86401", REFRESH + "'86401'"),
    ("see_phones", "sim", FLAG + "'sim'"),
    ("see_phones", "maybe", FLAG + "'maybe'"),
    ("see_texts", "2", FLAG + "'2'"),
    ("see_texts", "\x1b[2Jno", FLAG + "'\\x1b[2Jno'"),
    ("see_texts", "n" * 80, FLAG + f"'{'n' * 59}…'"),
    ("case_url", "javascript:alert(1)//{case_id}", CASE),
    ("case_url", "/cases/{case_id}", CASE),
    ("case_url", "https:{case_id}", CASE),
    ("case_url", "https://portal.test/cases", CASE),
    ("case_url", "https://portal.test/{case}", CASE),
    ("case_url", "https://portal.test/{case_id}/{team}", CASE),
    ("case_url", "https://{case_id}.portal.test/", CASE),
    ("case_url", "https://portal.test/a b/{case_id}", CASE),
    ("breadcrumb", "Analytics=javascript:alert(1) > Consumo", STEPS),
    ("breadcrumb", "Analytics=/reports", STEPS),
    ("breadcrumb", "Analytics=https:evil.test", STEPS),
    ("frame_ancestors", "*", ANCESTORS + "'*'"),
    ("frame_ancestors", "https:", ANCESTORS + "'https:'"),
    ("frame_ancestors", "self", ANCESTORS + "'self'"),
    ("frame_ancestors", "portal.test", ANCESTORS + "'portal.test'"),
    ("frame_ancestors", "https://portal.test/", ANCESTORS + "'https://portal.test/'"),
    ("frame_ancestors", "'none' https://a.test", ANCESTORS + "\"'none' https://a.test\""),
    ("frame_ancestors", "https://a.test; script-src *", None),
    ("frame_ancestors", "https://a.test, https://b.test", None),
    ("frame_ancestors", "https://a.test\r\nSet-Cookie: a=b", None),
    ("hosts", "https://dash.example", HOSTS + "'https://dash.example'"),
    ("hosts", "dash.example:8050", HOSTS + "'dash.example:8050'"),
    ("hosts", "dash.example/a", HOSTS + "'dash.example/a'"),
    ("hosts", "a.example,b.example", HOSTS + "'a.example,b.example'"),
    ("hosts", "*", HOSTS + "'*'"),
]


@pytest.mark.parametrize(("name", "text", "takes"), REFUSED)
def test_an_invalid_value_is_refused_with_the_name_of_its_setting(
    name: str, text: str, takes: str | None
) -> None:
    with pytest.raises(SettingError) as refused:
        Settings.from_environment({f"CONSUMO_{name.upper()}": text})
    said = str(refused.value)
    assert said.startswith(f"CONSUMO_{name.upper()} takes ")
    assert takes is None or said == f"CONSUMO_{name.upper()} takes {takes}"
    assert "secret" not in said
    assert said.isprintable()


def test_every_setting_has_an_invalid_value_in_these_tests() -> None:
    assert {name for name, _text, _takes in REFUSED} == set(Settings.__annotations__)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("store_url", "duckdb:///C:/data/my store.duckdb"),
        ("time_zone", "UTC"),
        ("cache_url", "redis://:secret@cache.test:6379/1"),
        ("cache_url", "rediss://cache.test/0?ssl_cert_reqs=none"),
        ("cache_url", "redis://[::1]:6379"),
        ("memory_limit", "1.5GiB"),
        ("memory_limit", "512mb"),
        ("case_url", "https://portal.test/?case={case_number}&id={case_id}"),
        ("frame_ancestors", "'none'"),
        ("frame_ancestors", "'self' https://*.portal.test http://localhost:*  https://a.test:8443"),
        ("hosts", ".dash.example LOCALHOST 192.0.2.1 ::1 [::1]"),
    ],
)
def test_a_valid_value_is_not_changed(name: str, text: str) -> None:
    settings = Settings.from_environment({f"CONSUMO_{name.upper()}": text})
    assert getattr(settings, name) == text


@pytest.mark.parametrize("text", ["1", "true", "TRUE", "yes", "0", "false", "No"])
def test_spellings_of_true_and_false(text: str) -> None:
    assert Settings.from_environment({"CONSUMO_SEE_PHONES": text}).see_phones is (
        text.lower() in ("1", "true", "yes")
    )


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("CONSUMO_LANGAUGE", ": did you mean CONSUMO_LANGUAGE?"),
        ("CONSUMO_LANG", ": did you mean CONSUMO_LANGUAGE?"),
        ("consumo_time_zone", ": did you mean CONSUMO_TIME_ZONE?"),
        ("CONSUMO_TIMEZONE", ": did you mean CONSUMO_TIME_ZONE?"),
        ("CONSUMO_SHOW_PHONES", ": did you mean CONSUMO_SEE_PHONES?"),
        ("CONSUMOSTORE_URL", ": did you mean CONSUMO_STORE_URL?"),
        ("CONSUMO_X\x1b[2J", "; see the README"),
    ],
)
def test_an_unknown_variable_is_named_with_a_suggestion(name: str, meant: str) -> None:
    known = {f"CONSUMO_{setting.upper()}": "" for setting in Settings.__annotations__}
    shown = name.replace("\x1b", "\\x1b")
    assert unknown_variables({**known, name: "x", "PATH": "/bin", "LANGUAGE": "pt"}) == [
        f"{shown} is not a setting and changes nothing{meant}"
    ]


def test_the_breadcrumb_has_names_and_addresses() -> None:
    text = " Analytics = https://portal.test/?a=1 > Pastas >> 9. Consumo WhatsApp "
    steps = Settings(breadcrumb=text).deployment.breadcrumb
    assert [(step.name, step.address) for step in steps] == [
        ("Analytics", "https://portal.test/?a=1"),
        ("Pastas", ""),
        ("9. Consumo WhatsApp", ""),
    ]


def test_the_store_url_gives_the_path_of_the_file() -> None:
    assert Settings(store_url="duckdb:////data/a.duckdb").store_path == Path("/data/a.duckdb")
    relative = Settings(store_url="duckdb:///var/a.duckdb").store_path
    assert relative == Path.cwd() / "var" / "a.duckdb"
