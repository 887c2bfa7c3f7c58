"""What Dash is given for callbacks that the browser answers: places, and a script with names."""

from typing import Any

import dash
import pytest
from dash import Input, Output, State

from callbacks.clientside import register_clientside


def registered(*given: Any, **options: Any) -> tuple[dict[str, Any], str]:
    """The callback as Dash keeps it, and its script."""
    app = dash.Dash()
    register_clientside(app, *given, **options)
    [callback] = app._callback_list  # noqa: SLF001 - Dash has no public list of them
    [script] = app._inline_scripts  # noqa: SLF001
    return callback, script


def test_values_come_under_their_names_and_inputs_before_states() -> None:
    callback, script = registered(
        "question",
        Output("applied", "data"),
        {
            "before": State("applied", "data"),
            "start": Input("period", "start_date"),
            "lists": {"team": State("team", "value"), "channel": Input("channel", "value")},
        },
    )
    assert [one["id"] for one in callback["inputs"]] == ["period", "channel"]
    assert [one["id"] for one in callback["state"]] == ["applied", "team"]
    assert (
        "(...given) => dash_clientside.consumo.question("
        '{"before": given[2], "start": given[0], "lists": {"team": given[3], "channel": given[1]}})'
    ) in script
    assert callback["output"] == "applied.data"


def test_several_outputs_are_answered_by_name() -> None:
    callback, script = registered(
        "paint",
        {"figure": Output("graph", "figure"), "clicks": {"cases": Output("graph", "clickData")}},
        {"theme": Input("theme", "data")},
        fixed={"slug": "it's"},
        prevent_initial_call=True,
    )
    assert (
        'dash_clientside.consumo.inOrder(dash_clientside.consumo.paint({"slug": "it\'s", '
        '"theme": given[0]}), [["figure"], ["clicks", "cases"]])'
    ) in script
    assert callback["output"] == "..graph.figure...graph.clickData.."
    assert callback["prevent_initial_call"] is True


def test_a_callback_may_have_no_output() -> None:
    callback, script = registered("search", None, {"text": Input("team", "search_value")})
    assert callback["no_output"] is True
    assert "inOrder" not in script


def test_fixed_values_stay_values() -> None:
    """They are written as JSON, so that no text ends its place in the script."""
    _, script = registered(
        "search", None, {"text": Input("a", "b")}, fixed={"filter": '"}); alert("'}
    )
    assert '"\\"}); alert(\\""' in script


@pytest.mark.parametrize("name", ["figure", "a-b"])
def test_any_name_can_be_a_key(name: str) -> None:
    _, script = registered("f", Output("x", "y"), {name: Input("a", "b")})
    assert f'{{"{name}": given[0]}}' in script
