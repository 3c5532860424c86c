"""The door: who is let in before anything is parsed.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Mapping

MAX_BODY = 512 * 1024
"""Slack's largest payloads, clicks on long messages, stay well below."""
WINDOW = 300
"""Seconds a signature is good for."""
_HEX = frozenset("0123456789abcdef")


class Door:
    """Checks Slack's signature over the raw body. Constant time; never raises."""

    def __init__(self, secret: str, clock: Callable[[], float] = time.time) -> None:
        self._secret = secret.encode()
        self._clock = clock

    def worth_reading(self, headers: Mapping[str, str]) -> bool:
        """Whether the signature could be good: looked at before a byte of the body is read."""
        stamp = headers.get("X-Slack-Request-Timestamp", "")
        given = headers.get("X-Slack-Signature", "")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
            return False
        if len(given) != 67 or not given.startswith("v0=") or not _HEX.issuperset(given[3:]):
            return False
        return bool(self._secret) and abs(self._clock() - int(stamp)) <= WINDOW

    def lets_in(self, headers: Mapping[str, str], body: bytes) -> bool:
        if not self.worth_reading(headers):
            return False
        stamp, given = headers["X-Slack-Request-Timestamp"], headers["X-Slack-Signature"]
        return hmac.compare_digest(self.sign(stamp, body), given)

    def sign(self, stamp: str, body: bytes) -> str:
        text = b"v0:" + stamp.encode() + b":" + body
        return "v0=" + hmac.digest(self._secret, text, "sha256").hex()
