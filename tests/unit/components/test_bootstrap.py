"""Parts of dash-bootstrap-components carry attributes that their Python classes refuse."""

import dash_bootstrap_components as dbc

from components.bootstrap import with_attributes


def test_attributes_are_sent_beside_the_properties_of_the_part() -> None:
    card = with_attributes(dbc.Card("text", id="one"), role="region", **{"aria-label": "One"})
    sent = card.to_plotly_json()
    assert (sent["namespace"], sent["type"]) == ("dash_bootstrap_components", "Card")
    assert sent["props"] == {
        "children": "text",
        "id": "one",
        "role": "region",
        "aria-label": "One",
    }


def test_other_parts_of_the_kind_stay_as_they_are() -> None:
    with_attributes(dbc.Card(), role="region")
    assert "role" not in dbc.Card().to_plotly_json()["props"]
