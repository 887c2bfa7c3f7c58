"""Identities as JSON: nothing is lost, and what is not all known is refused."""

import json
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.access.identity import Identity
from app.access.identity_json import from_json, to_json
from queries.user_scope import Scope

LISTS = st.none() | st.lists(st.text(), max_size=3).map(tuple)
IDENTITIES = st.builds(
    Identity,
    st.text(),
    st.builds(Scope, LISTS, LISTS, LISTS, st.booleans(), st.booleans(), st.booleans()),
    st.none() | st.text(),
    st.none() | st.floats(allow_nan=False, allow_infinity=False),
)
WRITTEN = to_json(Identity("ana", Scope(("a",), None, ()), "Ana", 1_800_000_000.0))


@given(IDENTITIES)
def test_an_identity_comes_back_as_it_was(identity: Identity) -> None:
    assert from_json(json.loads(json.dumps(to_json(identity)))) == identity


def test_every_field_is_written() -> None:
    """A new field of the two classes that is not written would be lost, and with it a limit."""
    names = {field.name for kind in (Identity, Scope) for field in fields(kind)} - {"scope"}
    assert set(WRITTEN) == names


@pytest.mark.parametrize(
    "changed",
    [
        {"further_limit": ["x"]},
        {"teams": ...},
        {"accounts": "a"},
        {"accounts": [1]},
        {"channels": {}},
        {"see_phones": 1},
        {"see_texts": None},
        {"may_export": "yes"},
        {"subject": None},
        {"name": 1},
        {"expires_at": "never"},
        {"expires_at": True},
    ],
)
def test_what_is_not_all_known_is_refused(changed: dict[str, Any]) -> None:
    written = {name: value for name, value in {**WRITTEN, **changed}.items() if value is not ...}
    with pytest.raises(ValueError, match="no identity"):
        from_json(written)


@pytest.mark.parametrize("content", [None, [], "ana", 1, {}])
def test_what_is_no_identity_is_refused(content: object) -> None:
    with pytest.raises(ValueError, match="no identity"):
        from_json(content)
