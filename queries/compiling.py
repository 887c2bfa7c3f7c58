"""Turns SQLAlchemy selects into SQL and parameters.

Selects that differ only in their parameters are compiled once, and what the same function made of
the same arguments is made and compiled once.
"""

from collections.abc import Callable, Hashable
from typing import Any, Final

from sqlalchemy.engine import Dialect
from sqlalchemy.util import LRUCache

from queries.sql_functions import Statement

#: How many compiled statements are kept; then the least recently used are dropped. A page has a
#: dozen selects, and each combination of filters gives each of them another statement.
_SHAPES_KEPT: Final = 1_000
#: The SQL of how many selects is kept by what made them: of the last fifty questions of a page.
_MADE_KEPT: Final = 1_000
#: Selects with a longer list of values, such as the cases of many people, are not kept: a thousand
#: of them would need much memory.
_LONGEST_LIST_KEPT: Final = 200

#: SQL in an engine's dialect, and its parameters in the order of their placeholders.
Compiled = tuple[str, tuple[object, ...]]


class Compiler:
    """Compiles selects for one dialect, and keeps the SQL of about the last thousand of them.

    Several threads may use it.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._shapes: LRUCache[Any, Any] = LRUCache(_SHAPES_KEPT)
        self._made: LRUCache[Any, Any] = LRUCache(_MADE_KEPT)

    def made(self, make: Callable[..., Statement], *arguments: Hashable) -> Compiled:
        """Return ``compiled`` of the select that ``make`` makes of ``arguments``.

        ``make`` must return equal selects for equal arguments: it is not called again for those
        that were asked for lately. Making a select takes as long as compiling a known shape, and
        one question of a page has two dozen.
        """
        asked = make, arguments
        compiled: Compiled | None = self._made.get(asked)
        if compiled is None:
            compiled = self.compiled(make(*arguments))
            if not any(map(_is_long, compiled[1])):
                self._made[asked] = compiled
        return compiled

    def compiled(self, select: Statement) -> Compiled:
        """Return the SQL of ``select`` in the engine's dialect, and its parameters in order.

        SQL of a select that differs from an earlier one only in its parameters is not compiled
        again. SQLAlchemy keeps its cache of compiled statements for its own connections, which we
        do not use, so this calls its private methods. Compiling all panels anew takes 3 ms a
        refresh; this takes 0.2 ms.
        """
        statement: Any
        statement, extracted, collected, _ = select._compile_w_cache(  # noqa: SLF001
            self._dialect, compiled_cache=self._shapes, column_keys=[]
        )
        values = statement.construct_params(
            extracted_parameters=extracted, _collected_params=collected
        )
        text, order = statement.string, statement.positiontup
        if statement.post_compile_params:  # lists in the SQL, with one parameter for each value
            expanded = statement._process_parameters_for_postcompile(values)  # noqa: SLF001
            values = {**values, **expanded.additional_parameters}
            text, order = expanded.statement, expanded.positiontup
        return text, tuple(values[name] for name in order or values)


def _is_long(value: object) -> bool:
    return isinstance(value, list) and len(value) > _LONGEST_LIST_KEPT
