"""The command ``example``: a small pair of files to begin with."""

from pathlib import Path

import click

from app.exit_codes import give_up
from app.terminal import echo
from sources.files.example import write_example


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def example(folder: Path) -> None:
    """Write cases.csv and messages.csv to FOLDER: a small pair of files to begin with.

    They have all columns, with rows as a support team has them. No file is replaced.
    """
    try:
        cases, messages = write_example(folder)
    except FileExistsError as error:
        give_up(f"{error.filename} is there already: choose another folder")
    echo(f"Wrote {cases} and {messages}")
    echo(f"Load them: consumo-whatsapp import --cases {cases} --messages {messages}")
