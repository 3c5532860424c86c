"""What a served replica leaves on disk: no negotiated price in clear."""

from __future__ import annotations

import struct
from pathlib import Path

from conftest import NOW
from cryptography.fernet import Fernet
from offers import offer
from service_parts import running, settings

from bot.app.serve import Service
from bot.core.desk import Asker
from bot.standing import pricestore
from bot.state import State
from bot.state.seal import keyring

OURS = Asker(platform="slack", user="u", workspace="slack:T1")
WORDS = "price h100 sxm lambda"
TELLING = ("telling-machine", "8234.5432", "telling-note", "https://telling.example/quote")


async def test_negotiated_prices_lie_in_clear_in_no_file(tmp_path: Path) -> None:
    """The answer holds one, from the first question on; no byte of any file does."""
    key = Fernet.generate_key().decode()
    state = State.open(f"sqlite:///{tmp_path / 'state.db'}", key=keyring([key]))
    deal = offer(
        instance_type=TELLING[0], price_usd_per_hour=float(TELLING[1]), note=TELLING[2],
        source_url=TELLING[3], owner=OURS.workspace, source="deal",
    )  # fmt: skip
    pricestore.keep_contract(state, "slack:T1", "deal", [deal])
    given = settings(tmp_path, QUARTERMASTER_ENCRYPTION_KEYS=key)
    async with running(Service(given, clock=lambda: NOW)) as service:
        answer = await service.core(WORDS, OURS)
        assert TELLING[0] in [one.instance_type for one in answer.offers]
        assert TELLING[2] in repr(answer.facts)
        others = await service.core(WORDS, OURS._replace(workspace="slack:T2"))
        assert others.offers
        assert not any(one.owner for one in others.offers)
        pricestore.publish(state, tmp_path / "prices.db", "test")
        left = _written(tmp_path)
        assert {"prices.db", "state.db"} <= left.keys()
    state.close()
    as_sqlite_keeps_it = struct.pack(">d", float(TELLING[1]))
    for name, body in left.items():
        for told in (*(word.encode() for word in TELLING), as_sqlite_keeps_it):
            assert told not in body, (name, told)


def _written(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
