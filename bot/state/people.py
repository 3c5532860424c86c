"""What concerns persons: conversations, preferences, the audit trail, and forgetting all of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.state import tables
from bot.state.database import Topic
from bot.state.rows import CONVERSATION
from bot.state.seal import at

_SEEN = {
    True: "SELECT key FROM seen WHERE key = ANY(?) AND until > ?",
    False: "SELECT key FROM seen WHERE key IN (SELECT value FROM json_each(?)) AND until > ?",
}
"""By whether PostgreSQL is asked."""


class People(Topic):
    """What is noted of persons, and forgotten with them."""

    def first_times(self, keys: Iterable[str], now: datetime, ttl: timedelta) -> set[str]:
        """Which of these keys are new: true once per key across all replicas, until `ttl` passed."""
        rows = [{"key": key, "until": now + ttl} for key in dict.fromkeys(keys)]
        if not rows:
            return set()
        statement = self._database.insert(tables.seen)
        with self._database.writing() as db:
            return set(
                db.scalars(
                    statement.on_conflict_do_update(
                        index_elements=["key"],
                        set_={"until": statement.excluded.until},
                        where=tables.seen.c.until <= now,
                    ).returning(tables.seen.c.key),
                    rows,
                )
            )

    def unseen(self, keys: Iterable[str], now: datetime, _: timedelta) -> set[str]:
        """Which of these keys `first_times` would find new; marks nothing."""
        asked = list(keys)
        listed: Any = asked if self._database.is_postgres else json.dumps(asked)
        known = self._database.glance(_SEEN[self._database.is_postgres], listed, tables.in_ms(now))
        return set(asked).difference(key for (key,) in known)

    def remember_questions(
        self, texts: Iterable[tuple[str, str, str | None]], now: datetime
    ) -> None:
        """(thread, text, who asked) of many conversations in one transaction."""
        statement = self._database.insert(tables.asked)
        newest = {thread: (text, user) for thread, text, user in texts}
        rows = [
            {
                "thread": thread,
                "text": self._database.seal.close(text, at("asked", "text", thread)),
                "at": now,
                "user": user,
            }
            for thread, (text, user) in newest.items()
        ]
        if rows:
            with self._database.writing() as db:
                db.execute(
                    statement.on_conflict_do_update(
                        index_elements=["thread"],
                        set_={
                            "text": statement.excluded.text,
                            "at": statement.excluded.at,
                            "user": statement.excluded.user,
                        },
                    ),
                    rows,
                )

    def last_question(self, thread: str, now: datetime) -> str | None:
        """The conversation's last question, up to a day old."""
        with self._database.reading() as db:
            text = db.scalar(
                sa.select(tables.asked.c.text).where(
                    tables.asked.c.thread == thread, tables.asked.c.at > now - CONVERSATION
                )
            )
        return None if text is None else self._database.seal.open(text, at("asked", "text", thread))

    # -- preferences -------------------------------------------------------------------------

    def preference(self, subject: str, name: str) -> str | None:
        return self.preferences(subject).get(name)

    def preferences(self, subject: str) -> dict[str, str]:
        """All preferences of a user (`slack:T1:U2`), place or workspace."""
        return dict(
            self._database.glance("SELECT name, value FROM preference WHERE subject = ?", subject)
        )

    def set_preference(self, subject: str, name: str, value: str | None) -> None:
        """None removes it."""
        table = tables.preference
        with self._database.writing() as db:
            if value is None:
                db.execute(sa.delete(table).where(table.c.subject == subject, table.c.name == name))
            else:
                self._database.upsert(db, table, {"subject": subject, "name": name, "value": value})

    # -- what a place asks about -------------------------------------------------------------

    def add_interest(self, counts: Mapping[tuple[str, str], int]) -> None:
        """(place, card) -> questions about it: the defaults of the place's digest."""
        table = tables.interest
        statement = self._database.insert(table)
        with self._database.writing() as db:
            db.execute(
                statement.on_conflict_do_update(
                    index_elements=["place", "accelerator"],
                    set_={"times": table.c.times + statement.excluded.times},
                ),
                [
                    {"place": place, "accelerator": name, "times": times}
                    for (place, name), times in sorted(counts.items())
                ],
            )

    def most_asked(self, place: str, limit: int = 4) -> list[str]:
        """Cards asked about most in this place, most asked first."""
        table = tables.interest
        with self._database.reading() as db:
            return list(
                db.scalars(
                    sa.select(table.c.accelerator)
                    .where(table.c.place == place)
                    .order_by(table.c.times.desc(), table.c.accelerator)
                    .limit(limit)
                )
            )

    def places_of(self, user: str, limit: int = 4) -> list[str]:
        """Places where this person has a digest or a watch standing, their own first."""
        own = f"direct:{user}"
        with self._database.reading() as db:
            found = set(
                db.scalars(
                    sa.select(tables.subscription.c.place)
                    .where(tables.subscription.c.user == user)
                    .union(sa.select(tables.watch.c.place).where(tables.watch.c.user == user))
                )
            )
        return sorted(found, key=lambda place: (place != own, place))[:limit]

    # -- audit -------------------------------------------------------------------------------

    def audit_many(
        self,
        entries: Iterable[tuple[datetime, str, str | None, str | None, str, str, str | None]],
    ) -> None:
        """Who asked what kind of thing where, as (when, platform, place, user, intent, outcome, text);
        the words only when the operator wants them kept."""
        rows = [
            {
                "at": when,
                "platform": platform,
                "place": place,
                "user": user,
                "intent": intent,
                "outcome": outcome,
                "text": None
                if text is None
                else self._database.seal.close(text, at("audit", "text", user, tables.in_ms(when))),
            }
            for when, platform, place, user, intent, outcome, text in entries
        ]
        if rows:
            with self._database.writing() as db:
                db.execute(sa.insert(tables.audit), rows)

    def feedback(
        self,
        when: datetime,
        platform: str,
        place: str | None,
        user: str | None,
        answer_ref: str,
        verdict: str,
    ) -> None:
        """What somebody thinks of an answer; what they thought of it before is replaced."""
        table = tables.feedback.c
        with self._database.writing() as db:
            if user is not None:
                same = (table.user == user, table.answer_ref == answer_ref)
                db.execute(sa.delete(tables.feedback).where(*same))
            db.execute(
                sa.insert(tables.feedback).values(
                    at=when,
                    platform=platform,
                    place=place,
                    user=user,
                    answer_ref=answer_ref,
                    verdict=verdict,
                )
            )

    # -- forgetting --------------------------------------------------------------------------

    def forget(self, user: str) -> dict[str, int]:
        """Removes what is kept of a person; counts rows by kind.

        Digests and watches in shared places stay, without a name: others read them too. Those in
        the person's own direct messages go.
        """
        own = f"direct:{user}"
        with self._database.writing() as db:
            removed = _without_notes(db, user)
            for name, table, condition in (
                ("feedback", tables.feedback, tables.feedback.c.user == user),
                ("preferences", tables.preference, tables.preference.c.subject == user),
            ):
                removed[name] = db.execute(sa.delete(table).where(condition)).rowcount
            direct = (
                sa.select(tables.place.c.id)
                .where(
                    tables.place.c.kind == "direct",
                    sa.or_(
                        tables.place.c.person == user,
                        tables.place.c.id == own,
                        tables.place.c.id == user,
                    ),
                )
                .union(
                    # A direct conversation in which this person alone placed orders.
                    sa.select(tables.place.c.id)
                    .join(tables.subscription, tables.subscription.c.place == tables.place.c.id)
                    .where(tables.place.c.kind == "direct", tables.subscription.c.user == user),
                    sa.select(tables.place.c.id)
                    .join(tables.watch, tables.watch.c.place == tables.place.c.id)
                    .where(tables.place.c.kind == "direct", tables.watch.c.user == user),
                )
            )
            places = list(db.scalars(direct))
            for name, table in (
                ("digests", tables.subscription), ("watches", tables.watch),
                ("interest", tables.interest), ("deliveries", tables.delivery),
            ):  # fmt: skip
                removed[name] = db.execute(
                    sa.delete(table).where(table.c.place.in_(places))
                ).rowcount
            held = tables.record
            for place in places:
                mine = held.c.key.startswith(f"{place}:#", autoescape=True)
                db.execute(sa.delete(held).where(held.c.kind.in_(tables.DESK), mine))
            db.execute(sa.delete(tables.pace).where(tables.pace.c.key.in_(places)))
            db.execute(sa.delete(tables.preference).where(tables.preference.c.subject.in_(places)))
            removed["places"] = db.execute(
                sa.delete(tables.place).where(tables.place.c.id.in_(places))
            ).rowcount
            for table in (tables.subscription, tables.watch):
                db.execute(sa.update(table).where(table.c.user == user).values(user=None))
        return removed

    def forget_notes(self, user: str) -> None:
        """Of these, what is noted of questions: audit lines, conversations, which cards."""
        with self._database.writing() as db:
            _without_notes(db, user)
            own = tables.interest.c.place == f"direct:{user}"
            db.execute(sa.delete(tables.interest).where(own))


def _without_notes(db: Connection, user: str) -> dict[str, int]:
    thread = tables.asked.c.thread
    asked_by = sa.or_(
        tables.asked.c.user == user,
        thread == user,
        thread.startswith(f"{user}:", autoescape=True),
    )
    return {
        "audit": db.execute(sa.delete(tables.audit).where(tables.audit.c.user == user)).rowcount,
        "conversations": db.execute(sa.delete(tables.asked).where(asked_by)).rowcount,
    }
