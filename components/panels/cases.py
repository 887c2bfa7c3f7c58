"""Cases created and attended over time."""

from datetime import date

import pandas as pd

from components.look import Look
from components.panels import drawing
from components.panels.shown import Figure, Line, Numbers, Panel, Shown, fact, facts
from components.texts import mark
from components.theme import colour
from queries.filters import Basis, Filters


def view(frame: pd.DataFrame, look: Look, filters: Filters, _today: date) -> Shown:
    """Basis ``opened``: attended and not yet attended, stacked to the created. Basis ``sent``:
    created and attended side by side, since they are different cases.
    """
    created = [int(n) for n in frame["created"]]
    attended = [int(n) for n in frame["attended"]]
    opened = filters.basis is Basis.OPENED
    words = _words(sum(created), sum(attended), look, opened=opened)
    grey, green = colour("created"), colour("attended")
    keys = (None, green, grey) if opened else (grey, green)
    starts: list[date] = list(frame["period"])
    figure = _figure(starts, created, attended, look, filters)
    return Shown(
        words=[
            facts(
                [fact(number, rest, key) for (number, rest), key in zip(words, keys, strict=True)]
            ),
            *drawing.steps_words(filters, look),
        ],
        caption=" · ".join(f"{number} {rest}" for number, rest in words),
        **drawing.by_width(figure, starts, filters.effective_bucket, look),
        numbers=_numbers(starts, created, attended, look, filters),
    )


def _words(created: int, attended: int, look: Look, *, opened: bool) -> list[tuple[str, str]]:
    texts, formats = look.texts, look.formats
    words = [(formats.count(created), texts.tn("case created", "cases created", created))]
    if not opened:
        return [
            *words,
            (formats.count(attended), texts.tn("case attended", "cases attended", attended)),
        ]
    share = formats.share(attended / created if created else None, 0)
    rest = created - attended
    return [
        *words,
        (
            formats.count(attended),
            texts.tn("attended ({share})", "attended ({share})", attended, share=share),
        ),
        (formats.count(rest), texts.t("not attended yet")),
    ]


def _figure(
    starts: list[date], created: list[int], attended: list[int], look: Look, filters: Filters
) -> Figure:
    bucket = filters.effective_bucket
    opened = filters.basis is Basis.OPENED
    hover = [
        f"<b>{drawing.bucket_name(start, bucket, look)}</b><br>"
        + "<br>".join(f"{number} {rest}" for number, rest in _words(new, done, look, opened=opened))
        for start, new, done in zip(starts, created, attended, strict=True)
    ]
    places = list(range(len(starts)))
    press = [drawing.slice_of_time(start, filters) for start in starts]
    rest = [new - done for new, done in zip(created, attended, strict=True)]
    series = [
        drawing.bars(colour("attended"), hover, x=places, y=attended, customdata=press),
        drawing.bars(
            colour("created"),
            hover,
            x=places,
            y=rest if opened else created,
            customdata=press,
        ),
    ]
    return {
        "data": series if opened else series[::-1],
        "layout": drawing.layout(
            barmode="stack" if opened else "group",
            bargroupgap=0.0 if opened else 0.06,
            yaxis=drawing.count_axis(drawing.nice_steps(max([*created, *attended, 0])), look),
            shapes=drawing.holiday_marks(starts, bucket),
        ),
    }


def _numbers(
    starts: list[date], created: list[int], attended: list[int], look: Look, filters: Filters
) -> Numbers:
    count, bucket = look.formats.count, filters.effective_bucket
    t = look.texts.t
    return Numbers(
        (t("Period"), t("Cases created"), t("Cases attended")),
        [
            Line(
                (drawing.bucket_name(start, bucket, look), count(new), count(done)),
                drawing.slice_of_time(start, filters),
            )
            for start, new, done in zip(starts, created, attended, strict=True)
        ],
    )


PANEL = Panel(
    slug="cases",
    title=mark("Number of cases"),
    definition=mark(
        "Cases created, and cases attended: those in which a person of the team spoke with the "
        "customer; a bot does not attend, nor does an HSM that nobody answered. By case opening: "
        "of the cases opened each day, how many are attended by now. By message date: created on "
        "the day of opening, attended on the day of the first attendance. Press a column to see "
        "only that day, week or month."
    ),
    view=view,
    is_empty=lambda frame: not (frame["created"].sum() + frame["attended"].sum()),
    height=320,
)
