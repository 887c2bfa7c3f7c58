"""How a text is written in SQL, for statements that take no parameters there."""


def text_literal(text: object) -> str:
    """Return ``str(text)`` as a string literal of SQL.

    >>> text_literal("it's")
    "'it''s'"
    """
    return "'" + str(text).replace("'", "''") + "'"
