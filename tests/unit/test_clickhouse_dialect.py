"""How SELECTs become ClickHouse's SQL, and values its literals."""

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import ARRAY, BigInteger, Double, cast, extract, func, literal, null, select
from sqlalchemy.engine import make_url

from queries.compiling import Compiler
from queries.engines.clickhouse.connections import Target
from queries.engines.clickhouse.dialect import literal as written
from queries.engines.clickhouse.dialect import make_dialect, with_values
from queries.engines.clickhouse.schema import (
    control_statements,
    of_version,
    table_statement,
    version_name,
)
from queries.sql_functions import Statement, is_one_of, is_one_of_keys, local_day_text
from queries.tables import cases, messages


def sql_of(statement: Statement) -> str:
    return with_values(*Compiler(make_dialect()).compiled(statement))


@pytest.mark.parametrize(
    ("value", "sql"),
    [
        (None, "NULL"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-7, "-7"),
        (0.1, "0.1"),
        ("", "''"),
        ("D'Ávila", "'D\\'Ávila'"),
        ("a\\", "'a\\\\'"),
        ("100%", "'100%'"),
        (date(1950, 1, 2), "toDate32('1950-01-02')"),
        (datetime(1950, 1, 2), "toDateTime64('1950-01-02 00:00:00.000000', 6, 'UTC')"),  # noqa: DTZ001
        ([], "[]"),
        (["a", "'"], "['a', '\\'']"),
        ([1, 2], "[1, 2]"),
    ],
)
def test_literals(value: object, sql: str) -> None:
    assert written(value) == sql


def test_tables_are_those_of_the_version_that_comes_with_the_question() -> None:
    sql = sql_of(select(cases.c.team).where(cases.c.case_id == "{version:Identifier}"))
    assert "FROM {version:Identifier}.`cases`" in sql
    assert sql.count("Identifier") == 2  # The text of the filter is a literal, and stays.
    assert "'{version:Identifier}'" in sql


@pytest.mark.parametrize("keys", [[], [3], [1, 2, 3]])
def test_long_lists_are_one_literal(keys: list[int]) -> None:
    sql = sql_of(select(cases.c.team).where(is_one_of_keys(cases.c.case_key, keys)))
    assert f"`cases`.`case_key` IN {keys}" in sql


def test_short_lists_have_a_literal_for_each_value() -> None:
    sql = sql_of(select(cases.c.team).where(is_one_of(cases.c.channel, ["a", "b"])))
    assert "IN ('a', 'b')" in sql


@pytest.mark.parametrize(
    ("column", "sql"),
    [
        ((cases.c.case_key == 1).label("it"), "CAST(`cases`.`case_key` = 1 AS Nullable(Bool))"),
        (func.count().label("it"), "toInt64(count(*)) AS `it`"),
        (literal(0).label("it"), "toInt64(0) AS `it`"),
        (cases.c.person_id.label("it"), "SELECT `cases`.`person_id` AS `it`"),
        (cast(null(), ARRAY(Double())).label("it"), "CAST([] AS Array(Float64)) AS `it`"),
        (cast(null(), BigInteger).label("it"), "CAST(NULL AS Nullable(Int64)) AS `it`"),
        (func.right(cases.c.case_id, 4).label("it"), "rightUTF8(`cases`.`case_id`, 4)"),
        (func.length(cases.c.case_id).label("it"), "lengthUTF8(`cases`.`case_id`)"),
        (
            extract("epoch", cases.c.closed_at - cases.c.opened_at).label("it"),
            "dateDiff('microsecond', `cases`.`opened_at`, `cases`.`closed_at`) / 1e6",
        ),
        (local_day_text(cases.c.opened_day).label("it"), "'%Y-%m-%d %d/%m/%Y'"),
        (cases.c.case_id.contains("50%", autoescape=True).label("it"), "positionUTF8("),
    ],
    ids=str,
)
def test_columns(column: Any, sql: str) -> None:
    assert sql in sql_of(select(column).select_from(cases))


def test_a_statement_is_compiled_once_for_all_values() -> None:
    compiler = Compiler(make_dialect())
    compiled = [
        compiler.compiled(select(cases.c.team).where(cases.c.case_id == number))
        for number in ("a", "b")
    ]
    assert [values for _, values in compiled] == [("a",), ("b",)]
    assert compiled[0][0] is compiled[1][0]


# --- addresses and tables ---------------------------------------------------------------------


def target(url: str) -> Target:
    return Target.of(make_url(url))


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("chdb:///srv/store", "/srv/store"),
        ("chdb:///srv/a%20folder/store", "/srv/a folder/store"),
        ("chdb:///srv/50%25", "/srv/50%"),
    ],
)
def test_an_address_of_the_engine_in_the_process_is_a_path(url: str, path: str) -> None:
    assert (target(url).path, target(url).database) == (path, "consumo")


def test_an_address_of_a_server() -> None:
    found = target(
        "clickhousedb://me:{}@ch.example:8443/reports?secure=true&cluster=two".format("secret")
    )
    assert (found.path, found.database, found.cluster) == ("", "reports", "two")
    assert not found.mistake
    assert "secret" not in repr(found)


def test_an_unknown_part_of_an_address_is_named() -> None:
    assert "verfiy" in target("clickhousedb://ch.example/reports?verfiy=false").mistake


def test_versions_are_databases_beside_that_of_the_address() -> None:
    reports = target("clickhousedb://ch.example/reports")
    name = version_name(reports, 12, 34)
    assert of_version(reports, name) == (12, 34)
    for other in ("reports", "reports_v", "reports_v1", "reports_v1_x", "other_v1_2", "reports_vx"):
        assert of_version(reports, other) is None


def test_tables_are_sorted_as_copies_are() -> None:
    sql = table_statement(target("clickhousedb://ch.example/reports"), "reports_v1_1", messages)
    assert "ORDER BY (`sent_at`, `message_id`, `account`)" in sql
    assert "ENGINE = MergeTree PARTITION BY toYear(sent_at)" in sql
    assert "`sent_at` Nullable(DateTime64(6, 'UTC'))" in sql
    assert "`status` LowCardinality(Nullable(String))" in sql
    assert "`body` Nullable(String)" in sql


def test_on_a_cluster_tables_are_on_all_servers() -> None:
    reports = target("clickhousedb://ch.example/reports?cluster=two")
    sql = table_statement(reports, "reports_v1_1", messages)
    assert "`messages` ON CLUSTER 'two' (" in sql
    assert "ENGINE = ReplicatedMergeTree" in sql
    assert all("CREATE DATABASE" not in sql for sql in control_statements(reports))
