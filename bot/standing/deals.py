"""Commitments that people recorded: their dates, and reminders that are deliveries like any other.

All reminders of a deal are planned when it is recorded; each is a delivery of its own moment, so
that no crash and no second replica sends one twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.core.answer import Answer, Fact
from bot.core.wording import Wording, wording
from bot.language import lang_of
from bot.state.schedule import zone

if TYPE_CHECKING:
    from bot.state import State
    from bot.state.rows import Delivery

KIND = "deal"
DAYS = (90, 30, 7, 0)
"""Days before a date of a deal on which it is told."""
AT = time(9)


def not_here(say: Wording) -> Answer:
    """Contracts belong to the workspace's members alone: nothing is said of them elsewhere."""
    return Answer(
        headline=say.t(
            "Contracts are kept and shown where only members of your organisation read: ask me in a direct message."
        ),
        tone="caution",
    )


class Deal(NamedTuple):
    number: int
    seller: str
    card: str | None
    gpus: int | None
    usd_per_gpu_hour: float | None
    start: date | None
    end: date
    notice_days: int | None
    user: str | None
    lang: str
    tz: str
    prepaid: str | None = None
    """What is paid in advance, as it is written: "20%", "2 months"; due when the term begins."""

    @property
    def notice_by(self) -> date | None:
        """The last day on which notice can be given."""
        return self.end - timedelta(days=self.notice_days) if self.notice_days else None

    def dates(self) -> list[tuple[str, date]]:
        notice = self.notice_by
        found = [
            ("prepayment", self.start if self.prepaid else None),
            ("notice", notice),
            ("end", self.end),
        ]
        return [(name, day) for name, day in found if day]

    def words(self) -> dict[str, Any]:
        out = self._asdict()
        out["start"] = self.start.isoformat() if self.start else None
        out["end"] = self.end.isoformat()
        return out


def deal_of(kept: Mapping[str, Any]) -> Deal:
    start = kept.get("start")
    return Deal(
        **{
            **kept,
            "start": date.fromisoformat(start) if start else None,
            "end": date.fromisoformat(kept["end"]),
        }
    )


def key_of(place: str, number: int) -> str:
    return f"{place}:#{number:05d}"


def standing(state: State, place: str) -> list[Deal]:
    """The deals of a place, by number."""
    return [
        deal_of(kept)
        for key, kept in sorted(state.records.below(KIND, f"{place}:#").items())
        if key
    ]


def places_of(state: State, user: str) -> list[str]:
    """Where this person (`slack:T1:U7`) recorded deals."""
    workspace = user.rpartition(":")[0]
    return sorted({
        key.rpartition(":#")[0]
        for prefix in (f"{workspace}:", f"direct:{user}:")
        for key, kept in state.records.below(KIND, prefix).items()
        if kept.get("user") == user
    })  # fmt: skip


def record(state: State, place: str, deal: Deal, now: datetime) -> Deal:
    """Keeps a deal, sealed, and plans its reminders; the same deal again changes nothing."""
    held = standing(state, place)
    same = next(
        (
            one
            for one in held
            if one._replace(number=0, user=None) == deal._replace(number=0, user=None)
        ),
        None,
    )
    if same:
        return same
    made = deal._replace(number=max((one.number for one in held), default=0) + 1)
    key = key_of(place, made.number)
    state.records.keep(KIND, key, made.words())
    for due in reminders(made, now):
        state.deliveries.add(order_of(key, made), place, KIND, {"deal": key}, due)
    return made


def order_of(key: str, deal: Deal) -> str:
    """Names a deal's deliveries; a number that is given again after a drop is another deal's."""
    told = f"{key} {deal.seller} {deal.end} {deal.notice_days}"
    return f"deal-{sha256(told.encode()).hexdigest()[:20]}"


def reminders(deal: Deal, now: datetime) -> list[datetime]:
    """The moments still to come, each once, at nine in the owner's zone."""
    clock = zone(deal.tz)
    found = {
        datetime.combine(day - timedelta(days=before), AT, clock).astimezone(UTC)
        for _, day in deal.dates()
        for before in DAYS
    }
    return sorted(moment for moment in found if moment > now)


def drop(state: State, place: str, number: int) -> Deal | None:
    """Removes a deal and its reminders."""
    key = key_of(place, number)
    kept = state.records.take(KIND, key)
    if kept is None:
        return None
    deal = deal_of(kept)
    state.deliveries.end_order(order_of(key, deal), "stopped")
    return deal


def message(delivery: Delivery, state: State) -> Answer | None:
    """What a reminder says; None when its deal is gone."""
    kept = state.records.get(KIND, str(delivery.payload["deal"]))
    if kept is None:
        return None
    deal = deal_of(kept)
    say = wording(lang_of(deal.lang) or "en")
    clock = zone(deal.tz)
    meant = delivery.due.astimezone(clock).date()
    today = max(meant, delivery.at.astimezone(clock).date())  # sent late: the days are counted anew
    near = [(name, day) for name, day in deal.dates() if (day - meant).days in DAYS]
    if not near:
        return None
    headline = " ".join(_said(name, day, (day - today).days, deal, say) for name, day in near)
    return Answer(
        headline=headline, lang=say.lang, facts=facts(deal, say), tone="caution", private=True
    )


def _said(name: str, day: date, left: int, deal: Deal, say: Wording) -> str:
    seller, when = deal.seller, say.date(day)
    if name == "prepayment":
        if left <= 0:
            return say.t(
                "The prepayment to {seller} ({what}) is due: the term begins on {date}.",
                seller=seller,
                what=deal.prepaid,
                date=when,
            )
        return say.tn(
            "The prepayment to {seller} ({what}) is due in {n} day, on {date}.",
            "The prepayment to {seller} ({what}) is due in {n} days, on {date}.",
            left,
            seller=seller,
            what=deal.prepaid,
            date=when,
        )
    if name == "notice":
        if left < 0:
            return say.t(
                "The last day to give {seller} notice was {date}.", seller=seller, date=when
            )
        if left == 0:
            return say.t("Today is the last day to give {seller} notice.", seller=seller)
        return say.tn(
            "Notice to {seller} is due in {n} day, by {date}.",
            "Notice to {seller} is due in {n} days, by {date}.",
            left,
            seller=seller,
            date=when,
        )
    if left < 0:
        return say.t("The contract with {seller} ended on {date}.", seller=seller, date=when)
    if left == 0:
        return say.t("The contract with {seller} ends today.", seller=seller)
    return say.tn(
        "The contract with {seller} ends in {n} day, on {date}.",
        "The contract with {seller} ends in {n} days, on {date}.",
        left,
        seller=seller,
        date=when,
    )


def facts(deal: Deal, say: Wording) -> tuple[Fact, ...]:
    out = [Fact(say.t("Contract"), described(deal, say))]
    if deal.prepaid and deal.start:
        out.append(Fact(say.t("Prepayment"), f"{deal.prepaid}, {say.date(deal.start)}"))
    if deal.notice_by:
        out.append(Fact(say.t("Notice by"), say.date(deal.notice_by)))
    out.append(Fact(say.t("Ends on"), say.date(deal.end)))
    return tuple(out)


def described(deal: Deal, say: Wording) -> str:
    """ "CoreWeave, 64x H100, $2.35 per GPU-hour"."""
    parts = [deal.seller]
    if deal.card:
        parts.append(f"{deal.gpus}x {say.card(deal.card)}" if deal.gpus else say.card(deal.card))
    if deal.usd_per_gpu_hour is not None:
        parts.append(say.per_gpu_hour(deal.usd_per_gpu_hour))
    return ", ".join(parts)
