"""Settings: each is read from its variable, and an invalid value is refused with its name."""

from pathlib import Path

import pytest

from app.settings import SettingError, Settings, unknown_variables

SECRET = "s" * 32
OTHER_SECRET = "o" * 32
GIVEN = {
    "store_url": ("postgresql+psycopg://db.test/consumo", "postgresql+psycopg://db.test/consumo"),
    "work_url": ("duckdb:////srv/work.duckdb", "duckdb:////srv/work.duckdb"),
    "store_password_file": ("/run/secrets/consumo", "/run/secrets/consumo"),
    "publish_seconds": ("2.5", 2.5),
    "local_folder": ("/srv/reader", "/srv/reader"),
    "stale_seconds": ("60", 60),
    "time_zone": ("America/Manaus", "America/Manaus"),
    "language": ("es", "es"),
    "cache_url": ("rediss://cache.test:1/2", "rediss://cache.test:1/2"),
    "cache_megabytes": ("7", 7),
    "hosts": ("dash.example localhost", "dash.example localhost"),
    "memory_limit": ("512MB", "512MB"),
    "threads": ("3", 3),
    "query_seconds": ("1.5", 1.5),
    "web_threads": ("4", 4),
    "auth": ("token", "token"),
    "token_secret": (SECRET, SECRET),
    "token_secret_before": (OTHER_SECRET, OTHER_SECRET),
    "token_public_keys": ("/etc/consumo/keys.pem", "/etc/consumo/keys.pem"),
    "token_issuer": ("portal", "portal"),
    "token_audience": ("dashboard", "dashboard"),
    "proxy_header": ("X-Forwarded-User", "X-Forwarded-User"),
    "proxy_addresses": ("127.0.0.1 10.0.0.0/24 ::1", "127.0.0.1 10.0.0.0/24 ::1"),
    "capabilities": ("reveal_phone,export", "reveal_phone,export"),
    "allow_unprotected": ("Yes", True),
    "metrics_token": ("m" * 16, "m" * 16),
    "exports_per_minute": ("3", 3),
    "reveals_per_minute": ("9", 9),
    "case_url": ("https://portal.test/{case_id}", "https://portal.test/{case_id}"),
    "reply_target_minutes": ("30", 30),
    "breadcrumb": ("Analytics > Consumo", "Analytics > Consumo"),
    "refresh_seconds": ("60", 60),
    "ask_ahead": ("no", False),
    "frame_ancestors": ("https://portal.test", "https://portal.test"),
    "webhook_app_secret": ("w" * 32, "w" * 32),
    "webhook_verify_token": ("v" * 16, "v" * 16),
    "webhook_account": ("Filial Sul", "Filial Sul"),
    "webhook_forward_url": ("https://portal.test/webhooks", "https://portal.test/webhooks"),
}

