"""The texts of the indicators' cards: the number, its change in words, and what it is made of.

A change is coloured only where it is more than chance would give (``components.significance``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from components.comparison_words import slower
from components.labels import by_direction, value_label
from components.locale import Locale
from components.significance import duration_change_is_noise, rate_change_is_noise
from queries.filters import Basis
from queries.vocabulary import KINDS

#: The row of the panel ``indicators``: figures of the period, and as ``previous_…`` those of the
#: period before; None where a figure is not known.
Figures = Mapping[str, Any]
Tone = Literal["better", "worse", "same"]

#: The column that counts what each rate is a part of.
_OUT_OF: Final = {
    "delivery_rate": "sent_out_messages",
    "read_rate": "arrived_messages",
    "failure_rate": "sent_out_messages",
    "attended_share": "cases_created",
}
_SAME: Tone = "same"
_FIRST_RESPONSE: Final = "median_first_response_seconds"


@dataclass(frozen=True, slots=True)
class Card:
    """The translated and formatted texts of an indicator's card.

    ``name`` is that of the figure, ``value`` the number. ``change`` says how it changed against the
    period before, "" without a comparison; ``tone`` says whether that is for the better or the
    worse, "same" where it is neither or within chance. ``detail`` are further lines below.
    """

    name: str
    value: str
    change: str
    tone: Tone
    detail: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IndicatorCards:
    """Makes the cards of ``figures``; with ``compares`` they tell the change against before."""

    figures: Figures
    locale: Locale
    compares: bool

    def all(self, basis: Basis) -> list[Card]:
        """Return the card of each indicator, in order; ``basis`` is that of the filters."""
        return [
            self._messages(),
            self._rate("delivery_rate", rise="better", detail=self._by_kind("delivery_rate")),
            self._rate("read_rate", rise="better", detail=self._by_kind("read_rate")),
            self._rate("failure_rate", rise="worse"),
            self._volume("cases_created"),
            self._attended_share() if basis is Basis.OPENED else self._volume("cases_attended"),
            self._first_response(),
        ]

    def _messages(self) -> Card:
        sent, received = (int(self.figures[f"{way}_messages"]) for way in ("sent", "received"))
        lines = by_direction(sent, received, self.locale)
        detail = (
            f"{number}\u00a0{rest}{self._change_behind(name)}"
            for name, (number, rest) in zip(("sent", "received"), lines, strict=True)
        )
        return self._volume("messages", tuple(detail))

    def _change_behind(self, way: str) -> str:
        now, before = self._pair(f"{way}_messages")
        if not self.compares or not before:
            return ""
        return f" {self.locale.formats.signed_share((now - before) / before)}"

    def _volume(self, name: str, detail: tuple[str, ...] = ()) -> Card:
        """Return the card of a count. That there are more or fewer is neither good nor bad."""
        formats = self.locale.formats
        now, before = self._pair(name)
        change = ""
        if self.compares:
            change = (
                formats.signed_share((now - before) / before)
                if before
                else self.locale.texts.gettext("none before")
            )
        before_line = (self._before(formats.count(before)),) if self.compares and before else ()
        return Card(name, formats.count(now), change, _SAME, detail or before_line)

    def _rate(self, name: str, rise: Tone, detail: tuple[str, ...] = ()) -> Card:
        """Return the card of a share; without ``detail`` it shows the share before."""
        formats = self.locale.formats
        now, before = self._pair(name)
        if now is None:
            return Card(name, formats.share(None), "", _SAME, (self._why_unknown(name),))
        change, tone = "", _SAME
        if self.compares and before is None:
            change = self.locale.texts.gettext("unknown before")
        elif self.compares:
            change, tone = formats.points(now - before), self._tone(name, rise)
            detail = detail or (self._before(formats.share(before)),)
        return Card(name, formats.share(now), change, tone, detail)

    def _tone(self, name: str, rise: Tone) -> Tone:
        now, before = self._pair(name)
        of_now, of_before = self._pair(_OUT_OF[name])
        parts = round(now * of_now), round(before * of_before)
        if rate_change_is_noise(parts[0], of_now, parts[1], of_before):
            return _SAME
        return rise if now > before else _other(rise)

    def _why_unknown(self, name: str) -> str:
        """Return why the rate ``name`` is a dash: there is nothing that it could be a part of."""
        gettext = self.locale.texts.gettext
        if name == "attended_share":
            return gettext("no case opened")
        if self.figures["sent_out_messages"]:
            return gettext("no message delivered")
        if not self.figures["sent_messages"]:
            return gettext("no message sent")
        if self.figures["unconfirmed_messages"]:
            return gettext("no confirmations from this source")
        return gettext("all still to be sent")

    def _by_kind(self, name: str) -> tuple[str, ...]:
        """Return the rate of HSM and WApp apart; none where the rate of either is not known."""
        rates = {kind: self.figures.get(f"{kind}_{name}") for kind in KINDS}
        if None in rates.values():
            return ()
        return tuple(
            f"{value_label('kind', kind, self.locale)}\u00a0{self.locale.formats.share(rate, 0)}"
            for kind, rate in rates.items()
        )

    def _attended_share(self) -> Card:
        count = self.figures["cases_attended"]
        detail = self.locale.texts.ngettext(
            "{count} case", "{count} cases", count, count=self.locale.formats.count(count)
        )
        return self._rate("attended_share", rise="better", detail=(detail,))

    def _first_response(self) -> Card:
        formats, gettext = self.locale.formats, self.locale.texts.gettext
        now, before = self._pair(_FIRST_RESPONSE)
        if now is None:
            why = (gettext("no first response"),)
            return Card(_FIRST_RESPONSE, formats.duration(None), "", _SAME, why)
        change, tone = "", _SAME
        if self.compares and before is None:
            change = gettext("none before")
        elif self.compares:
            same = gettext("as fast as before")
            change = slower(now - before, self.locale) if now != before else same
            tone = self._tone_of_response()
        p90 = formats.duration(self.figures["p90_first_response_seconds"])
        detail = (gettext("24/7 median"), gettext("P90 {p90}", p90=p90))
        return Card(_FIRST_RESPONSE, formats.duration(now), change, tone, detail)

    def _tone_of_response(self) -> Tone:
        now, before = self._pair(_FIRST_RESPONSE)
        if duration_change_is_noise(now, before, *self._pair("first_responses")):
            return _SAME
        return "worse" if now > before else "better"

    def _before(self, value: str) -> str:
        return self.locale.texts.gettext("previous period: {value}", value=value)

    def _pair(self, name: str) -> tuple[Any, Any]:
        """Return the figure ``name`` of the period, and of the period before."""
        return self.figures[name], self.figures[f"previous_{name}"]


def _other(tone: Tone) -> Tone:
    return "worse" if tone == "better" else "better"
