"""Response bodies: unpacked within bounds, kept for conditional requests, looked at before parsing."""

from __future__ import annotations

import hashlib
import json
import os
import re
import zlib
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, NamedTuple

Expect = Literal["json", "csv", "zip", "html", "xml", "text"]

STEP = 1_000_000
"""Bytes unpacked at once; between two steps the event loop runs."""
KEPT_FOR = timedelta(days=14)
"""A kept body nobody asked for again in this time is dropped."""
KEPT_BYTES = 400_000_000
"""All kept bodies together, packed."""


class BodyFault(Exception):
    """A body is not what its headers say; the message is the end of one readable line."""


class Unpacked:
    """Collects a body as it comes, unpacking gzip, never holding more than `limit` bytes."""

    def __init__(self, encoding: str, limit: int) -> None:
        coding = encoding.strip().lower()
        if coding not in {"", "identity", "gzip", "x-gzip"}:
            raise BodyFault(f"packed as {coding!r}, which was not asked for")
        # 31: a gzip wrapper is expected and its checksum is verified.
        self._packed = zlib.decompressobj(31) if "gzip" in coding else None
        self._limit = limit
        self._left = b""
        self.body = bytearray()

    def take(self, chunk: bytes) -> bool:
        """Takes a chunk, or goes on with what is left of one; True while more is left of it."""
        if self._packed is None:
            self._add(chunk)
            return False
        if self._packed.eof and (chunk or self._packed.unused_data):
            raise BodyFault("has bytes behind the end of its gzip body")
        try:
            self._add(self._packed.decompress(self._left + chunk, STEP))
        except zlib.error as fault:
            raise BodyFault(f"says gzip and is not ({fault})") from fault
        self._left = self._packed.unconsumed_tail
        return bool(self._left)

    def _add(self, more: bytes) -> None:
        if len(self.body) + len(more) > self._limit:
            self.body.clear()
            raise BodyFault(f"is larger than {self._limit // 1_000_000} MB unpacked; refused")
        self.body += more

    def finished(self) -> bytes:
        """The whole body; raises BodyFault when a gzip body was cut off."""
        if self._packed is not None:
            if not self._packed.eof:
                raise BodyFault("was cut off in the middle of its gzip body")
            if self._packed.unused_data:
                raise BodyFault("has bytes behind the end of its gzip body")
        return bytes(self.body)


# -- what a body looks like ------------------------------------------------------------------

_ANY = {"", "application/octet-stream", "binary/octet-stream"}
_TYPES: dict[Expect, set[str]] = {
    "json": {*_ANY, "text/plain", "text/json", "application/javascript", "text/javascript"},
    "csv": {*_ANY, "text/csv", "text/plain", "application/csv", "application/vnd.ms-excel"},
    "zip": {*_ANY, "application/zip", "application/x-zip-compressed", "multipart/x-zip"},
    "html": {"", "text/html", "application/xhtml+xml", "text/plain"},
    "xml": {*_ANY, "text/xml", "application/xml", "text/plain"},
    "text": {*_ANY, "text/plain", "text/markdown", "text/x-markdown", "text/csv"},
}
_HTML = re.compile(
    rb"\s*(?:<!--.*?-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_WORDS = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.IGNORECASE | re.DOTALL)


def check(body: bytes, content_type: str, expect: Expect) -> None:
    """Raises BodyFault when a body is plainly not what was asked for."""
    start = body[:2048].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise BodyFault("answered with an empty body")
    if expect != "html" and _HTML.match(start):
        raise BodyFault(f"sent HTML where {_named(expect)} was due{_first_words(start)}")
    media = content_type.split(";", 1)[0].strip().lower()
    suffix = expect in {"json", "xml"} and media.endswith(("/" + expect, "+" + expect))
    if media not in _TYPES[expect] and not suffix:
        raise BodyFault(f"sent {media} where {_named(expect)} was due")
    if expect == "zip":
        right = start.startswith((b"PK\x03\x04", b"PK\x05\x06"))
    elif expect == "json":
        right = start[:1] in b"{["
    elif expect in {"xml", "html"}:
        right = b"<" in start
    else:
        right = b"\0" not in start and not start.startswith(b"\x1f\x8b")
    if not right:
        raise BodyFault(f"sent something that is no {_named(expect)}")


def _named(expect: Expect) -> str:
    return expect if expect in {"zip", "text"} else expect.upper()


def _first_words(start: bytes) -> str:
    """What an error page says of itself, for the one line."""
    words = " ".join(_WORDS.sub(" ", start.decode("utf-8", "replace")).split())
    return f' ("{words[:60].strip()}")' if words else ""


# -- bodies kept for conditional requests ----------------------------------------------------


class Kept(NamedTuple):
    etag: str
    last_modified: str
    content_type: str
    body: bytes


class KeptBodies:
    """A folder of bodies by address, so that "304 Not Modified" can stand for them.

    One file a body, moved into place whole: a kill leaves the old one or the new one. Addresses
    are hashed, because some carry a key.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _path(self, url: str) -> Path:
        return self.folder / hashlib.sha256(url.encode()).hexdigest()[:40]

    def get(self, url: str) -> Kept | None:
        """The body kept for an address; None when there is none or its file is damaged."""
        path = self._path(url)
        try:
            head, _, packed = path.read_bytes().partition(b"\n")
            known = json.loads(head)
            kept = Kept(known["etag"], known["last_modified"], known["type"], _inflated(packed))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, zlib.error):
            with suppress(OSError):
                path.unlink()
            return None
        with suppress(OSError):
            os.utime(path)  # still in use: `tidy` leaves it
        return kept

    def put(self, url: str, kept: Kept) -> None:
        """Keeps a body; a full or read-only disk costs only the next saving."""
        path = self._path(url)
        building = path.with_name(f"{path.name}.{os.getpid()}.new")
        head = json.dumps(
            {"etag": kept.etag, "last_modified": kept.last_modified, "type": kept.content_type}
        )
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            building.write_bytes(head.encode() + b"\n" + zlib.compress(kept.body, 1))
            building.replace(path)
        except OSError:
            with suppress(OSError):
                building.unlink(missing_ok=True)

    def tidy(self, now: datetime) -> None:
        """Drops what nobody asked for lately, and the oldest beyond the bound."""
        with suppress(OSError):
            files = sorted(
                ((file.stat(), file) for file in self.folder.iterdir()),
                key=lambda entry: -entry[0].st_mtime,
            )
            limit = (now - KEPT_FOR).timestamp()
            total = 0
            for about, file in files:
                total += about.st_size
                if about.st_mtime < limit or total > KEPT_BYTES:
                    file.unlink(missing_ok=True)


def _inflated(packed: bytes) -> bytes:
    unpacking = zlib.decompressobj()
    body = unpacking.decompress(packed)
    if not unpacking.eof:
        raise ValueError("cut off")
    return body