_CLAIMS = ("token_issuer", "token_audience")
_PROXY = ("auth", "proxy_header", "proxy_addresses")
#: The settings without which one is refused, by its name.
NEEDED = {
    "auth": ("token_secret", *_CLAIMS),
    "token_secret": ("auth", *_CLAIMS),
    "token_secret_before": ("auth", "token_secret", *_CLAIMS),
    "token_public_keys": ("auth", *_CLAIMS),
    "token_issuer": ("auth", "token_secret", "token_audience"),
    "token_audience": ("auth", "token_secret", "token_issuer"),
    "proxy_header": _PROXY,
    "proxy_addresses": _PROXY,
    "work_url": ("store_url",),
    "store_password_file": ("store_url",),
    "webhook_app_secret": ("webhook_verify_token",),
    "webhook_verify_token": ("webhook_app_secret",),
    "webhook_forward_url": ("webhook_app_secret", "webhook_verify_token"),
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
    needed = {other: GIVEN[other][0] for other in NEEDED.get(name, ())}
    if "proxy_header" in needed:
        needed["auth"] = "proxy"
    given = {**needed, name: f" {text} "}
    settings = Settings.from_environment(
        {f"CONSUMO_{each.upper()}": text for each, text in given.items()}
    )
    assert getattr(settings, name) == value
    others = [other for other in Settings.__annotations__ if other not in given]
    assert all(getattr(settings, other) == getattr(Settings(), other) for other in others)


def test_the_table_above_knows_every_setting() -> None:
    assert set(GIVEN) == set(Settings.__annotations__)


def test_a_variable_that_is_empty_or_of_somebody_else_changes_nothing() -> None:
    variables = {f"CONSUMO_{name.upper()}": "  " for name in GIVEN}
    assert Settings.from_environment({**variables, "LANGUAGE": "xx", "THREADS": "x"}) == Settings()


#: What is refused, and how the sentence ends that says so.
STORE = (
    "duckdb:///PATH, the path of a file, as duckdb:///var/consumo.duckdb, or the address of a "
    "published store: file:///FOLDER, postgresql+psycopg://USER@HOST/DATABASE or "
    "clickhousedb://USER@HOST/DATABASE"
)
WORK = "duckdb:///PATH, the path of the writer's own store, as duckdb:///var/work.duckdb"
PAUSE = "a number of seconds from 0 to 86,400, as 30 or 0.5, not "
ZONE = "the name of a time zone, as America/Sao_Paulo or UTC, not "
CACHE = "memory:// or a Redis address, as redis://localhost:6379/0"
MEMORY = "a size of at least 64MB, as 512MB or 2GB, not "
MEGABYTES = "a whole number of megabytes from 0 to 1,048,576, not "
THREADS = "a whole number from 1 to 1,024, not "
SECONDS = "a number of seconds above 0 and up to 86,400, as 30 or 0.5, not "
REFRESH = "a whole number of seconds from 1 to 86,400, not "
FLAG = "true or false, not "
KEY = "a key of at least 32 bytes"
NETWORKS = "addresses and networks separated by spaces, as 127.0.0.1 or 10.0.0.0/24, not "
WORDS = "words out of reveal_phone, reveal_text, export, all_teams, or none, not "
TARGET = "a whole number of minutes from 1 to 1,440, not "
A_MINUTE = "a whole number from 1 to 1,000,000, not "
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
CREDENTIAL = "at least 16 signs of ASCII without blanks"
SAFE = (
    "an https:// address, or an http:// address of this machine, as https://portal.example/webhooks"
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
    ("store_url", "postgresql+psycopg://:secret@h", STORE),
    ("store_url", "postgresql+psycopg://:secret@h:99999/d", STORE),
    ("store_url", "postgresql+psycopg:///d", STORE),
    ("store_url", "clickhousedb://h", STORE),
    ("store_url", "clickhousedb://:secret@h/a b", STORE),
    ("store_url", "file://host/folder", STORE),
    ("store_url", "file:///", STORE),
    ("store_url", "file:///folder?mode=secret", STORE),
    ("store_url", "file:///folder/{team}", STORE),
    ("store_url", "file:///{account}/{account}", STORE),
    ("work_url", "file:///folder", WORK),
    ("work_url", "postgresql+psycopg://:secret@h/d", WORK),
    ("work_url", "duckdb:///:memory:", WORK),
    ("store_password_file", "/run/secrets/", "the path of a file with one line, the password"),
    ("publish_seconds", "-1", PAUSE + "'-1'"),
    ("publish_seconds", "inf", PAUSE + "'inf'"),
    ("local_folder", "~/reader", "the path of a folder"),
    ("stale_seconds", "0", REFRESH + "'0'"),
    ("stale_seconds", "0.5", REFRESH + "'0.5'"),
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
    ("ask_ahead", "nein", FLAG + "'nein'"),
    ("allow_unprotected", "sim", FLAG + "'sim'"),
    ("allow_unprotected", "2", FLAG + "'2'"),
    ("allow_unprotected", "\x1b[2Jno", FLAG + "'\\x1b[2Jno'"),
    ("allow_unprotected", "n" * 80, FLAG + f"'{'n' * 59}…'"),
    ("auth", "off", "none, token or proxy, not 'off'"),
    ("auth", "Token", "none, token or proxy, not 'Token'"),
    ("token_secret", "secret" * 5, KEY),
    ("token_secret_before", "secret", KEY),
    ("token_public_keys", "/etc/secret/", "the path of a file of public keys, PEM or JWKS"),
    ("token_issuer", "a\nb", "the text of the tokens' claim iss, not 'a\\nb'"),
    ("token_audience", "a\0b", "the text of the tokens' claim aud, not 'a\\x00b'"),
    ("proxy_header", "X User", "the name of a header, as X-Forwarded-User, not 'X User'"),
    ("proxy_header", "X:", "the name of a header, as X-Forwarded-User, not 'X:'"),
    ("proxy_addresses", "proxy.example", NETWORKS + "'proxy.example'"),
    ("proxy_addresses", "0.0.0.0/0", NETWORKS + "'0.0.0.0/0'"),
    ("proxy_addresses", "10.0.0.1/8", NETWORKS + "'10.0.0.1/8'"),
    ("capabilities", "reveal_all", WORDS + "'reveal_all'"),
    ("capabilities", "none export", WORDS + "'none export'"),
    ("metrics_token", "secret", "at least 16 signs of ASCII without blanks"),
    ("metrics_token", "secret " * 4, "at least 16 signs of ASCII without blanks"),
    ("exports_per_minute", "0", A_MINUTE + "'0'"),
    ("reveals_per_minute", "1.5", A_MINUTE + "'1.5'"),
    ("case_url", "javascript:alert(1)//{case_id}", CASE),
    ("case_url", "/cases/{case_id}", CASE),
    ("case_url", "https:{case_id}", CASE),
    ("case_url", "https://portal.test/cases", CASE),
    ("case_url", "https://portal.test/{case}", CASE),
    ("case_url", "https://portal.test/{case_id}/{team}", CASE),
    ("case_url", "https://{case_id}.portal.test/", CASE),
    ("case_url", "https://portal.test/a b/{case_id}", CASE),
    ("reply_target_minutes", "0", TARGET + "'0'"),
    ("reply_target_minutes", "1.5", TARGET + "'1.5'"),
    ("reply_target_minutes", "1441", TARGET + "'1441'"),
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
    ("webhook_app_secret", "secret", CREDENTIAL),
    ("webhook_verify_token", "secret secret secret", CREDENTIAL),
    ("webhook_account", "a\nb", None),
    ("webhook_forward_url", "http://portal.test/webhooks", SAFE),
    ("webhook_forward_url", "http://127.0.0.1.portal.test/", SAFE),
    ("webhook_forward_url", "https://:secret@portal.test/", SAFE),
    ("webhook_forward_url", "https:///webhooks", SAFE),
    ("webhook_forward_url", "https://[::1", SAFE),
    ("webhook_forward_url", "https://portal.test:99999/", SAFE),
    ("webhook_forward_url", "ftp://portal.test/", SAFE),
    ("webhook_forward_url", "portal.test/webhooks", SAFE),
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
        ("store_url", "postgresql+psycopg://db.test:5433/consumo?sslmode=verify-full"),
        ("store_url", "clickhousedb://user@ch.test:8443/consumo?secure=true"),
        ("store_url", "file:///srv/consumo/{account}"),
        ("store_url", "file:///srv/my%20store"),
        ("store_url", "chdb:///srv/clickhouse"),
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
        ("webhook_forward_url", "http://127.0.0.1:3000/webhooks/whatsapp/+555133334444"),
        ("webhook_forward_url", "http://[::1]:3000/webhooks"),
        ("webhook_forward_url", "http://localhost/"),
    ],
)
def test_a_valid_value_is_not_changed(name: str, text: str) -> None:
    needed = {f"CONSUMO_{other.upper()}": GIVEN[other][0] for other in NEEDED.get(name, ())}
    settings = Settings.from_environment({**needed, f"CONSUMO_{name.upper()}": text})
    assert getattr(settings, name) == text


