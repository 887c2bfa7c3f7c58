"""``python -m app`` is the command ``consumo-whatsapp``."""

from app.cli import cli

if __name__ == "__main__":
    cli(prog_name="consumo-whatsapp")
