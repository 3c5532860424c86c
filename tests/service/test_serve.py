"""The service as a whole: it starts, answers, says what is wrong, mends itself, and stops cleanly."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from conftest import NOW
from service_parts import process, running, settings
from slack_parts import (
    SIGNING,
    TOKEN,
    FakeSlack,
    command,
    event,
    fake_slack,
    form,
    mention,
    signed,
)
from teams_parts import activity, connector, post

from bot.app.serve import Service
from bot.core import telemetry
from bot.core.desk import Asker
from bot.core.settings import SettingsFault
from bot.service.pressure import Pressure
from knowledge.prices.store import Store


def both(folder: Path, slack: FakeSlack) -> Service:
    """A service on both platforms, with this Slack's Web API."""
    return Service(
        settings(
            folder,
            SLACK_BOT_TOKEN=TOKEN,
            SLACK_SIGNING_SECRET=SIGNING,
            QUARTERMASTER_SLACK_API_URL=slack.api,
        )
    )


async def fetch(service: Service, path: str, **headers: str) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(service.address + path, headers=headers) as answer,
    ):
        return answer.status, await answer.text()


async def test_it_answers_over_http_and_tells_what_it_did(tmp_path: Path) -> None:
    async with running(Service(settings(tmp_path))) as service, connector() as teams:
        assert await fetch(service, "/healthz") == (200, "alive\n")
        assert await fetch(service, "/readyz") == (200, "ready\n")
        status, _ = await post(
            f"{service.address}/api/messages", activity(teams.url, "cheapest A100")
        )
        assert status == 200
        card = json.dumps((await teams.wait())[0])
        assert "A100" in card
        _, figures = await fetch(service, "/metrics")
        for line in (
            'questions_total{intent="cheapest",outcome="answered",platform="teams"} 1.0',
            'step_seconds_count{step="understand"} 1.0',
            'step_seconds_count{step="answer"} 1.0',
            'offers{source="bundled"}',
            "store_up 1.0",
            "state_up 1.0",
            'http_requests_total{route="/api/messages",status="200"} 1.0',
        ):
            assert f"quartermaster_{line}" in figures, line
        assert (await fetch(service, "/slack/events"))[0] == 404


async def test_both_platforms_stand_in_one_process(tmp_path: Path) -> None:
    async with fake_slack() as slack, connector() as teams:
        slack.script["chat.postMessage"] = [
            (429, {"Retry-After": "0"}, {"ok": False, "error": "ratelimited"})
        ]
        async with running(both(tmp_path, slack)) as service, aiohttp.ClientSession() as session:
            body = json.dumps(event(mention("cheapest A100")))
            headers = signed(body, "application/json", at=time.time())
            forged = {**headers, "X-Slack-Signature": "v0=" + "0" * 64}
            url = f"{service.address}/slack/events"
            async with session.post(url, data=body, headers=forged) as refused:
                assert refused.status == 401
            async with session.post(url, data=body, headers=headers) as taken:
                assert taken.status == 200
            assert "A100" in (await slack.wait("chat.postMessage", 2))[1]["text"]
            await post(f"{service.address}/api/messages", activity(teams.url, "cheapest H100"))
            await teams.wait()
            _, figures = await fetch(service, "/metrics")
    for platform in ("slack", "teams"):
        labels = f'intent="cheapest",outcome="answered",platform="{platform}"'
        assert f"quartermaster_questions_total{{{labels}}} 1.0" in figures
    assert 'quartermaster_step_seconds_count{step="render"} 2.0' in figures
    assert 'quartermaster_step_seconds_count{step="post"}' in figures
    assert 'quartermaster_rate_limit_waits_total{platform="slack"} 1.0' in figures


async def test_a_thread_remembers_its_last_question_in_every_replica(tmp_path: Path) -> None:
    asker = Asker(platform="slack", place="slack:T1:C1", thread="slack:T1:C1:1", user="slack:T1:U1")
    async with running(Service(settings(tmp_path))) as first:
        await first.core("cheapest 8x H100", asker)
        answer = await first.core("and in europe?", asker)
        assert answer.question is not None
        assert answer.question.accelerators == ("H100",)
    # Stopped: what was held has been written. Another process knows the conversation.
    async with running(Service(settings(tmp_path))) as second:
        answer = await second.core("and on spot?", asker)
        assert answer.question is not None
        assert answer.question.accelerators == ("H100",)
        assert answer.question.region == "eu"
        assert answer.question.billing == "spot"


