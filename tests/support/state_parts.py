"""A state with something in every table that people entrust things to."""

from __future__ import annotations

import sqlalchemy as sa
from conftest import NOW
from cryptography.fernet import Fernet
from standing_parts import Clock, place

from bot.state import State
from bot.state.rows import Rule, Watch
from bot.state.seal import at, keyring
from bot.state.tables import slack_bots
from bot.state.watches import Scope

KEY = Fernet.generate_key().decode()


def opened(url: str, *keys: str) -> State:
    return State.open(url, key=keyring(keys or [KEY]), clock=Clock(NOW))


def filled(url: str, *keys: str) -> State:
    """Something in every table that people entrust things to."""
    state = opened(url, *keys)
    for number in range(1200):
        where = place(f"C{number}", tz="Europe/Lisbon", conversation={"ref": f"secret {number}"})
        state.places.save(where)
        if number % 4 == 0:
            state.digests.add(where.id, "slack:T1:U1", Rule(), {"accelerators": ["H100"]}, "pt")
        if number % 10 == 0:
            watch = Watch(0, where.id, None, "en", "watch h100 < 2", "s", "price", "below", 2.0)
            state.watches.add(watch, Scope("s", "{}", "price", 0))
    state.people.set_preference("slack:T1:U1", "lang", "pt")
    state.contracts.save("slack:T1", "deal", [{"price": "1.10"}])
    state.people.audit_many([(NOW, "slack", None, None, "price", "answered", "preço da H100, ã €")])
    state.records.keep("slack-installation", "T1", {"token": "xoxb-secret"})
    with state.writing() as db:
        db.execute(
            sa.insert(slack_bots).values(
                client_id="1.2", app_id="A1", team_id="T1", bot_token=state.seal.close("xoxb-secret", at("slack_installations", "bot_token", None, "T1")),
                is_enterprise_install=False, installed_at=NOW.replace(tzinfo=None),
            )
        )  # fmt: skip
    state.digests.plan()
    state.prices.publish([b"prices"], "left out")
    return state
