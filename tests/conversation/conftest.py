"""A platform of fifty lines beside Slack and Teams, and what each of them is told in a conversation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import slack_parts
import teams_parts

from bot.conversation.incoming import Incoming
from bot.conversation.people import Person
from bot.conversation.privacy import Audience
from bot.conversation.turn import Conversation
from bot.core.answer import Answer
from bot.core.desk import Ask, Asker
from bot.state import Place, State
from bot.state.rows import Reach

NOW = slack_parts.NOW


# -- the test platform: all that a third one holds ----------------------------------------------


class Host:
    name, tells_language, reach = "test", True, Reach()

    def place(self, it: Incoming) -> Place:
        name = f"direct:{it.who}" if it.direct else f"{it.workspace}:{it.room}"
        owner = it.who if it.direct else None
        kind: Any = "direct" if it.direct else "channel"
        return Place(name, "test", it.workspace, it.tenant, it.room, kind=kind, person=owner)

    def own_place(self, it: Incoming) -> Place | None:
        return None

    def thread(self, it: Incoming) -> str:
        return f"{it.who}:" if it.direct else f"{it.workspace}:{it.room}:{it.thread or it.message}"

    def audience(self, it: Incoming, known: Place | None) -> Audience:
        return "alone" if it.direct else "unknown"


class Rules(NamedTuple):
    tenants: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()
    shared: bool = True
    admins_only: bool = False
    per_minute: int = 6


class Talk:
    def __init__(self, it: Incoming, who: str, said: list[Said]) -> None:
        self.it, self.who, self.said = it, who, said

    async def show(self, answer: Answer) -> None:
        self.said.append(Said(self.it.direct, answer.headline))

    async def show_alone(self, answer: Answer) -> None:
        self.said.append(Said(True, answer.headline))

    async def tell(self, words: str) -> None:
        self.said.append(Said(True, words))

    async def profile(self) -> Person | None:
        return None if self.who == "unknown" else Person(member=self.who)  # type: ignore[arg-type]


# -- one vocabulary for all three ---------------------------------------------------------------


class Said(NamedTuple):
    alone: bool
    """Whether only who asked reads it."""
    text: str


class Platform(NamedTuple):
    """How a conversation with one of them is had."""

    say: Callable[..., Any]
    """say(words, direct=..., who=..., again=..., edited=...): as somebody, somewhere."""
    said: Callable[[], list[Said]]
    """What was said since the last look."""
    finish: Callable[[], Any]
    owner: str


class Core:
    """Answers with what it was asked; contract prices are in an answer to whom they may be shown."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Asker]] = []

    async def __call__(self, words: Any, asker: Asker) -> Answer:
        from bot.understanding.understand import understood

        self.asked.append((words, asker))
        private = asker.may_see_contracts
        return Answer(
            f"{'contract' if private else 'public'} {words}", lang="en",
            question=understood(words), private=private, now=NOW,
        )  # fmt: skip


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = State.open(f"sqlite:///{tmp_path / 'state.db'}", clock=lambda: NOW)
    for owner in ("test:T1", f"slack:{slack_parts.TEAM}", f"teams:{teams_parts.TENANT}"):
        opened.contracts.save(owner, "quotes", [{"x": 1}])
    yield opened
    opened.close()


@pytest.fixture
def core() -> Core:
    return Core()


@pytest.fixture(params=["test", "slack", "teams"])
async def platform(request: Any, core: Core, state: State) -> AsyncIterator[Platform]:
    async with {"test": test, "slack": slack, "teams": teams}[request.param](core, state) as made:
        yield made


@asynccontextmanager
async def test(core: Ask, state: State) -> AsyncIterator[Platform]:
    talk = Conversation(core, state, Host(), Rules(), clock=lambda: NOW)
    said: list[Said] = []

    async def say(
        words: str, *, direct: bool = True, who: str = "member", number: str = "", edited: bool = False, quoted: str = ""
    ) -> None:  # fmt: skip
        it = Incoming(
            platform="test", tenant="T1", user="ana", room="dm" if direct else "c1", direct=direct,
            words=words, message=number, edited=edited, quoted=quoted,
            shared=True if who == "foreign" and not direct else None,
        )  # fmt: skip
        if await talk.firsts.first(f"test:{number}" if number else ""):
            one = Talk(it, who, said)
            await talk.guarded(talk.message(it, one), it, one)

    async def finish() -> None:
        await talk.finish(10)

    yield Platform(say, _drained(said), finish, "test:T1")


test.__test__ = False  # type: ignore[attr-defined]  a platform, no test


