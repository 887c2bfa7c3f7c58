"""The graph "Number of cases": cases created and attended over time."""

from components.locale import Locale
from components.panels import figures
from components.panels.time_steps import TimeSteps
from components.panels.view import Figure, Line, Numbers, Panel, PanelView, fact, facts
from components.texts import gettext_noop
from components.theme import colour
from queries.filters import Basis
from queries.panels import cases
from queries.reader import Answer


def view(answer: Answer, locale: Locale) -> PanelView:
    """Return the graph of cases over time, a column for each step, and the totals above it.

    With the basis ``opened``, each column is a stack: attended cases below, cases not yet attended
    on top, together all created ones. With the basis ``sent`` there are two columns side by side,
    created and attended cases, which may be different cases.
    """
    steps = TimeSteps.of(answer)
    names = steps.names(locale)
    created = [int(n) for n in answer.frame["created"].tolist()]
    attended = [int(n) for n in answer.frame["attended"].tolist()]
    opened = answer.filters.basis is Basis.OPENED
    words = _words(sum(created), sum(attended), locale, opened=opened)
    grey, green = colour("created"), colour("attended")
    keys = (None, green, grey) if opened else (grey, green)
    return PanelView(
        words=[
            facts(
                [fact(number, rest, key) for (number, rest), key in zip(words, keys, strict=True)]
            ),
            *steps.words(locale),
        ],
        caption=" · ".join(f"{number} {rest}" for number, rest in words),
        **steps.drawings(_figure(steps, names, created, attended, locale), locale),
        numbers=_numbers(steps, names, created, attended, locale),
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
    steps: TimeSteps, names: list[str], created: list[int], attended: list[int], locale: Locale
) -> Figure:
    opened = steps.filters.basis is Basis.OPENED
    hover = [
        f"<b>{name}</b><br>"
        + "<br>".join(
            f"{number} {rest}" for number, rest in _words(new, done, locale, opened=opened)
        )
        for name, new, done in zip(names, created, attended, strict=True)
    ]
    rest = [new - done for new, done in zip(created, attended, strict=True)]
    series = [
        steps.hatched(
            figures.bars(colour(name), hover, x=steps.positions, y=counts, customdata=steps.presses)
        )
        for name, counts in (("attended", attended), ("created", rest if opened else created))
    ]
    return {
        "data": series if opened else series[::-1],
        "layout": figures.layout(
            barmode="stack" if opened else "group",
            bargroupgap=0.0 if opened else 0.06,
            yaxis=figures.count_axis(figures.nice_steps(max([*created, *attended, 0])), locale),
        ),
    }


def _numbers(
    steps: TimeSteps, names: list[str], created: list[int], attended: list[int], locale: Locale
) -> Numbers:
    count, gettext = locale.formats.count, locale.texts.gettext
    rows = zip(names, created, attended, steps.presses, strict=True)
    return Numbers(
        (gettext("Period"), gettext("Cases created"), gettext("Cases attended")),
        [Line((name, count(new), count(done)), press) for name, new, done, press in rows],
    )


PANEL = Panel(
    query=cases.PANEL,
    title=gettext_noop("Number of cases"),
    definition=gettext_noop(
        "Cases created, and cases attended: those in which a person of the team spoke with the "
        "customer; a bot does not attend, nor does an HSM that nobody answered. By case opening: "
        "of the cases opened each day, how many are attended by now. By message date: created on "
        "the day of opening, attended on the day of the first attendance. A hatched column is not "
        "over yet. Press a column to see only that day, week or month."
    ),
    view=view,
    place=60,
    is_empty=lambda answer: not (answer.frame["created"].sum() + answer.frame["attended"].sum()),
    height=380,
)
