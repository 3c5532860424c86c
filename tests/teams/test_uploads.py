"""Files and pasted documents in Teams: fetched without our token from Microsoft's storage, kept as fields."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from teams_parts import (
    ANONYMOUS,
    Core,
    StubConnector,
    activity,
    channel,
    connector,
    platform,
    post,
)

from bot.quotes import saved
from bot.state import State
from bot.teams.app import TeamsPlatform
from bot.teams.files import allowed

INFO = "application/vnd.microsoft.teams.file.download.info"
MAIL = b"Nebius offer NB-7: 64x H100 SXM, 12 months, $2.20 per GPU-hour, 20% prepayment."


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = State.open(f"sqlite:///{tmp_path / 'state.db'}")
    yield opened
    opened.close()


@pytest.fixture
async def stub() -> AsyncIterator[StubConnector]:
    async with connector() as running:
        yield running


@pytest.fixture
async def served(stub: StubConnector, state: State) -> AsyncIterator[tuple[str, Core]]:
    core = Core()
    async with platform(TeamsPlatform(ANONYMOUS, core, state)) as url:
        yield url, core


def _file(stub: StubConnector, name: str, body: bytes) -> dict[str, Any]:
    stub.files[f"/emea/drive/{name}"] = body
    content = {"downloadUrl": f"{stub.url}drive/{name}", "uniqueId": "1", "fileType": "txt"}
    return {"contentType": INFO, "name": name, "content": content}


async def test_a_file_in_a_personal_chat_becomes_a_kept_quote(stub: StubConnector, state: State, served: tuple[str, Core]) -> None:  # fmt: skip
    url, core = served
    await post(url, activity(stub.url, None, attachments=[_file(stub, "mail.txt", MAIL)]))
    await stub.wait()
    assert [words for words, _ in core.asked] == ["quotes #1"]
    (one,) = saved.standing(state, str(core.asked[0][1].place))
    assert (one.quote["seller"], one.file) == ("Nebius", "mail.txt")
    assert stub.fetched == [None], "the address itself is the permission: our token stays home"


async def test_a_pasted_table_keeps_its_rows(stub: StubConnector, state: State, served: tuple[str, Core]) -> None:  # fmt: skip
    url, core = served
    text = "<p>Our offers, prices per GPU-hour, 12 months, valid until 2026-12-20, taxes excluded:</p><table><tr><td>Provider</td><td>GPU</td><td>Qty</td><td>Price (USD/GPU-h)</td></tr><tr><td>Nebius</td><td>H100 SXM</td><td>64</td><td>2.20</td></tr><tr><td>Crusoe</td><td>H100 SXM</td><td>64</td><td>2.42</td></tr></table>"
    await post(url, activity(stub.url, text, textFormat="xml"))
    await stub.wait()
    held = saved.standing(state, str(core.asked[0][1].place))
    assert [(one.quote["seller"], one.quote["price"]["amount"]) for one in held] == [("Nebius", "2.20"), ("Crusoe", "2.42")]  # fmt: skip


async def test_a_file_in_a_channel_is_not_fetched(stub: StubConnector, served: tuple[str, Core]) -> None:  # fmt: skip
    url, core = served
    said = channel(stub.url, "<at>Quartermaster</at>")
    await post(url, said | {"attachments": [_file(stub, "mail.txt", MAIL)]})
    await stub.wait()
    assert stub.fetched == []
    assert core.asked == []


@pytest.mark.parametrize(
    ("url", "fetched"),
    [
        ("https://contoso-my.sharepoint.com/personal/x/_layouts/15/download.aspx?UniqueId=1", True),
        ("https://contoso.sharepoint.us/a", True),
        ("http://contoso.sharepoint.com/a", False),
        ("https://sharepoint.com.evil.example/a", False),
        ("https://evilsharepoint.com/a", False),
        ("https://contoso.sharepoint.com:8443/a", False),
        ("https://127.0.0.1/a", False),
        ("", False),
        ("https://[", False),
    ],
)
def test_which_hosts_a_file_is_fetched_from(url: str, fetched: bool) -> None:
    assert allowed(url, lambda _: False) is fetched