@asynccontextmanager
async def slack(core: Ask, state: State) -> AsyncIterator[Platform]:
    from bot.slack.app import SlackPlatform

    profiles = {
        "member": {"team_id": slack_parts.TEAM}, "guest": {"is_restricted": True, "team_id": slack_parts.TEAM},
        "foreign": {"team_id": "T0OTHER", "is_stranger": True},
    }  # fmt: skip
    async with slack_parts.fake_slack() as fake:
        made = SlackPlatform(
            slack_parts.Options(slack_api_url=fake.api, commands_per_minute=6),
            core,
            state,
            clock=lambda: NOW,
        )
        async with slack_parts.platform(made) as client:
            seen = 0

            async def say(
                words: str, *, direct: bool = True, who: str = "member", number: str = "", edited: bool = False, quoted: str = ""
            ) -> None:  # fmt: skip
                fake.user = profiles.get(who, {})
                if who == "unknown":
                    fake.script["users.info"] = [slack_parts.refusal("user_not_visible")]
                more: dict[str, Any] = {"edited": {"user": "U1", "ts": "1"}} if edited else {}
                if number:
                    more["ts"] = f"1795510800.{int(number):06d}"
                if quoted:
                    more["attachments"] = [{"text": quoted, "is_share": True}]
                if who == "foreign":
                    more["team"] = more["user_team"] = "T0OTHER"
                inner = (
                    slack_parts.direct(words, **more)
                    if direct
                    else slack_parts.mention(words, **more)
                )
                shared = who == "foreign" and not direct
                await client.send(slack_parts.event(inner, is_ext_shared_channel=shared))
                await made._turns.finish(10)

            def said() -> list[Said]:
                nonlocal seen
                new, seen = fake.calls[seen:], len(fake.calls)
                return [
                    Said(call.method != "chat.postMessage" or str(call["channel"])[:1] in "DU", str(call["text"]))
                    for call in new
                    if call.method in ("chat.postMessage", "chat.postEphemeral")
                ]  # fmt: skip

            async def finish() -> None:
                await made._turns.finish(10)

            yield Platform(say, said, finish, f"slack:{slack_parts.TEAM}")


@asynccontextmanager
async def teams(core: Ask, state: State) -> AsyncIterator[Platform]:
    from bot.teams.app import TeamsPlatform

    rosters: dict[str, dict[str, Any]] = {
        "member": {"userRole": "user", "userPrincipalName": "ana@x.example"},
        "guest": {"userRole": "user", "userPrincipalName": "ana_y#EXT#@x.onmicrosoft.com"},
        "foreign": {"userRole": "user", "tenantId": "other"},
        "unknown": {},
    }
    async with teams_parts.connector() as stub:
        made = TeamsPlatform(
            replace(teams_parts.ANONYMOUS, commands_per_minute=6), core, state, clock=lambda: NOW
        )
        async with teams_parts.platform(made) as url:
            seen, count = 0, 0

            async def say(
                words: str, *, direct: bool = True, who: str = "member", number: str = "", edited: bool = False, quoted: str = ""
            ) -> None:  # fmt: skip
                nonlocal count
                count += 1
                stub.roster = rosters[who]
                kind = teams_parts.activity if direct else teams_parts.channel
                text = words if direct else f"<at>Quartermaster</at> {words}"
                more: dict[str, Any] = {"id": number or f"auto{count}"}
                if edited:
                    more["type"] = "messageUpdate"
                if quoted:
                    reference = {"messageId": "1", "messagePreview": quoted}
                    more["attachments"] = [
                        {"contentType": "forwardedMessageReference", "content": reference}
                    ]
                if who == "foreign":
                    more["from"] = {"id": "29:ana", "aadObjectId": "aad-ana", "tenantId": "other"}
                await teams_parts.post(url, kind(stub.url, text, **more))
                await made._turns.finish(10)

            def said() -> list[Said]:
                nonlocal seen
                new, seen = stub.calls[seen:], len(stub.calls)
                return [
                    Said(
                        "isTargeted" in call.path or "/a%3Aana/" in call.path,
                        str(call.body.get("summary") or call.body.get("text")),
                    )
                    for call in new
                    if call.body.get("type") == "message"
                ]

            async def finish() -> None:
                await made._turns.finish(10)

            yield Platform(say, said, finish, f"teams:{teams_parts.TENANT}")


def _drained(said: list[Said]) -> Callable[[], list[Said]]:
    def drained() -> list[Said]:
        new = list(said)
        said.clear()
        return new

    return drained