async def test_a_flood_is_declined_kindly_and_ends(tmp_path: Path) -> None:
    given = settings(
        tmp_path, QUARTERMASTER_ANSWER_THREADS="1", QUARTERMASTER_ANSWERS_WAITING="3"
    )  # fmt: skip
    async with running(Service(given)) as service:
        asker = Asker(platform="slack", lang="pt")
        words = [f"A100 mais barata abaixo de ${number}" for number in range(1, 51)]
        answers = await asyncio.gather(*(service.core(one, asker) for one in words))
        declined = [answer for answer in answers if answer.headline.startswith("Muitas perguntas")]
        assert len(declined) == 46
        assert (await service.core("cheapest A100", asker)).table is not None


async def test_who_waited_too_long_at_the_door_is_not_worked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a pressure that the loop cannot follow: where something else is slow, late is better than
    never."""
    async with running(Service(settings(tmp_path))) as service:

        async def late(words: str) -> str:
            telemetry.arrive(time.perf_counter() - 60)
            return (await service.core(words, Asker(platform="slack"))).headline

        many = "Many questions arrived"
        monkeypatch.setattr(Pressure, "late", 0.0)
        assert not (await asyncio.create_task(late("cheapest A100"))).startswith(many)
        service.pressure.inside += 60
        assert not (await asyncio.create_task(late("cheapest L4"))).startswith(many)
        monkeypatch.setattr(Pressure, "late", 1.0)
        assert (await asyncio.create_task(late("cheapest H100"))).startswith(many)
        service.pressure.inside -= 60
        assert (await service.core("cheapest A100", Asker(platform="slack"))).table is not None


async def test_more_than_the_loop_can_follow_is_turned_away_at_the_door(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On both platforms, in their words, without a turn; clicks and others go on."""
    async with (
        fake_slack() as slack,
        connector() as teams,
        running(both(tmp_path, slack)) as service,
        aiohttp.ClientSession() as session,
    ):

        async def commanded(words: str) -> str:
            kind, body = form(command(words))
            url, headers = (
                f"{service.address}/slack/events",
                signed(body, kind, at=time.time()),
            )
            async with session.post(url, data=body, headers=headers) as answer:
                assert answer.status == 200
                return str((await answer.json())["text"])

        many = "Many questions arrived"
        url = f"{service.address}/api/messages"
        service.pressure.inside += 1000
        monkeypatch.setattr(Pressure, "late", 0.0)
        assert not (await commanded("cheapest A100")).startswith(many)
        monkeypatch.setattr(Pressure, "late", 1.0)
        assert (await commanded("cheapest A100")).startswith(many)
        assert (await post(url, activity(teams.url, "cheapest H100")))[0] == 200
        assert (await teams.wait())[0]["text"].startswith(many)
        # Who asks again at once was told already; an order is never lost without a word.
        assert (await post(url, activity(teams.url, "cheapest H100")))[0] == 200
        assert (await post(url, activity(teams.url, "watch A100 below $1")))[0] == 200
        assert (await teams.wait(2))[1]["text"].startswith(many)
        from_bot = activity(teams.url, "cheapest H100") | {"from": {"id": "28:x"}}
        assert (await post(url, from_bot))[0] == 200
        service.pressure.inside -= 1000
        assert len(teams.sent) == 2
        assert not (await commanded("cheapest A100")).startswith(many)
        _, figures = await fetch(service, "/metrics")
    for platform in ("slack", "teams"):
        labels = f'intent="none",outcome="declined-overload",platform="{platform}"'
        assert f"quartermaster_questions_total{{{labels}}}" in figures


async def test_one_channel_cannot_take_everybodys_turn(tmp_path: Path) -> None:
    given = settings(tmp_path, QUARTERMASTER_PLACE_COMMANDS_PER_MINUTE="3")
    async with running(Service(given)) as service:
        loud, calm = Asker(platform="slack", place="loud"), Asker(platform="slack", place="calm")
        asked = [await service.core("help", loud) for _ in range(5)]
        assert [answer.headline.startswith("This channel") for answer in asked] == [
            False, False, False, True, True,
        ]  # fmt: skip
        assert not (await service.core("help", calm)).headline.startswith("This channel")


async def test_without_its_state_database_it_answers_and_says_so(tmp_path: Path) -> None:
    given = settings(
        tmp_path, QUARTERMASTER_STATE_URL="postgresql://somebody:hunter2@127.0.0.1:1/none"
    )
    async with running(Service(given)) as service:
        status, why = await fetch(service, "/readyz")
        assert status == 503
        assert why.splitlines()[0] == "state"
        assert "127.0.0.1" not in why
        assert "hunter2" not in why
        assert (await fetch(service, "/readyz?for=answers"))[0] == 200
        assert (await service.core("cheapest A100", Asker(platform="slack"))).table is not None
        assert "quartermaster_state_up 0.0" in (await fetch(service, "/metrics"))[1]


