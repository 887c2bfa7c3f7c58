"""The peer: our four graphs, indicators and table as a typical Streamlit page.

Streamlit runs this file in a virtual environment of its own, so it imports nothing of the project.
It opens the store once, for reading only. Each panel is a plain SQL query on the base tables, whose
result Streamlit caches, and a figure made from it. The page filters by period, channel and type.
"""

# mypy: ignore-errors
# mypy runs in the project's environment, which has no Streamlit.

import os
from datetime import date, timedelta

import duckdb
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

STORE = os.environ["PEER_STORE"]
NEWEST = date.fromisoformat(os.environ["PEER_NEWEST_DAY"])
ROWS = 20
COLOURS = {"out": "#2b6cb0", "in": "#2f855a"}

Texts = tuple[str, ...]


@st.cache_resource
def connection() -> duckdb.DuckDBPyConnection:
    """Open the store once for all; every query takes a cursor of this connection."""
    return duckdb.connect(STORE, read_only=True)


def rows(
    sql: str, start: date, end: date, channels: Texts, types: Texts, **more: object
) -> pd.DataFrame:
    """Run ``sql`` with the filters and return its rows.

    ``{where}`` in ``sql`` is replaced by the condition for channels and types; an empty tuple means
    all of them. ``more`` are further parameters.
    """
    parameters: dict[str, object] = {"start": start, "end": end} | more
    where = "true"
    for column, values in (("channel", channels), ("case_type", types)):
        if values:
            where += f" and {column} in (select unnest(${column}))"
            parameters[column] = list(values)
    with connection().cursor() as cursor:
        return cursor.execute(sql.format(where=where), parameters).df()


@st.cache_data
def options(column: str) -> list[str]:
    sql = f"select distinct {column} from cases where counted and {column} is not null order by 1"
    with connection().cursor() as cursor:
        return [row[0] for row in cursor.execute(sql).fetchall()]


@st.cache_data(max_entries=1_000)
def messages_by_day(start: date, end: date, channels: Texts, types: Texts) -> pd.DataFrame:
    return rows(
        """select sent_day as day, direction, count(*) as messages from messages
        where sent_day between $start and $end and {where} group by all order by day""",
        start,
        end,
        channels,
        types,
    )


@st.cache_data(max_entries=1_000)
def messages_by_status(start: date, end: date, channels: Texts, types: Texts) -> pd.DataFrame:
    return rows(
        """select direction, status, count(*) as messages from messages
        where sent_day between $start and $end and {where} group by all order by status""",
        start,
        end,
        channels,
        types,
    )


@st.cache_data(max_entries=1_000)
def cases_by_day(start: date, end: date, channels: Texts, types: Texts) -> pd.DataFrame:
    return rows(
        """select day, sum(created) as created, sum(attended) as attended from (
            select opened_day as day, count(*) as created, 0 as attended from cases
            where counted and opened_day between $start and $end and {where} group by all
            union all
            select attended_day, 0, count(*) from cases
            where counted and attended_day between $start and $end and {where} group by all)
        group by day order by day""",
        start,
        end,
        channels,
        types,
    )


@st.cache_data(max_entries=1_000)
def templates(start: date, end: date, channels: Texts, types: Texts) -> pd.DataFrame:
    return rows(
        """select coalesce(template_name, '(no name)') as template,
            count(*) filter (status not in ('new', 'unknown')) as sent,
            count(*) filter (status in ('delivered', 'read')) as delivered,
            count(*) filter (status = 'read') as read,
            count(*) filter (status = 'failed') as failed,
            count(*) filter (answered) as answered
        from messages
        where sent_day between $start and $end and direction = 'out' and kind = 'hsm' and {where}
        group by all order by sent desc limit 15""",
        start,
        end,
        channels,
        types,
    )


@st.cache_data(max_entries=1_000)
def indicators(start: date, end: date, channels: Texts, types: Texts) -> dict[str, float]:
    of_messages = rows(
        """select count(*) as messages, count(*) filter (direction = 'out') as sent,
            count(*) filter (direction = 'in') as received,
            count(*) filter (direction = 'out' and status not in ('new', 'unknown')) as sent_out,
            count(*) filter (direction = 'out' and status in ('delivered', 'read')) as arrived,
            count(*) filter (direction = 'out' and status = 'read') as read,
            count(*) filter (direction = 'out' and status = 'failed') as failed
        from messages where sent_day between $start and $end and {where}""",
        start,
        end,
        channels,
        types,
    )
    of_cases = rows(
        """select count(*) filter (opened_day between $start and $end) as created,
            count(*) filter (attended_day between $start and $end) as attended,
            median(first_response_seconds)
                filter (response_day between $start and $end) as median_seconds,
            quantile_cont(first_response_seconds, 0.9)
                filter (response_day between $start and $end) as p90_seconds
        from cases where counted and {where}""",
        start,
        end,
        channels,
        types,
    )
    return of_messages.iloc[0].to_dict() | of_cases.iloc[0].to_dict()


