"""Records each answer that reveals phones or texts, before it is given; no record, no answer.

``AuditedReader`` is the one place: page, API, downloads, options and time lines all read with it.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, Protocol

import pandas as pd
from flask import g, has_request_context

from app.access.identity import current_identity
from app.access.rate_limits import RateLimits
from app.metrics import CountedReader
from queries.case_timeline import Timeline
from queries.columns import Kind
from queries.errors import NotInAdvance, RevealNotRecorded
from queries.filters import Filters
from queries.option_search import SEARCHED
from queries.options import Options, Part
from queries.panel import FIRST_PAGE, NO_LABELS, PanelQuery
from queries.reader import Answer
from queries.table_request import CodeLabels, TableRequest
from queries.user_scope import TEXT_COLUMNS, Scope
from queries.visibility import holds_phone

log = logging.getLogger(__name__)

#: Writes one record. It raises ``OSError`` if the record is not on the disk when it returns.
Write = Callable[[Mapping[str, object]], None]

_PHONES: Final = "phones"
_TEXTS: Final = "texts"
#: Columns of these kinds are in panels whose rows are single cases or messages.
_OF_SINGLE_CASES: Final = frozenset({Kind.KEY, Kind.PHONE})


class Recorder(Protocol):
    """Is told what an answer reveals, before the answer is given."""

    def record(self, what: str, revealed: list[str], question: Mapping[str, object]) -> None:
        """Take note that the reader of this request would see ``revealed`` of ``what``.

        ``revealed`` lists ``phones`` and ``texts``; it is empty where nothing is revealed.
        ``question`` are the filters. An error keeps the answer from being given.
        """


class NothingRevealed:
    """Refuses what ``Reveals`` would record: for answers in advance, which nobody may ever see."""

    def record(self, what: str, revealed: list[str], _question: Mapping[str, object]) -> None:
        """Raise ``NotInAdvance`` where the reader of this request signed in and ``revealed``."""
        if revealed and current_identity().is_known:
            raise NotInAdvance(what)


class Reveals:
    """Records what is revealed to readers who signed in, and limits how often.

    Where nobody signs in (mode ``none``) the deployment shows the same to everybody: there is
    nobody to name, so nothing is recorded.
    """

    def __init__(self, write: Write, limits: RateLimits) -> None:
        self._write = write
        self._limits = limits

    def record(self, what: str, revealed: list[str], question: Mapping[str, object]) -> None:
        """Record that the reader of this request sees ``revealed`` of ``what``.

        ``revealed`` lists ``phones`` and ``texts``; nothing is recorded where it is empty.
        ``question`` are the filters. The same is recorded once in a request. Raises
        ``TooManyRequests``, and ``RevealNotRecorded`` if the record cannot be written.
        """
        who = current_identity()
        if not revealed or not who.is_known or self._is_recorded(what):
            return
        self._limits.count_reveal(who.subject)
        record = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "who": who.subject,
            "what": what,
            "reveals": revealed,
            "filters": dict(question),
            "request_id": g.get("request_id", "") if has_request_context() else "",
        }
        try:
            self._write(record)
        except OSError as error:
            log.exception("no audit record can be written")
            raise RevealNotRecorded from error
        if has_request_context():
            g.setdefault("revealed", set()).add(what)

    def _is_recorded(self, what: str) -> bool:
        return has_request_context() and what in g.get("revealed", ())


class AuditedReader(CountedReader):
    """A ``Reader`` that records what it reveals before it answers.

    ``parts`` are the arguments of ``CountedReader``. Beside the errors of ``Reader``, each method
    raises those of ``reveals.record``.
    """

    def __init__(self, reveals: Recorder, *parts: Any) -> None:
        super().__init__(*parts)
        self._reveals = reveals

    def panel(
        self,
        slug: str,
        filters: Filters,
        scope: Scope,
        table: TableRequest = FIRST_PAGE,
        labels: CodeLabels = NO_LABELS,
    ) -> Answer:
        """Return the answer of ``Reader.panel``, recorded where it reveals something."""
        self._record_rows(slug, filters, scope, table)
        answer = super().panel(slug, filters, scope, table, labels)
        shown = self.panels[slug]
        if scope.see_phones and not _shows_cases(shown) and _shows_phones(shown, answer.frame):
            self._reveals.record(slug, [_PHONES], _question(filters, table))
        return answer

    def all_rows(
        self,
        slug: str,
        filters: Filters,
        scope: Scope,
        table: TableRequest = FIRST_PAGE,
        labels: CodeLabels = NO_LABELS,
    ) -> Iterator[pd.DataFrame]:
        """Return the frames of ``Reader.all_rows``, recorded where they reveal something."""
        self._record_rows(slug, filters, scope, table)
        return super().all_rows(slug, filters, scope, table, labels)

    def timeline(self, case_key: int, scope: Scope) -> Timeline | None:
        """Return the time line of ``Reader.timeline``, recorded where it reveals something."""
        revealed = _revealed(phones=scope.see_phones, texts=scope.see_texts)
        self._reveals.record("timeline", revealed, {"case_key": case_key})
        return super().timeline(case_key, scope)

    def options(
        self,
        name: str,
        filters: Filters,
        scope: Scope,
        search: str = "",
        part: Part | None = None,
    ) -> Options:
        """Return the options of ``Reader.options``, recorded where they may show phones.

        Names and numbers of cases may, whatever is found; other values where one has a phone in it.
        """
        question = {**filters.to_json(), "search": search}
        if scope.see_phones and name in SEARCHED:
            self._reveals.record(f"options of {name}", [_PHONES], question)
        found = super().options(name, filters, scope, search, part)
        values = [option.value for option in found.values]  # noqa: PD011 - options, no series
        if scope.see_phones and any(holds_phone(name, value) for value in values):
            self._reveals.record(f"options of {name}", [_PHONES], question)
        return found

    def _record_rows(self, slug: str, filters: Filters, scope: Scope, table: TableRequest) -> None:
        revealed = _of_panel(self.panels[slug], scope)
        self._reveals.record(slug, revealed, _question(filters, table))


def _question(filters: Filters, table: TableRequest) -> Mapping[str, object]:
    """Return the filters of a question, those of the table's columns included."""
    return {**filters.to_json(), **{f"where.{column}": text for column, text in table.where}}


def _of_panel(panel: PanelQuery, scope: Scope) -> list[str]:
    """Return what rows of ``panel`` reveal to a reader with ``scope``, whatever is in them."""
    shows_texts = any(column.name in TEXT_COLUMNS for column in panel.columns)
    return _revealed(
        phones=scope.see_phones and _shows_cases(panel), texts=scope.see_texts and shows_texts
    )


def _revealed(*, phones: bool, texts: bool) -> list[str]:
    return [*([_PHONES] if phones else []), *([_TEXTS] if texts else [])]


def _shows_cases(panel: PanelQuery) -> bool:
    return any(column.kind in _OF_SINGLE_CASES for column in panel.columns)


def _shows_phones(panel: PanelQuery, frame: pd.DataFrame) -> bool:
    """Return whether rows of a panel of counts hold a phone, as the name of a template may."""
    return any(
        isinstance(value, str) and holds_phone(column.name, value)
        for column in panel.columns
        for value in frame[column.name].tolist()
    )
