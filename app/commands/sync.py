"""The group ``sync``: commands that bring data from the database of a portal, again and again."""

import click

from app.commands.sync_chatwoot import chatwoot
from app.commands.sync_sql import sql


@click.group()
def sync() -> None:
    """Bring data from a portal's database, and keep it up to date."""


sync.add_command(chatwoot)
sync.add_command(sql)
