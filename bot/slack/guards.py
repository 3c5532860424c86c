"""The door: who is let in before anything is parsed, and how fast anybody may ask.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping

MAX_BODY = 512 * 1024
"""Slack's largest payloads, clicks on long messages, stay well below."""
WINDOW = 300
"""Seconds a signature is good for."""
_HEX = frozenset("0123456789abcdef")
REMEMBERED = 20_000


class Door:
    """Checks Slack's signature over the raw body. Constant time; never raises."""

    def __init__(self, secret: str, clock: Callable[[], float] = time.time) -> None:
        self._secret = secret.encode()
        self._clock = clock

    def lets_in(self, headers: Mapping[str, str], body: bytes) -> bool:
        stamp = headers.get("X-Slack-Request-Timestamp", "")
        given = headers.get("X-Slack-Signature", "")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
            return False
        if len(given) != 67 or not given.startswith("v0=") or not _HEX.issuperset(given[3:]):
            return False
        if not self._secret or abs(self._clock() - int(stamp)) > WINDOW:
            return False
        return hmac.compare_digest(self.sign(stamp, body), given)

    def sign(self, stamp: str, body: bytes) -> str:
        text = b"v0:" + stamp.encode() + b":" + body
        return "v0=" + hmac.new(self._secret, text, hashlib.sha256).hexdigest()


class Pace:
    """How many questions a minute each key may ask; memory is bounded."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = max(1, per_minute)
        self._clock = clock
        self._asked: OrderedDict[str, deque[float]] = OrderedDict()
        self._told: OrderedDict[str, float] = OrderedDict()

    def too_many(self, key: str) -> bool:
        """Counts one question; True when the minute is full (and it does not count)."""
        now = self._clock()
        asked = self._asked.get(key)
        if asked is None:
            asked = self._asked[key] = deque(maxlen=self._most)
            if len(self._asked) > REMEMBERED:
                self._asked.popitem(last=False)
        else:
            self._asked.move_to_end(key)
        if len(asked) == self._most and now - asked[0] < 60:
            return True
        asked.append(now)
        return False

    def tell(self, key: str) -> bool:
        """True once a minute: the kind message itself must not become a flood."""
        now = self._clock()
        if now - self._told.get(key, -60.0) < 60:
            return False
        self._told[key] = now
        self._told.move_to_end(key)
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
        return True