@pytest.mark.parametrize("text", ["1", "true", "TRUE", "yes", "0", "false", "No"])
def test_spellings_of_true_and_false(text: str) -> None:
    assert Settings.from_environment({"CONSUMO_ALLOW_UNPROTECTED": text}).allow_unprotected is (
        text.lower() in ("1", "true", "yes")
    )


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("CONSUMO_LANGAUGE", ": did you mean CONSUMO_LANGUAGE?"),
        ("CONSUMO_LANG", ": did you mean CONSUMO_LANGUAGE?"),
        ("consumo_time_zone", ": did you mean CONSUMO_TIME_ZONE?"),
        ("CONSUMO_TIMEZONE", ": did you mean CONSUMO_TIME_ZONE?"),
        ("CONSUMO_TOKEN_KEYS", ": did you mean CONSUMO_TOKEN_PUBLIC_KEYS?"),
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
    assert Settings(store_url="duckdb:////data/a.duckdb").own_store == Path("/data/a.duckdb")
    relative = Settings(store_url="duckdb:///var/a.duckdb").own_store
    assert relative == Path.cwd() / "var" / "a.duckdb"


def test_a_published_store_has_one_of_the_writer_or_none() -> None:
    published = Settings(store_url="file:///srv/published")
    assert published.is_published
    assert published.own_store is None
    work = Settings(store_url="file:///srv/published", work_url="duckdb:////srv/work.duckdb")
    assert work.own_store == Path("/srv/work.duckdb")
    # The audit file of a reader is no file of the writer's store.
    assert work.own_files == Path.cwd() / "var" / "reader" / "reader"
    assert Settings(store_url="duckdb:////data/a.duckdb").own_files == Path("/data/a.duckdb")


