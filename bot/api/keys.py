"""Keys of programs: made once, shown once, kept as a digest, bound to a workspace and to abilities.

A key is `qm_<id>_<secret>`. The secret has 256 random bits, so a plain SHA-256 of it is enough to
keep; the id finds it without a scan. What is kept lies sealed in the state database, goes with a
backup, and ends with its workspace.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

from bot.language import Lang, lang_of
from bot.state.rows import API_KEY

if TYPE_CHECKING:
    from bot.state import State

Ability = Literal["contracts", "orders"]
ABILITIES: tuple[Ability, ...] = get_args(Ability)
"""Beyond asking: seeing the workspace's contract prices; keeping watches and digests."""
TOKEN = re.compile(r"qm_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
LONGEST_LABEL = 80


class KeyFault(ValueError):
    """A key that cannot be made as asked; the message is one line that says why."""


class Key(NamedTuple):
    """Who a program is."""

    id: str
    workspace: str
    """Whose program it is: `slack:T123`, `teams:<tenant>`, or the name given to `import --owner`."""
    abilities: frozenset[str]
    label: str
    created: str
    """ISO date."""
    place: str | None = None
    """The conversation whose watches and digests it keeps; only with the ability `orders`."""
    lang: Lang | None = None
    last_used: str | None = None
    """ISO date."""
    digest: str = ""
    """SHA-256 of the secret, hexadecimal."""

    def may(self, ability: Ability) -> bool:
        return ability in self.abilities


def create(
    state: State,
    workspace: str,
    *,
    abilities: Iterable[str] = (),
    label: str = "",
    place: str | None = None,
    lang: str | None = None,
    now: datetime,
) -> tuple[Key, str]:
    """A new key, and its text, which is shown this once. Raises KeyFault or StateFault."""
    given = frozenset(abilities)
    if not workspace or len(workspace) > 200 or not workspace.isprintable():
        raise KeyFault("A key belongs to a workspace: slack:T123, teams:<tenant>, or a name.")
    if strange := given - set(ABILITIES):
        raise KeyFault(
            f"{', '.join(sorted(strange))}: no such ability; {', '.join(ABILITIES)} are."
        )
    if ("orders" in given) != (place is not None):
        raise KeyFault("Orders stand in a conversation: give --may orders together with --place.")
    if place is not None:
        known = state.places.get(place)
        if known is None or known.workspace != workspace:
            raise KeyFault(f"No conversation of {workspace} is called {place}.")
    if len(label) > LONGEST_LABEL or not label.isprintable():
        raise KeyFault(f"A label is one line of at most {LONGEST_LABEL} characters.")
    identity, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    key = Key(
        identity, workspace, given, label, now.date().isoformat(), place, lang_of(lang),
        digest=hashlib.sha256(secret.encode()).hexdigest(),
    )  # fmt: skip
    state.records.keep(API_KEY, identity, _packed(key))
    return key, f"qm_{identity}_{secret}"


def every(state: State) -> list[Key]:
    """All keys, by workspace and day. Raises StateFault."""
    found = [_unpacked(one, held) for one, held in state.records.below(API_KEY).items()]
    return sorted(found, key=lambda key: (key.workspace, key.created, key.id))


def revoke(state: State, identity: str) -> Key | None:
    """Ends a key by its id, or by the key itself; None when there is none. Raises StateFault."""
    whole = TOKEN.fullmatch(identity)
    identity = whole.group(1) if whole else identity.removeprefix("qm_")
    held = state.records.take(API_KEY, identity)
    return None if held is None else _unpacked(identity, held)


def match(known: Mapping[str, Key], token: str) -> Key | None:
    """Of the keys by id the one whose text this is; None for any other text."""
    parts = TOKEN.fullmatch(token)
    key = known.get(parts.group(1)) if parts else None
    if parts is None or key is None:
        return None
    digest = hashlib.sha256(parts.group(2).encode()).hexdigest()
    return key if hmac.compare_digest(key.digest, digest) else None


def note_use(state: State, key: Key) -> None:
    """Keeps the day of the last use; a key revoked meanwhile stays revoked."""
    state.records.keep_known(API_KEY, key.id, _packed(key))


def _packed(key: Key) -> dict[str, Any]:
    held = key._asdict() | {"abilities": sorted(key.abilities)}
    del held["id"]
    return held


def _unpacked(identity: str, held: dict[str, Any]) -> Key:
    known = {name: held[name] for name in Key._fields if name in held}
    return Key(**{**known, "id": identity, "abilities": frozenset(held["abilities"])})
