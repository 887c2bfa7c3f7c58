"""The graph "Number of cases": cases created and attended over time."""

from datetime import date

from components.locale import Locale
from components.panels import figures
from components.panels.view import Figure, Line, Numbers, Panel, PanelView, fact, facts
from components.texts import gettext_noop
from components.theme import colour
from queries.filters import Basis, Filters
from queries.panels import cases
from queries.reader import Answer


def view(answer: Answer, locale: Locale) -> PanelView:
    """Return the graph of cases over time, a column for each step, and the totals above it.

    With the basis ``opened``, each column is a stack: attended cases below, cases not yet attended
    on top, together all created ones. With the basis ``sent`` there are two columns side by side,
    created and attended cases, which may be different cases.
    """
    frame, filters = answer.frame, answer.filters
    created = [int(n) for n in frame["created"]]
    attended = [int(n) for n in frame["attended"]]
    opened = filters.basis is Basis.OPENED
    words = _words(sum(created), sum(attended), locale, opened=opened)
    grey, green = colour("created"), colour("attended")
    keys = (None, green, grey) if opened else (grey, green)
    starts: list[date] = list(frame["period"])
    figure = _figure(starts, created, attended, locale, filters)
    return PanelView(
        words=[
            facts(
                [fact(number, rest, key) for (number, rest), key in zip(words, keys, strict=True)]
            ),
            *figures.steps_words(filters, locale),
        ],
        caption=" · ".join(f"{number} {rest}" for number, rest in words),
        **figures.by_width(figure, starts, filters.effective_bucket, locale),
        numbers=_numbers(starts, created, attended, locale, filters),
    )


def _words(created: int, attended: int, locale: Locale, *, opened: bool) -> list[tuple[str, str]]:
    texts, formats = locale.texts, locale.formats
    words = [(formats.count(created), texts.ngettext("case created", "cases created", created))]
    if not opened:
        return [
            *words,
            (formats.count(attended), texts.ngettext("case attended", "cases attended", attended)),
        ]
    share = formats.share(attended / created if created else None, 0)
    rest = created - attended
    return [
        *words,
        (
            formats.count(attended),
            texts.ngettext("attended ({share})", "attended ({share})", attended, share=share),
        ),
        (formats.count(rest), texts.gettext("not attended yet")),
    ]


def _figure(
    starts: list[date], created: list[int], attended: list[int], locale: Locale, filters: Filters
) -> Figure:
    bucket = filters.effective_bucket
    opened = filters.basis is Basis.OPENED
    hover = [
        f"<b>{figures.bucket_name(start, bucket, locale)}</b><br>"
        + "<br>".join(
            f"{number} {rest}" for number, rest in _words(new, done, locale, opened=opened)
        )
        for start, new, done in zip(starts, created, attended, strict=True)
    ]
    positions = list(range(len(starts)))
    press = [figures.slice_of_time(start, filters) for start in starts]
    rest = [new - done for new, done in zip(created, attended, strict=True)]
    series = [
        figures.bars(colour("attended"), hover, x=positions, y=attended, customdata=press),
        figures.bars(
            colour("created"),
            hover,
            x=positions,
            y=rest if opened else created,
            customdata=press,
        ),
    ]
    return {
        "data": series if opened else series[::-1],
        "layout": figures.layout(
            barmode="stack" if opened else "group",
            bargroupgap=0.0 if opened else 0.06,
            yaxis=figures.count_axis(figures.nice_steps(max([*created, *attended, 0])), locale),
            shapes=figures.holiday_marks(starts, bucket),
        ),
    }


def _numbers(
    starts: list[date], created: list[int], attended: list[int], locale: Locale, filters: Filters
) -> Numbers:
    count, bucket = locale.formats.count, filters.effective_bucket
    gettext = locale.texts.gettext
    return Numbers(
        (gettext("Period"), gettext("Cases created"), gettext("Cases attended")),
        [
            Line(
                (figures.bucket_name(start, bucket, locale), count(new), count(done)),
                figures.slice_of_time(start, filters),
            )
            for start, new, done in zip(starts, created, attended, strict=True)
        ],
    )


PANEL = Panel(
    query=cases.PANEL,
    title=gettext_noop("Number of cases"),
    definition=gettext_noop(
        "Cases created, and cases attended: those in which a person of the team spoke with the "
        "customer; a bot does not attend, nor does an HSM that nobody answered. By case opening: "
        "of the cases opened each day, how many are attended by now. By message date: created on "
        "the day of opening, attended on the day of the first attendance. Press a column to see "
        "only that day, week or month."
    ),
    view=view,
    place=60,
    is_empty=lambda answer: not (answer.frame["created"].sum() + answer.frame["attended"].sum()),
    height=320,
)
