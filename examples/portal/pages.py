"""The portal's pages and its token endpoint."""

import secrets

from flask import Flask, Response, abort, jsonify, redirect, render_template, request, session

from examples.portal.tokens import CONTEXTS, USERS, Signer, User

_USER = "user"


def create_portal(dashboard: str, signer: Signer) -> Flask:
    """Return the portal as a WSGI app.

    ``dashboard`` is the origin of the dashboard, as http://127.0.0.1:8050.
    """
    portal = Flask(__name__)
    portal.config.update(
        SECRET_KEY=secrets.token_bytes(32),
        SESSION_COOKIE_NAME="portal",
        SESSION_COOKIE_SAMESITE="Lax",
    )

    _add_sign_in(portal)
    _add_token_endpoint(portal, signer)
    _add_pages(portal, dashboard)
    portal.after_request(lambda answer: _with_policy(answer, dashboard))
    return portal


def _add_sign_in(portal: Flask) -> None:
    """Add a stand-in: a real portal asks for a password, or a provider of identities."""

    @portal.post("/sign-in")
    def sign_in() -> Response:
        if request.form.get(_USER) not in USERS:
            abort(400)
        session[_USER] = request.form[_USER]
        return _to_start()

    @portal.post("/sign-out")
    def sign_out() -> Response:
        session.clear()
        return _to_start()


def _add_token_endpoint(portal: Flask, signer: Signer) -> None:
    """Add what the attribute token-url names. It trusts the portal's own session, nothing else."""

    @portal.get("/consumo-token")
    def token() -> Response:
        user, context = _user(), request.args.get("context")
        if user is None:
            abort(401)
        if context is not None and context not in CONTEXTS:
            abort(403)
        answer = jsonify(token=signer.token(user, context))
        answer.headers["Cache-Control"] = "no-store"
        return answer


def _add_pages(portal: Flask, dashboard: str) -> None:
    @portal.get("/")
    def reports() -> str:
        user = _user()
        if user is None:
            return render_template("sign_in.html", users=USERS.values())
        return render_template(
            "reports.html", user=user, dashboard=dashboard, view=request.args.get("view", "")
        )

    @portal.get("/two")
    def two_copies() -> str:
        if _user() is None:
            abort(401)
        return render_template("two.html", dashboard=dashboard, contexts=CONTEXTS)

    @portal.get("/cases/<case_id>")
    def case(case_id: str) -> str:
        if _user() is None:
            abort(401)
        return render_template("case.html", case_id=case_id)


def _user() -> User | None:
    """Return who is signed in."""
    return USERS.get(session.get(_USER, ""))


def _to_start() -> Response:
    response: Response = redirect("/", code=303)  # type: ignore[assignment]
    return response


def _with_policy(answer: Response, dashboard: str) -> Response:
    """Return ``answer`` with a strict policy: the dashboard's script and frame are let in."""
    answer.headers["Content-Security-Policy"] = "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {dashboard}",
            f"frame-src {dashboard}",
            "style-src 'self'",
            "connect-src 'self'",
            "img-src 'self' data:",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "same-origin"
    return answer
