"""The two graphs of one day, by the hour as the page shows them, against the oracle's rows."""

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, time
from itertools import islice
from typing import Any

import pytest

from app.factory import create_app, parts_of
from app.settings import Settings
from queries.filters import Filters
from queries.reader import Reader
from queries.user_scope import EVERYTHING
from tests.oracle.awkward import Queries, random_queries, write_awkward
from tests.oracle.oracle import Oracle
from tests.services import import_files

pytestmark = pytest.mark.integration


@dataclass(frozen=True)
class Here:
    """A reader, and the oracle of its answers."""

    reader: Reader
    oracle: Oracle

    def rows(self, slug: str, query: Queries) -> list[dict[str, Any]]:
        """Return the rows that the page has of a panel, with texts for keys of any type."""
        filters = replace(Filters.parse(query), by_hour=True)
        frame = self.reader.panel(slug, filters, EVERYTHING).frame
        return [
            {str(name): value for name, value in row.items()} for row in frame.to_dict("records")
        ]


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    folder = tmp_path_factory.mktemp("hours")
    cases, messages = write_awkward(folder, 3)
    url, _ = import_files(folder, cases, messages)
    server = create_app(Settings(store_url=url))
    with closing(parts_of(server)):
        yield Here(parts_of(server).reader, Oracle.of_files(cases, messages))


def of_one_day(oracle: Oracle) -> list[Queries]:
    """Return random questions, each about one day on which something happened."""
    draw = random.Random(11)
    questions = []
    for query in islice(random_queries(draw, oracle), 250):
        moment = draw.choice(oracle.messages).sent_at
        if draw.random() < 0.4:
            moment = draw.choice(oracle.cases).opened_at
        day = oracle.day(moment).isoformat()
        others = {name: value for name, value in query.items() if name not in ("period", "bucket")}
        questions.append({**others, "start": day, "end": day})
    return questions


def messages_by_hour(oracle: Oracle, query: Queries) -> Counter[tuple[int, str]]:
    selection = oracle.select(query)
    return Counter(
        (
            oracle.hour(message.sent_at if selection.basis == "sent" else message.case.opened_at),
            message.direction,
        )
        for message in selection.messages
    )


def cases_by_hour(oracle: Oracle, query: Queries) -> tuple[Counter[int], Counter[int]]:
    selection = oracle.select(query)
    created: Counter[int] = Counter()
    attended: Counter[int] = Counter()
    for case in selection.cases:
        opened, first = case.opened_at, case.first_attended_at
        if oracle.day(opened) == selection.start:
            created[oracle.hour(opened)] += 1
        if selection.basis == "opened":
            attended[oracle.hour(opened)] += first is not None
        elif first is not None and oracle.day(first) == selection.start:
            attended[oracle.hour(first)] += 1
    return created, attended


def test_each_hour_has_the_rows_of_the_oracle(here: Here) -> None:
    questions = of_one_day(here.oracle)
    counted = 0
    for query in questions:
        day = datetime.fromisoformat(str(query["start"])).date()
        hours = [datetime.combine(day, time(hour)) for hour in range(24)]
        messages = messages_by_hour(here.oracle, query)
        assert here.rows("messages-by-origin", query) == [
            {"period": hour, "direction": way, "messages": messages[hour.hour, way]}
            for hour in hours
            for way in ("out", "in")
        ], query
        created, attended = cases_by_hour(here.oracle, query)
        assert here.rows("cases", query) == [
            {"period": hour, "created": created[hour.hour], "attended": attended[hour.hour]}
            for hour in hours
        ], query
        counted += messages.total() + created.total()
    assert counted > len(questions), "most of these days must have something to count"


def test_more_than_a_day_and_a_chosen_step_stay_as_they_are(here: Here) -> None:
    day = here.oracle.day(here.oracle.messages[0].sent_at).isoformat()
    [out, back] = here.rows("messages-by-origin", {"start": day, "end": day, "bucket": "day"})
    assert str(out["period"]) == str(back["period"]) == day
    two_months = {"start": "2026-01-01", "end": "2026-02-28"}
    assert len(here.rows("cases", two_months)) == 59
