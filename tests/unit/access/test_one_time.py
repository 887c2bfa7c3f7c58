"""Secrets that can be used once, for a short time."""

import re
import threading
from dataclasses import dataclass

from app.access.one_time import MOST_SECRETS, OneTimeVault


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_value_is_taken_once() -> None:
    vault: OneTimeVault[str] = OneTimeVault(60, Clock())
    secret = vault.put("value")
    assert vault.take(secret) == "value"
    assert vault.take(secret) is None


def test_looking_leaves_the_value() -> None:
    vault: OneTimeVault[str] = OneTimeVault(60, Clock())
    secret = vault.put("value")
    assert [vault.peek(secret), vault.peek(secret), vault.take(secret)] == ["value"] * 3
    assert vault.peek(secret) is None


def test_a_value_is_kept_for_its_time_and_no_longer() -> None:
    clock = Clock()
    vault: OneTimeVault[str] = OneTimeVault(60, clock)
    secrets = [vault.put("value"), vault.put("other")]
    clock.now += 59.9
    assert vault.take(secrets[0]) == "value"
    clock.now += 0.1
    assert vault.peek(secrets[1]) is None
    assert vault.take(secrets[1]) is None


def test_secrets_cannot_be_guessed_and_fit_into_an_address() -> None:
    vault: OneTimeVault[int] = OneTimeVault(60, Clock())
    secrets = {vault.put(number) for number in range(100)}
    assert len(secrets) == 100
    # 32 random bytes in base64url
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", secret) for secret in secrets)


def test_no_other_text_takes_a_value() -> None:
    vault: OneTimeVault[str] = OneTimeVault(60, Clock())
    secret = vault.put("value")
    for other in ("", secret[:-1], secret.swapcase(), f"{secret} ", "x" * 43):
        assert vault.take(other) is None
    assert vault.take(secret) == "value"


def test_at_most_so_many_are_kept_and_the_oldest_go_first() -> None:
    vault: OneTimeVault[int] = OneTimeVault(60, Clock())
    secrets = [vault.put(number) for number in range(MOST_SECRETS + 5)]
    assert [vault.peek(secret) for secret in secrets[:5]] == [None] * 5
    assert vault.take(secrets[-1]) == MOST_SECRETS + 4


def test_of_many_threads_one_gets_the_value() -> None:
    vault: OneTimeVault[str] = OneTimeVault(60, Clock())
    for _ in range(50):
        secret = vault.put("value")
        found: list[str | None] = []
        together = threading.Barrier(4)

        def take(
            secret: str = secret,
            found: list[str | None] = found,
            together: threading.Barrier = together,
        ) -> None:
            together.wait()
            found.append(vault.take(secret))

        threads = [threading.Thread(target=take) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(found, key=str) == [None, None, None, "value"]
