"""The tables of the state database, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


def in_ms(moment: datetime) -> int:
    """Milliseconds since 1970 UTC, as moments stand in the database."""
    return round(moment.timestamp() * 1000)


class Moment(TypeDecorator[datetime]):
    """A moment as milliseconds since 1970 UTC: compared, added and indexed alike everywhere."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else in_ms(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else datetime.fromtimestamp(int(value) / 1000, UTC)


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)


def _text(name: str, *, key: bool = False, need: bool = True) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=key, nullable=not (need or key))


def _moment(name: str, *, need: bool = True) -> sa.Column[datetime]:
    return sa.Column(name, Moment, nullable=not need)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False, default=False)


place = sa.Table(
    "place",
    metadata,
    _text("id", key=True),
    _text("platform"),
    _text("workspace"),
    _text("tenant"),
    _text("channel"),
    _text("thread", need=False),
    _text("kind"),
    _text("conversation"),  # sealed
    _text("lang", need=False),
    _text("tz", need=False),
    _text("disabled_reason", need=False),
    _text("person", need=False),
    _moment("updated_at"),
    sa.Index(None, "workspace"),
    sa.Index(None, "person"),
)

preference = sa.Table(
    "preference",
    metadata,
    _text("subject", key=True),
    _text("name", key=True),
    _text("value"),
)

seen = sa.Table(
    "seen",
    metadata,
    _text("key", key=True),
    _moment("until"),
    sa.Index(None, "until"),
)

asked = sa.Table(  # the last question of a conversation, kept for a day
    "asked",
    metadata,
    _text("thread", key=True),
    _text("text"),  # sealed
    _moment("at"),
    _text("user", need=False),  # who asked it, so that it is forgotten with them
    sa.Index(None, "at"),
    sa.Index(None, "user"),
)

interest = sa.Table(  # which cards a place asks about: the default of its digest
    "interest",
    metadata,
    _text("place", key=True),
    _text("accelerator", key=True),
    sa.Column("times", sa.Integer, nullable=False),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _moment("at"),
    _text("platform"),
    _text("place", need=False),
    _text("user", need=False),
    _text("intent"),
    _text("outcome"),
    _text("text", need=False),  # sealed
    sa.Index(None, "user"),
    sa.Index(None, "at"),
)

feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _moment("at"),
    _text("platform"),
    _text("place", need=False),
    _text("user", need=False),
    _text("answer_ref"),
    _text("verdict"),
    sa.Index(None, "user"),
)

DESK = ("deal", "quote", "usage")
"""Kinds of records that belong to a place and go with it: contracts, quotes, sums of usage."""
record = sa.Table(  # what a platform keeps for itself: installations, sign-in states
    "record",
    metadata,
    _text("kind", key=True),
    _text("key", key=True),
    _text("value"),  # sealed
    _moment("at"),
)

subscription = sa.Table(
    "subscription",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _text("place"),
    _text("user", need=False),
    _text("every"),
    sa.Column("weekday", sa.Integer, nullable=False),
    sa.Column("monthday", sa.Integer, nullable=False),
    _text("time"),
    _text("tz"),
    _text("words"),
    _text("lang"),
    _moment("due"),
    _flag("paused"),
    sa.Column("skipped", sa.Integer, nullable=False, default=0),
    _moment("last_sent", need=False),
    _text("last_fault", need=False),
    _moment("created_at"),
    sa.Index(None, "place"),
    sa.Index(None, "user"),
    sa.Index(None, "paused", "due"),
    sqlite_autoincrement=True,  # "stop #3" never means another one
)

delivery = sa.Table(
    "delivery",
    metadata,
    _text("order_id", key=True),
    sa.Column("due", Moment, primary_key=True),
    _text("kind"),
    _text("place"),
    sa.Column("subscription", sa.Integer),
    _text("state"),  # open, sent, late (another took its place), failed, gone
    # When it may be claimed: its turn, the end of a claim's lease, or of a pause before a retry.
    _moment("ready_at"),
    _text("owner", need=False),
    sa.Column("tries", sa.Integer, nullable=False, default=0),
    sa.Column("refused", sa.Integer, nullable=False, default=0),  # tries known not to have posted
    _flag("delayed"),
    _text("payload"),
    _text("message_id", need=False),
    _text("fault", need=False),
    _moment("done_at", need=False),
    sa.Index(None, "state", "ready_at"),
    sa.Index(None, "place"),
    sa.Index(None, "done_at"),
)