@st.cache_data(max_entries=1_000)
def newest(start: date, end: date, channels: Texts, types: Texts) -> pd.DataFrame:
    return rows(
        """with newest as (
            select rowid as row_id from messages
            where sent_day between $start and $end and {where}
            order by sent_at desc, message_id desc limit $rows)
        select c.case_number, m.case_type, m.channel, m.kind, m.template_name, m.status, m.phone,
            case when m.direction = 'out' then m.body end as reply, m.seq, c.opened_at,
            m.last_agent, m.session_type, m.sent_at
        from messages m join newest on m.rowid = newest.row_id
        join cases c on c.case_key = m.case_key
        order by m.sent_at desc, m.message_id desc""",
        start,
        end,
        channels,
        types,
        rows=ROWS,
    )


def stacked(series: dict[str, tuple[list[object], list[object], str]]) -> go.Figure:
    """Return stacked bars of the series: by name, their x values, y values and colour."""
    figure = go.Figure(
        [
            go.Bar(name=name, x=x, y=y, marker_color=colour)
            for name, (x, y, colour) in series.items()
        ]
    )
    figure.update_layout(barmode="stack", height=280, margin={"l": 8, "r": 8, "t": 8, "b": 8})
    return figure


def by_day(counted: pd.DataFrame) -> go.Figure:
    return stacked(
        {
            direction: (part["day"].tolist(), part["messages"].tolist(), COLOURS[direction])
            for direction, part in counted.groupby("direction", observed=True)
        }
    )


def by_status(counted: pd.DataFrame) -> go.Figure:
    return stacked(
        {
            direction: (part["status"].tolist(), part["messages"].tolist(), COLOURS[direction])
            for direction, part in counted.groupby("direction", observed=True)
        }
    )


def over_time(counted: pd.DataFrame) -> go.Figure:
    days = counted["day"].tolist()
    figure = go.Figure(
        [go.Bar(name=name, x=days, y=counted[name].tolist()) for name in ("created", "attended")]
    )
    figure.update_layout(height=280, margin={"l": 8, "r": 8, "t": 8, "b": 8})
    return figure


def by_template(counted: pd.DataFrame) -> go.Figure:
    names = counted["template"].tolist()[::-1]
    figure = go.Figure(
        [
            go.Bar(name=name, y=names, x=counted[name].tolist()[::-1], orientation="h")
            for name in ("read", "delivered", "sent", "failed")
        ]
    )
    figure.update_layout(height=320, margin={"l": 8, "r": 8, "t": 8, "b": 8})
    return figure


def share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "-"


def cards(now: dict[str, float], before: dict[str, float]) -> None:
    metrics = [
        ("Messages", f"{now['messages']:,.0f}", now["messages"] - before["messages"]),
        ("Sent", f"{now['sent']:,.0f}", now["sent"] - before["sent"]),
        ("Received", f"{now['received']:,.0f}", now["received"] - before["received"]),
        ("Delivery rate", share(now["arrived"], now["sent_out"]), None),
        ("Read rate", share(now["read"], now["arrived"]), None),
        ("Failure rate", share(now["failed"], now["sent_out"]), None),
        ("Cases created", f"{now['created']:,.0f}", now["created"] - before["created"]),
        ("Cases attended", f"{now['attended']:,.0f}", now["attended"] - before["attended"]),
        ("First response", f"{now['median_seconds'] / 60:,.0f} min", None),
        ("90th percentile", f"{now['p90_seconds'] / 60:,.0f} min", None),
    ]
    for column, (label, value, change) in zip(st.columns(len(metrics)), metrics, strict=True):
        column.metric(label, value, None if change is None else f"{change:,.0f}")


def panels(start: date, end: date, channels: Texts, types: Texts) -> None:
    filters = (start, end, channels, types)
    shift = timedelta(days=-(-((end - start).days + 1) // 7) * 7)
    now = indicators(*filters)
    cards(now, indicators(start - shift, end - shift, channels, types))
    left, right = st.columns(2)
    left.plotly_chart(by_day(messages_by_day(*filters)), key="origin")
    right.plotly_chart(by_status(messages_by_status(*filters)), key="status")
    left.plotly_chart(over_time(cases_by_day(*filters)), key="cases")
    right.plotly_chart(by_template(templates(*filters)), key="templates")
    st.caption(f"{now['messages']:,.0f} messages")
    st.dataframe(newest(*filters), hide_index=True, height=740, key="details")


def page() -> None:
    st.set_page_config(page_title="Peer", layout="wide")
    left, middle, right = st.columns(3)
    last_30_days = (NEWEST - timedelta(days=29), NEWEST)
    period = left.date_input("Period", last_30_days, key="period", max_value=NEWEST)
    channels = tuple(sorted(middle.multiselect("Channel", options("channel"), key="channel")))
    types = tuple(sorted(right.multiselect("Type", options("case_type"), key="type")))
    if not isinstance(period, tuple) or len(period) != 2:
        st.stop()
    with st.container(key="panels"):
        panels(*period, channels, types)


page()
