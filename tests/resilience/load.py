"""Load: open (arrivals come when they come) and closed (to find the capacity), with latencies."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import time
from collections import Counter
from dataclasses import dataclass, field

import aiohttp
from world import Service, World, slack_command, teams_message, words

DECLINED = "Many questions arrived at once"
FINE = ("answered", "answered later", "declined", "declined again")
"""Slack is acknowledged within a second, and answered when the answer is there. Who asks Teams again
within seconds of being declined is not told so again."""
_DECLINED = re.compile(r'outcome="declined-overload".*} (\S+)$', re.MULTILINE)
APOLOGY = ("something broke on our side", "cannot be read", "cannot be reached")


@dataclass
class Seen:
    """What people saw, and how long it took them, in seconds."""

    times: list[float] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    took: float = 0.0
    last: float = 0.0
    """When the last question came (`time.perf_counter`)."""

    def at(self, share: float) -> float:
        """A percentile, in milliseconds."""
        times = sorted(self.times) or [0.0]
        return times[min(len(times) - 1, int(share * len(times)))] * 1000

    @property
    def rate(self) -> float:
        done = self.outcomes["answered"] + self.outcomes["answered later"]
        return done / self.took if self.took else 0.0

    @property
    def broken(self) -> int:
        return sum(n for name, n in self.outcomes.items() if name not in FINE)

    def line(self) -> str:
        parts = ", ".join(f"{n} {name}" for name, n in self.outcomes.most_common() if n)
        return parts or "nothing"


class Load:
    """One client for both platforms, half and half."""

    def __init__(self, world: World, session: aiohttp.ClientSession, *services: Service) -> None:
        """With several services, each question goes to one of them by chance."""
        self.services, self.world, self.session = services, world, session
        self.rng = random.Random(7)

    @property
    def service(self) -> Service:
        return self.services[0] if len(self.services) == 1 else self.rng.choice(self.services)

    async def one(self, seen: Seen, due: float | None = None) -> None:
        """One question; its time counts from when it was due."""
        text = words(self.rng)
        slack = self.rng.random() < 0.5
        path, body, headers = (
            slack_command(text, self.rng, self.world.url)
            if slack
            else teams_message(text, self.rng, self.world.url)
        )
        begun = due if due is not None else time.perf_counter()
        try:
            async with self.session.post(
                self.service.url + path, data=body, headers=headers
            ) as answer:
                said = await answer.text()
                outcome = _outcome(answer.status, said, slack=slack)
        except (aiohttp.ClientError, TimeoutError) as fault:
            outcome = "no connection"
            seen.faults[type(fault).__name__] += 1
        seen.outcomes[outcome] += 1
        seen.times.append(time.perf_counter() - begun)

    async def closed(self, seconds: float, people: int = 24) -> Seen:
        """As many at once as there are people, each asking again when answered."""
        seen = Seen()
        begun = time.perf_counter()

        async def person() -> None:
            while time.perf_counter() - begun < seconds:
                await self.one(seen)

        await asyncio.gather(*(person() for _ in range(people)))
        seen.took = time.perf_counter() - begun
        return seen

    async def open(self, rate: float, seconds: float) -> Seen:
        """`rate` questions a second, whether or not earlier ones were answered."""
        seen = Seen()
        declined, counted = self.world.declined, await self._declined()
        begun = time.perf_counter()
        tasks: set[asyncio.Task[None]] = set()
        for number in range(int(rate * seconds)):
            due = begun + number / rate
            if (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            task = asyncio.create_task(self.one(seen, due))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        seen.last = time.perf_counter()
        if tasks:
            await asyncio.wait(set(tasks), timeout=30)
        seen.took = time.perf_counter() - begun
        # What Teams and a late Slack are told is seen where it arrives.
        there = self.world.declined - declined
        again = max(0, await self._declined() - counted - seen.outcomes["declined"] - there)
        seen.outcomes["declined"] += there
        seen.outcomes["declined again"] = again
        later = min(there, seen.outcomes["answered later"])
        seen.outcomes["answered later"] -= later
        seen.outcomes["answered"] -= there - later + again
        return seen

    async def _declined(self) -> int:
        """Questions that the services say they declined."""
        total = 0.0
        for service in self.services:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with self.session.get(f"{service.url}/metrics") as answer:
                    total += sum(map(float, _DECLINED.findall(await answer.text())))
        return int(total)


def _outcome(status: int, said: str, *, slack: bool) -> str:
    if status != 200:
        return f"HTTP {status}"
    if DECLINED in said:
        return "declined"
    if any(words in said for words in APOLOGY):
        return "apology"
    return "answered" if said or not slack else "answered later"
