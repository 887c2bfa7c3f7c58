"""Whatever a panel declares is complete: computed a second time, translated, documented."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from components.labels import vocabulary_codes
from components.panels import PANELS
from components.panels.view import Panel, in_order
from components.texts import LANGUAGES, SOURCE_LANGUAGE, read_catalogue
from queries.columns import Column, Kind
from queries.panel import PanelQuery
from tests.example_panel import view as example
from tests.oracle.oracle import Oracle
from tests.panels import SLUGS, panel_of
from tests.services import ROOT
from tools.data_contract import BEGIN, CONTRACT, END, undocumented, with_panels


def missing(panel: Panel) -> list[str]:
    """What a panel lacks, a sentence each."""
    slug = panel.slug
    found = [] if Oracle.computes(slug) else [f"{slug}: tests/oracle has no computation of it"]
    found += [f"{slug}: the column {name} has no meaning" for name in undocumented(panel.query)]
    found += [f"{slug}: no {language} for {text!r}" for language, text in untranslated(panel)]
    found += [f"{slug}: the codes of {name} have no labels" for name in unlabelled(panel.query)]
    return found


def untranslated(panel: Panel) -> Iterator[tuple[str, str]]:
    """Each language and text of the declaration that its catalogue does not have."""
    columns = panel.query.download_columns
    texts = [("", panel.title), ("", panel.definition), *(column.label for column in columns)]
    texts += [column.qualifier for column in columns if column.qualifier]
    for language in LANGUAGES:
        if language != SOURCE_LANGUAGE:
            catalogue = read_catalogue(language)
            yield from (
                (language, text)
                for context, text in texts
                if catalogue.get(text, context or None) is None
            )


def unlabelled(query: PanelQuery) -> list[str]:
    """Columns of codes whose vocabulary has no labels."""

    def has_labels(column: Column) -> bool:
        try:
            return bool(vocabulary_codes(column.vocabulary))
        except KeyError:
            return False

    return [c.name for c in query.columns if c.kind is Kind.CODE and not has_labels(c)]


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.slug)
def test_a_panel_lacks_nothing(panel: Panel) -> None:
    assert missing(panel) == []


def test_what_a_panel_lacks_is_named() -> None:
    said = missing(example.PANEL)
    assert "messages-by-hour: tests/oracle has no computation of it" in said
    assert "messages-by-hour: no pt-BR for 'Weekday'" in said
    assert "messages-by-hour: no es for 'Messages by weekday and hour'" in said
    panel = panel_of("cases")
    first, *others = panel.query.columns
    columns = (replace(first, meaning="", kind=Kind.CODE), *others)
    assert missing(replace(panel, query=replace(panel.query, columns=columns))) == [
        "cases: the column period has no meaning",
        "cases: the codes of period have no labels",
    ]


def test_the_contract_says_what_is_declared() -> None:
    """``make documents`` writes what is missing."""
    contract = CONTRACT.read_text(encoding="utf-8")
    assert contract == with_panels(contract, [panel.query for panel in PANELS])
    generated = contract.partition(BEGIN)[2].partition(END)[0]
    assert all(f"**`{slug}`**" in generated for slug in SLUGS)


def test_the_readme_names_every_panel() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [slug for slug in SLUGS if f"`{slug}`" not in readme] == []


def slugs(panels: Sequence[Panel]) -> list[str]:
    return [panel.slug for panel in in_order(panels)]


def test_places_order_the_page() -> None:
    places = [panel.place for panel in PANELS]
    assert len(set(places)) == len(places)
    assert len(set(SLUGS)) == len(SLUGS)
    assert slugs(PANELS)[0] == "indicators"
    assert slugs(PANELS)[-1] == "details"
    assert slugs((example.PANEL, *PANELS))[-2:] == ["messages-by-hour", "details"]


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.slug)
def test_names_of_columns_differ(panel: Panel) -> None:
    names = [column.name for column in panel.query.columns]
    assert len(set(names)) == len(names)
