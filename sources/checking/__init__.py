"""Looks for what is missing or odd in the store's data, for the command ``check``.

- ``check``: what one check is, and what it finds
- ``checks``: the list of all checks; a further one is one more entry
- ``run``: counts what each of them finds
"""
