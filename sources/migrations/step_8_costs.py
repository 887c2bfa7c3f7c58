"""Upgrades a store to layout 8: prices, rules, and what messages cost."""

from typing import Final

import duckdb

_OF_COST: Final = """account varchar, channel varchar, case_type varchar, team varchar,
    direction direction_code, status status_code, kind kind_code, template_name varchar,
    template_category varchar, category varchar, charge charge_code, certainty certainty_code,
    reason varchar, currency varchar"""
_NEW: Final = (
    "create type charge_code as enum ('charged', 'perhaps', 'free')",
    "create type certainty_code as enum ('exact', 'upper_bound', 'unknown')",
    """create table cost_rates (
        valid_from date, category varchar, country varchar, currency varchar, from_message bigint,
        price bigint, is_maximum boolean)""",
    """create table cost_rules (
        valid_from date, category varchar, applies varchar, charge varchar, rate_category varchar,
        free_each_month bigint)""",
    "create table business_accounts (business_account varchar, time_zone varchar)",
    f"""create table cost_lines (
        sent_at timestamp, sent_day date, opened_day date, case_key bigint, person_id integer,
        last_agent varchar, {_OF_COST}, message_id varchar, in_window boolean,
        business_account varchar, business_number varchar, charged_day date, month date,
        country varchar, rule varchar, rate bigint, rate_from date, amount bigint,
        allowance bigint, allowance_place bigint, extra_amount bigint)""",
    f"""create table cost_days (
        sent_day date, opened_day date, {_OF_COST}, messages bigint, amount bigint,
        list_amount bigint, in_window bigint, compared bigint, extra_amount bigint)""",
    "create table outbox_costs (load_id bigint, day date)",
)


def migrate(connection: duckdb.DuckDBPyConnection, _time_zone: str) -> None:
    """Add the tables; what is known of costs without prices is derived of cases anew.

    ``connection`` is in the transaction of the upgrade.
    """
    for statement in _NEW:
        connection.execute(statement)
    connection.execute(
        "insert into outdated_cases select distinct case_key from messages "
        "where billable is not null"
    )
