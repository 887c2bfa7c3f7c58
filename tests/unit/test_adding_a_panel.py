"""The recipe for a further panel shows the modules that the tests join to the others."""

import re

from tests.services import ROOT

RECIPE = (ROOT / "docs" / "adding-a-panel.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "tests" / "example_panel"


def test_the_recipe_shows_both_modules_whole() -> None:
    query, view = re.findall(r"```python\n(.*?)```", RECIPE, re.DOTALL)
    assert query == (EXAMPLE / "query.py").read_text(encoding="utf-8")
    # In the house the other module stands in queries.panels.
    inside = "from queries.panels import messages_by_hour\n"
    here = "from tests.example_panel import query as messages_by_hour\n"
    tested = (EXAMPLE / "view.py").read_text(encoding="utf-8")
    assert view.replace(inside, "") == tested.replace(here, "")
    assert inside in view
    assert here in tested


def test_the_recipe_names_files_that_are_there() -> None:
    named = re.findall(r"`((?:components|queries|tests|bench|tools)/[\w/]+\.py)`", RECIPE)
    absent = {name for name in named if not (ROOT / name).is_file()}
    assert absent == {
        "queries/panels/messages_by_hour.py",
        "components/panels/messages_by_hour.py",
    }
