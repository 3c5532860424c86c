"""Files and pasted documents in Slack: fetched with our token, read, kept as fields, answered."""

from __future__ import annotations

from typing import Any

import pytest
from slack_parts import CHANNEL, USER, Core, FakeSlack, direct, event, mention

from bot.quotes import saved
from bot.slack.files import ours
from bot.state import State

MAIL = b"Nebius offer NB-7: 64x H100 SXM, 12 months, $2.20 per GPU-hour, 20% prepayment."
PLACE = f"direct:slack:T0GPU0001:{USER}"
PASTED = "Hi,\n\nplease find our offer:\n64 x H100 SXM for 12 months at $2.20 per GPU-hour.\nSLA 99.9%, notice 60 days, valid until 2026-12-20.\nPrices exclude VAT and are fixed for the whole term of the contract.\n\nBest,\nNebius"  # fmt: skip


def _file(fake: FakeSlack, name: str, body: bytes) -> dict[str, Any]:
    path = f"/files-pri/{name}"
    fake.files[path] = body
    return {"id": "F1", "name": name, "url_private_download": f"{fake.url}{path}"}


async def test_files_in_a_direct_message_become_kept_quotes(slack: Any, fake: FakeSlack, core: Core, state: State) -> None:  # fmt: skip
    crusoe = b"Crusoe: 64x H100 SXM, 12 months, $2.42 per GPU-hour"
    files = [_file(fake, "mail.txt", MAIL), _file(fake, "crusoe.txt", crusoe)]
    await slack.send(event(direct("", subtype="file_share", files=files)))
    await fake.wait("chat.postMessage")
    assert [words for words, _ in core.asked] == ["quotes #1 #2"]
    held = saved.standing(state, core.asked[0][1].place)
    assert [one.quote["seller"] for one in held] == ["Nebius", "Crusoe"]
    assert held[0].file == "mail.txt"
    assert [call.token for call in fake.of("file")] == [fake.of("chat.postMessage")[0].token] * 2


async def test_a_pasted_document_keeps_its_lines(slack: Any, fake: FakeSlack, core: Core, state: State) -> None:  # fmt: skip
    await slack.send(event(direct(PASTED)))
    await fake.wait("chat.postMessage")
    assert core.asked[0][0] == "quotes #1"
    (one,) = saved.standing(state, core.asked[0][1].place)
    assert one.quote["price"]["amount"] == "2.20"
    assert one.quote["notice_days"] == 60


async def test_hostile_files_and_scans_are_told(slack: Any, fake: FakeSlack, core: Core) -> None:
    files = [_file(fake, "scan.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 100)]
    await slack.send(event(direct("", subtype="file_share", files=files)))
    (call,) = await fake.wait("chat.postMessage")
    assert "picture" in call["text"]
    assert core.asked == []


async def test_a_file_in_a_channel_is_not_fetched(slack: Any, fake: FakeSlack, core: Core) -> None:
    await slack.send(event(mention("", files=[_file(fake, "mail.txt", MAIL)])))
    await fake.wait("chat.postMessage")
    assert fake.of("file") == []
    assert core.asked == []
    assert fake.of("chat.postMessage")[0]["channel"] == CHANNEL


async def test_our_token_goes_to_no_other_host(slack: Any, fake: FakeSlack, core: Core) -> None:
    file = {"id": "F1", "name": "a.txt", "url_private_download": "http://127.0.0.1:9/evil"}
    await slack.send(event(direct("", subtype="file_share", files=[file])))
    (call,) = await fake.wait("chat.postMessage")
    assert "could not be fetched" in call["text"]
    assert core.asked == []


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://files.slack.com/files-pri/T1-F1/download/a.pdf", True),
        ("https://slack.com/a", True),
        ("http://files.slack.com/a", False),
        ("https://files.slack.com.evil.example/a", False),
        ("https://evilslack.com/a", False),
        ("https://files.slack.com@evil.example/a", False),
        ("", False),
        ("https://[", False),
    ],
)
def test_which_hosts_are_shown_our_token(url: str, told: bool) -> None:
    assert ours(url, "https://slack.com/api/") is told


async def test_a_guest_keeps_no_quotes(slack: Any, fake: FakeSlack, core: Core, state: State) -> None:  # fmt: skip
    fake.user["is_restricted"] = True
    await slack.send(event(direct("", subtype="file_share", files=[_file(fake, "m.txt", MAIL)])))
    await fake.wait("chat.postMessage")
    assert saved.standing(state, PLACE) == []
    assert core.asked == []


async def test_who_brought_what_is_in_the_audit_and_the_words_are_not(slack: Any, fake: FakeSlack, state: State) -> None:  # fmt: skip
    await slack.send(event(direct("", subtype="file_share", files=[_file(fake, "m.txt", MAIL)])))
    await fake.wait("chat.postMessage")
    with state.reading() as db:
        import sqlalchemy as sa

        from bot.state import tables

        rows = [tuple(row) for row in db.execute(sa.select(tables.audit))]
    (row,) = [row for row in rows if "upload" in row]
    assert "quotes:1" in row
    assert not any("Nebius" in str(cell) for cell in row)
