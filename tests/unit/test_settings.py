"""Settings: each one read from its variable, and refused with its name where it makes no sense."""

from pathlib import Path

import pytest

from app.settings import SettingError, Settings

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


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("store_url", "postgresql://h/d"),
        ("store_url", "duckdb://"),
        ("store_url", "duckdb:///:memory:"),
        ("store_url", "consumo.duckdb"),
        ("time_zone", "Brasilia"),
        ("time_zone", "../etc/passwd"),
        ("language", "pt"),
        ("language", "PT-BR"),
        ("cache_url", "http://cache.test"),
        ("cache_url", "cache.test"),
        ("cache_megabytes", "many"),
        ("threads", "2.5"),
        ("query_seconds", "30 s"),
        ("see_phones", "maybe"),
        ("see_texts", "2"),
        ("case_url", "javascript:alert(1)//{case_id}"),
        ("case_url", "/cases/{case_id}"),
        ("breadcrumb", "Analytics=javascript:alert(1) > Consumo"),
        ("breadcrumb", "Analytics=/reports"),
        ("breadcrumb", "Analytics=https:evil.test"),
        ("case_url", "https:{case_id}"),
        ("refresh_seconds", "0"),
        ("frame_ancestors", "https://a.test; script-src *"),
        ("frame_ancestors", "https://a.test, https://b.test"),
        ("frame_ancestors", "https://a.test\r\nSet-Cookie: a=b"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(name: str, text: str) -> None:
    with pytest.raises(SettingError, match=f"CONSUMO_{name.upper()} "):
        Settings.from_environment({f"CONSUMO_{name.upper()}": text})


def test_the_way_to_the_page() -> None:
    text = " Analytics = https://portal.test/?a=1 > Pastas >> 9. Consumo WhatsApp "
    steps = Settings(breadcrumb=text).site.breadcrumb
    assert [(step.name, step.address) for step in steps] == [
        ("Analytics", "https://portal.test/?a=1"),
        ("Pastas", ""),
        ("9. Consumo WhatsApp", ""),
    ]


def test_the_store_is_a_file() -> None:
    assert Settings(store_url="duckdb:////data/a.duckdb").store_path == Path("/data/a.duckdb")
    relative = Settings(store_url="duckdb:///var/a.duckdb").store_path
    assert relative == Path.cwd() / "var" / "a.duckdb"