@pytest.mark.parametrize("damage", ["gone", "garbage", "empty"])
async def test_a_broken_price_store_is_mended_without_a_hand(
    tmp_path: Path, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.service.keepers.LOOK_EVERY", 0.05)
    async with running(Service(settings(tmp_path))) as service:
        path = tmp_path / "prices.db"
        asker = Asker(platform="slack")
        await service.core("cheapest A100", asker)
        other = tmp_path / "other"
        if damage == "gone":
            path.unlink()
        else:
            other.write_bytes(b"" if damage == "empty" else b"no database at all" * 1000)
            other.replace(path)
        async with asyncio.timeout(15):
            while (await service.core("cheapest A100", asker)).table is None:  # noqa: ASYNC110
                await asyncio.sleep(0.02)


async def test_chat_is_not_told_where_files_lie(tmp_path: Path) -> None:
    async with running(Service(settings(tmp_path))) as service:
        (tmp_path / "prices.db").unlink()
        answer = await service.core("cheapest A100", Asker(platform="slack"))
        assert answer.tone == "fault"
        assert answer.reference
        assert str(tmp_path) not in repr(answer)


async def test_a_newer_price_store_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within a moment, which is none here."""
    monkeypatch.setattr("bot.service.remembered.MOMENT", 0.0)
    async with running(Service(settings(tmp_path))) as service:
        asker = Asker(platform="slack")
        before = await service.core("cheapest A100", asker)
        newer = tmp_path / "newer" / "prices.db"
        store = Store.open(newer, NOW)
        offers = [
            offer._replace(price_usd_per_hour=0.01 * offer.count) for offer in before.offers[:1]
        ]
        store.replace("bundled", offers, NOW)
        store.close()
        with (
            closing(sqlite3.connect(newer)) as ours,
            closing(sqlite3.connect(tmp_path / "prices.db")) as live,
        ):
            ours.backup(live)
        after = await service.core("cheapest A100", asker)
        assert after.offers[0].price_usd_per_gpu_hour == pytest.approx(0.01)


async def test_a_popular_answer_is_made_anew_before_it_is_too_old_to_give(tmp_path: Path) -> None:
    now = [NOW]
    async with running(Service(settings(tmp_path), clock=lambda: now[0])) as service:
        asker = Asker(platform="slack")
        first = await service.core("cheapest A100", asker)
        now[0] += timedelta(seconds=50)
        assert await service.core("cheapest A100", asker) is first, "nobody waits for the new one"
        async with asyncio.timeout(10):
            while await service.core("cheapest A100", asker) is first:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


async def test_metrics_can_ask_for_a_token(tmp_path: Path) -> None:
    given = settings(tmp_path, QUARTERMASTER_METRICS_TOKEN="hunter2")
    async with running(Service(given)) as service:
        assert (await fetch(service, "/metrics"))[0] == 401
        assert (await fetch(service, "/metrics", Authorization="Bearer hunter3"))[0] == 401
        assert (await fetch(service, "/metrics", Authorization="Bearer hunter2"))[0] == 200


def test_every_fault_of_every_platform_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsFault) as raised:
        Service(
            settings(
                tmp_path,
                SLACK_BOT_TOKEN="hunter2",
                MICROSOFT_APP_ID="id",
                QUARTERMASTER_DEV="",
            )
        )
    text = str(raised.value)
    assert "SLACK_BOT_TOKEN must begin" in text
    assert "SLACK_SIGNING_SECRET is missing" in text
    assert "MICROSOFT_APP_TENANT_ID is missing" in text
    assert "hunter2" not in text


async def test_sigterm_finishes_what_was_acknowledged(tmp_path: Path) -> None:
    """A question is in; Teams' connector takes its time; the answer still leaves."""
    async with connector() as teams:
        gate = asyncio.Event()
        handle = teams.handle

        async def slow(request: aiohttp.web.Request) -> aiohttp.web.StreamResponse:
            await gate.wait()
            return await handle(request)

        teams.handle = slow  # type: ignore[method-assign]
        async with aiohttp.ClientSession() as session:
            with process(tmp_path) as service:
                address = await asyncio.to_thread(lambda: service.address)
                asked = asyncio.create_task(
                    session.post(f"{address}/api/messages", json=activity(teams.url, "help"))
                )
                await asyncio.to_thread(service.wait_for, '"event": "question"')
                service.process.send_signal(signal.SIGTERM)
                await asyncio.to_thread(service.wait_for, "stopping")
                gate.set()
                await teams.wait()
                assert (await asked).status == 200
                assert await asyncio.to_thread(service.process.wait, 25) == 0
        assert all(json.loads(line) for line in service.lines)


def test_a_taken_port_is_one_clear_line(tmp_path: Path) -> None:
    with process(tmp_path / "a") as first:
        port = first.address.rpartition(":")[2]
        with process(tmp_path / "b", QUARTERMASTER_PORT=port) as second:
            assert second.wait_for("cannot start: cannot listen on")
            assert second.process.wait(30) == 1