IN_TOKEN_MODE = {"auth": "token", "token_issuer": "portal", "token_audience": "dashboard"}
IN_PROXY_MODE = {"auth": "proxy", "proxy_header": "X-User", "proxy_addresses": "127.0.0.1"}


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"work_url": "duckdb:///w.duckdb"}, "CONSUMO_WORK_URL"),
        ({"store_password_file": "secret.txt"}, "CONSUMO_STORE_PASSWORD_FILE"),
        (
            {"store_url": "file:///srv/published", "store_password_file": "secret.txt"},
            "CONSUMO_STORE_PASSWORD_FILE",
        ),
        (IN_TOKEN_MODE, "CONSUMO_TOKEN_PUBLIC_KEYS"),
        ({"auth": "token", "token_secret": SECRET}, "CONSUMO_TOKEN_ISSUER"),
        ({**IN_TOKEN_MODE, "token_secret": SECRET, "token_issuer": ""}, "CONSUMO_TOKEN_ISSUER"),
        ({**IN_TOKEN_MODE, "token_secret": SECRET, "token_audience": ""}, "CONSUMO_TOKEN_AUDIENCE"),
        (
            {**IN_TOKEN_MODE, "token_public_keys": "k.pem", "token_secret_before": SECRET},
            "CONSUMO_TOKEN_SECRET_BEFORE",
        ),
        ({**IN_TOKEN_MODE, "token_secret": SECRET, "auth": "none"}, "CONSUMO_AUTH is none"),
        ({"token_issuer": "portal"}, "CONSUMO_AUTH is none"),
        ({**IN_PROXY_MODE, "proxy_header": ""}, "CONSUMO_PROXY_HEADER"),
        ({**IN_PROXY_MODE, "proxy_addresses": ""}, "CONSUMO_PROXY_ADDRESSES"),
        ({**IN_PROXY_MODE, "auth": "none"}, "CONSUMO_AUTH=proxy"),
        ({**IN_PROXY_MODE, "token_secret": SECRET}, "CONSUMO_TOKEN_ISSUER"),
        (
            {**IN_TOKEN_MODE, "token_secret": SECRET, "capabilities": "reveal_phone"},
            "CONSUMO_CAPABILITIES",
        ),
        ({**IN_PROXY_MODE, "allow_unprotected": "yes"}, "CONSUMO_ALLOW_UNPROTECTED"),
    ],
)
def test_settings_that_exclude_each_other_are_refused_in_a_sentence(
    given: dict[str, str], named: str
) -> None:
    with pytest.raises(SettingError) as refused:
        Settings.from_environment({f"CONSUMO_{name.upper()}": text for name, text in given.items()})
    assert named in str(refused.value)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("name", ["CONSUMO_SEE_PHONES", "CONSUMO_SEE_TEXTS"])
def test_a_setting_of_an_earlier_version_is_not_ignored(name: str) -> None:
    with pytest.raises(SettingError, match=f"{name} is no longer a setting: use CONSUMO_CAPAB"):
        Settings.from_environment({name: "false"})


@pytest.mark.parametrize(
    ("given", "capabilities"),
    [
        ({}, {"see_texts", "may_export"}),
        ({"capabilities": "none"}, set()),
        ({"capabilities": "reveal_phone, export"}, {"see_phones", "may_export"}),
        (IN_PROXY_MODE, {"may_export"}),
        ({**IN_PROXY_MODE, "capabilities": "reveal_text"}, {"see_texts"}),
    ],
)
def test_what_readers_without_a_token_may_do(given: dict[str, str], capabilities: set[str]) -> None:
    scope = Settings(**given).default_scope
    names = ("see_phones", "see_texts", "may_export")
    assert {name for name in names if getattr(scope, name)} == capabilities
    assert not scope.is_limited
