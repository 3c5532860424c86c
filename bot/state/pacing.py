"""When a message may leave: one turn after the other for a channel, and for a workspace."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.state import tables
from bot.state.database import Database

TURN_KEPT = timedelta(seconds=5)
"""A turn that passed this long ago (nobody was there to send) is given anew, so that what piled
up during an outage does not leave at once."""


def open_delivery(
    order: str,
    due: datetime,
    kind: str,
    place: str,
    *,
    subscription: int | None = None,
    delayed: bool = False,
    payload: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A delivery that may be claimed from `due` on."""
    return {
        "order_id": order,
        "due": due,
        "kind": kind,
        "place": place,
        "subscription": subscription,
        "state": "open",
        "ready_at": due,
        "tries": 0,
        "refused": 0,
        "delayed": delayed,
        "payload": json.dumps(dict(payload or {})),
    }


def paced(
    database: Database,
    db: Connection,
    made: list[dict[str, Any]],
    now: datetime,
    not_before: datetime | None = None,
) -> None:
    """Gives each delivery its turn (`ready_at`), so that a channel and a workspace stay under
    their caps however many replicas send."""
    keys = sorted(
        {delivery["place"] for delivery in made} | {delivery["_workspace"] for delivery in made}
    )
    start = not_before or now
    table = tables.pace
    free = dict(
        db.execute(
            sa.select(table.c.key, table.c.free_at)
            .where(table.c.key.in_(keys))
            .order_by(table.c.key)
            .with_for_update()
        ).all()
    )
    for delivery in made:
        channel, workspace = delivery["place"], delivery.pop("_workspace")
        reach = database.reach(workspace)
        turn = max(start, free.get(channel, now), free.get(workspace, now))
        delivery["ready_at"] = turn
        free[channel] = turn + reach.channel_gap
        # One channel that must wait does not hold back its workspace.
        free[workspace] = max(free.get(workspace, now), now) + reach.workspace_gap
    database.insert_many(
        db,
        table,
        [{"key": key, "free_at": free[key]} for key in keys],
        lambda insert: insert.on_conflict_do_update(
            index_elements=["key"], set_={"free_at": insert.excluded.free_at}
        ),
    )
