"""Runs the portal on this machine: ``python -m examples.portal``."""

import argparse
import os
import secrets
import shlex

from werkzeug.serving import make_server

from examples.portal.pages import create_portal
from examples.portal.tokens import Signer

_KEY = "CONSUMO_TOKEN_SECRET"
_AUDIENCE = "consumo-whatsapp"


def main() -> None:
    """Print the portal's address and the command of the dashboard, and serve until Ctrl-C."""
    parser = argparse.ArgumentParser(
        prog="python -m examples.portal",
        description="A small portal that shows the dashboard. It prints with which settings the "
        "dashboard must be started.",
        epilog=f"The key is that of the variable {_KEY}, or a new one each time.",
    )
    parser.add_argument("--port", type=int, default=8070, help="the portal's port (8070)")
    parser.add_argument(
        "--dashboard-port", type=int, default=8050, help="the dashboard's port (8050)"
    )
    given = parser.parse_args()

    # Another name than the dashboard's: browsers then treat the two as different sites, as they
    # are in use.
    server = make_server("127.0.0.1", given.port, lambda *_: [], threaded=True)
    origin = f"http://localhost:{server.server_port}"
    secret = os.environ.get(_KEY) or secrets.token_urlsafe(32)
    dashboard = f"http://127.0.0.1:{given.dashboard_port}"
    server.app = create_portal(dashboard, Signer(secret, origin, _AUDIENCE))
    settings = {
        "CONSUMO_AUTH": "token",
        _KEY: secret,
        "CONSUMO_TOKEN_ISSUER": origin,
        "CONSUMO_TOKEN_AUDIENCE": _AUDIENCE,
        "CONSUMO_FRAME_ANCESTORS": origin,
        "CONSUMO_CASE_URL": f"{origin}/cases/{{case_id}}",
    }
    words = [f"{name}={shlex.quote(text)}" for name, text in settings.items()]
    command = f".venv/bin/consumo-whatsapp serve --port {given.dashboard_port}"
    print(f"Portal at {origin}; Ctrl-C ends it. Start the dashboard in a second terminal with:\n")
    print(" ".join(words), command, flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()


if __name__ == "__main__":
    main()