pace = sa.Table(  # when a channel or workspace takes its next message of ours
    "pace",
    metadata,
    _text("key", key=True),
    _moment("free_at"),
)

watch = sa.Table(
    "watch",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _text("place"),
    _text("user", need=False),
    _text("lang"),
    _text("words"),
    _text("scope"),
    _text("kind"),
    _text("direction"),
    sa.Column("threshold", sa.Float(53), nullable=False),
    sa.Column("armed", sa.Boolean, nullable=False, default=True),
    _flag("paused"),
    _flag("remind"),
    _moment("snoozed_until", need=False),
    _moment("fired_at", need=False),
    sa.Column("fired_value", sa.Float(53)),
    _moment("created_at"),
    sa.Index(None, "place"),
    sa.Index(None, "user"),
    # One range of this index answers "who waits for this price?".
    sa.Index(None, "scope", "direction", "armed", "threshold"),
    sa.Index("ix_watch_snoozed", "snoozed_until"),
    sqlite_autoincrement=True,
)

scope = sa.Table(  # the offers that watches look at, and what was seen there last
    "scope",
    metadata,
    _text("key", key=True),
    _text("question"),
    _text("kind"),
    sa.Column("days", sa.Integer, nullable=False, default=0),
    sa.Column("value", sa.Float(53)),
    sa.Column("price", sa.Float(53)),
    _moment("since", need=False),
    # The published price store it was seen in: a replica that lags behind changes nothing here.
    sa.Column("version", sa.Integer, nullable=False, default=0),
)

scope_day = sa.Table(  # lowest price a day, for watches on a change over time
    "scope_day",
    metadata,
    _text("key", key=True),
    _text("day", key=True),
    sa.Column("price", sa.Float(53), nullable=False),
)

job = sa.Table(  # what exactly one replica does at a time: the scheduled refresh
    "job",
    metadata,
    _text("name", key=True),
    _moment("due"),
    _moment("lease", need=False),
    _text("owner", need=False),
    sa.Column("tries", sa.Integer, nullable=False, default=0),
    _moment("last_done", need=False),
    _text("last_fault", need=False),
)

published = sa.Table(
    "published",
    metadata,
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    _moment("at"),
    _text("note"),
    _text("digest"),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
)

contract = sa.Table(
    "contract",
    metadata,
    _text("owner", key=True),
    _text("source", key=True),
    _text("offers"),  # sealed
    sa.Column("version", sa.Integer, nullable=False),
    _moment("at"),
)

# -- slack_sdk's stores ------------------------------------------------------------------------
# Its column names; tokens are sealed, and longer than the lengths it would give them.


def _number() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True, autoincrement=True)


def _day(name: str, *, need: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime, nullable=not need)


slack_bots = sa.Table(
    "slack_bots",
    metadata,
    _number(),
    *(_text(name) for name in ("client_id", "app_id")),
    *(
        _text(name, need=False)
        for name in (
            "enterprise_id", "enterprise_name", "team_id", "team_name", "bot_token", "bot_id",
            "bot_user_id", "bot_scopes", "bot_refresh_token",
        )
    ),
    _day("bot_token_expires_at"),
    _flag("is_enterprise_install"),
    _day("installed_at", need=True),
    sa.Index("slack_bots_idx", "client_id", "enterprise_id", "team_id", "installed_at"),
)  # fmt: skip

slack_installations = sa.Table(
    "slack_installations",
    metadata,
    _number(),
    *(_text(name) for name in ("client_id", "app_id", "user_id")),
    *(
        _text(name, need=False)
        for name in (
            "enterprise_id", "enterprise_name", "enterprise_url", "team_id", "team_name",
            "bot_token", "bot_id", "bot_user_id", "bot_scopes", "bot_refresh_token", "user_token",
            "user_scopes", "user_refresh_token", "incoming_webhook_url", "incoming_webhook_channel",
            "incoming_webhook_channel_id", "incoming_webhook_configuration_url", "token_type",
        )
    ),
    _day("bot_token_expires_at"),
    _day("user_token_expires_at"),
    _flag("is_enterprise_install"),
    _day("installed_at", need=True),
    sa.Index(
        "slack_installations_idx",
        "client_id", "enterprise_id", "team_id", "user_id", "installed_at",
    ),
)  # fmt: skip

slack_oauth_states = sa.Table(
    "slack_oauth_states",
    metadata,
    _number(),
    _text("state"),
    _day("expire_at", need=True),
)
