"""Makes cases of the rows of messages, where an export has no file of cases.

Either the rows name their case, or a case is a session: what one phone and one business number
exchange without a pause that is longer than the profile's gap.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sources.contract import CASES, MESSAGES, SESSION_CASE
from sources.files.time_formats import instant
from sources.row_batches import Batch, Reject, batch_of

_NO_PHONE: Final = "no phone, by which the message would belong to a case"
#: Of a row whose time or phone cannot be read; the load rejects it, so the case never is.
_NO_CASE: Final = "-"


@dataclass(frozen=True, slots=True)
class MadeCases:
    """The messages of an export with their cases' ids, and the cases."""

    messages: tuple[Batch, ...]
    cases: Batch


def cases_of_messages(
    batches: Sequence[tuple[Batch, pa.Table]], gap_hours: float | None, zone: ZoneInfo
) -> MadeCases:
    """Return the messages and cases of an export, as ``ProfileRows.messages_and_cases`` gives it.

    All times are in ISO 8601; those without an offset are in ``zone``. With ``gap_hours`` the
    messages get the ids of the sessions that they are in; with None they have ids of cases.
    """
    messages = pa.concat_tables([batch.table for batch, _ in batches])
    of_cases = pa.concat_tables([table for _, table in batches])
    frame = _frame(messages, of_cases, zone)
    if gap_hours is not None:
        frame["case_id"] = _sessions(frame, pd.Timedelta(hours=gap_hours))
        at = messages.schema.get_field_index("case_id")
        messages = messages.set_column(at, "case_id", pa.array(frame["case_id"], pa.string()))
    rejects = [reject for batch, _ in batches for reject in batch.rejects]
    if gap_hours is not None:
        messages, rejects = _without_phone(messages, rejects)
    return MadeCases((batch_of(messages, rejects, MESSAGES),), _cases(frame))


def _frame(messages: pa.Table, of_cases: pa.Table, zone: ZoneInfo) -> pd.DataFrame:
    """Return one row a message: what it says of its case, its phones and its moment in UTC."""
    frame: pd.DataFrame = of_cases.drop_columns(["case_id"]).to_pandas()
    for name in ("case_id", "phone", "business_number"):
        frame[name] = messages[name].to_pandas()
    moments = [_moment(text, zone) for text in messages["sent_at"].to_pylist()]
    frame["moment"] = pd.to_datetime(pd.Series(moments, dtype=object), utc=True)
    return frame


def _moment(text: str | None, zone: ZoneInfo) -> datetime | None:
    moment = instant(text, zone) if text else None
    return moment.astimezone(UTC) if moment else None


def _sessions(frame: pd.DataFrame, gap: pd.Timedelta) -> pd.Series:
    """Return the id of each message's session: its phone, business number and first moment."""
    pair = frame["phone"].map(_number) + "/" + frame["business_number"].fillna("").map(_number)
    pair = pair.where(frame["moment"].notna())
    ordered = frame.assign(pair=pair).dropna(subset=["pair"]).sort_values("moment", kind="stable")
    pauses = ordered.groupby("pair", sort=False)["moment"].diff()
    begins = ordered["moment"].where(~(pauses <= gap))
    first = begins.groupby(ordered["pair"], sort=False).ffill()
    ids: pd.Series[str] = SESSION_CASE + ordered["pair"] + "/" + first.dt.strftime("%Y%m%dT%H%M%SZ")
    return ids.reindex(frame.index).where(lambda ids: ids.notna(), _NO_CASE)


def _number(phone: str | None) -> str | None:
    """Return a phone's digits: exports write ``whatsapp:+55…`` and ``55…@s.whatsapp.net``."""
    if phone is None:
        return None
    return "".join(sign for sign in phone.partition("@")[0] if sign.isdigit())


def _without_phone(messages: pa.Table, rejects: list[Reject]) -> tuple[pa.Table, list[Reject]]:
    """Return the messages that have a phone, and the rejects with those that have none."""
    has_phone = pc.is_valid(messages["phone"])
    lines = messages["line"].filter(pc.invert(has_phone)).to_pylist()
    return messages.filter(has_phone), [
        *rejects,
        *(Reject(line, "phone", _NO_PHONE) for line in lines),
    ]


def _cases(frame: pd.DataFrame) -> Batch:
    """Return the cases: of each the first known values in the order of time."""
    known = frame[frame["case_id"].notna() & (frame["case_id"] != _NO_CASE)]
    ordered = known.sort_values("moment", kind="stable")
    groups = ordered.groupby("case_id", sort=False)
    rows = groups.first()
    rows["line"] = groups["line"].min()
    rows["person_name"] = rows["person_name"].fillna(rows["phone"])
    rows["opened_at"] = rows["opened_at"].fillna(_iso(groups["moment"].min()))
    ended = _iso(groups["moment"].max()).where(groups["closed"].any())
    rows["closed_at"] = rows["closed_at"].fillna(ended)
    rows = rows.reset_index().sort_values("line")
    arrays = {"line": pa.array(rows["line"], pa.int64())}
    for name in CASES.column_names:
        texts = rows[name].astype(object).where(rows[name].notna(), None)
        arrays[name] = pa.array(texts.tolist(), pa.string())
    return batch_of(pa.table(arrays), [], CASES)


def _iso(moments: pd.Series) -> pd.Series:
    texts: pd.Series[str] = moments.dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return texts
