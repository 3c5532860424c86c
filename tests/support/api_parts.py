"""A running service with the ways in for programs, keys for it, and a client that asks it."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
from conftest import NOW
from service_parts import running, settings

from bot.api import keys
from bot.app.serve import Service
from bot.state import Place

WORKSPACE = "slack:T1"
OTHER = "slack:T2"
PLACE = Place("slack:T1:C1", "slack", WORKSPACE, "T1", "C1", lang="en", tz="UTC")


CONTRACT = "provider,instance_type,accelerator,memory_gb,count,form_factor,vcpus,ram_gb,region,country,billing,price_usd_per_hour,as_of,source_url\nlambda,gpu_8x_h100_sxm5,H100,80,8,SXM,,,us-east-1,US,on-demand,7.77,2026-11-20,https://contract.example/hunter2contract\n"


def forged(real: str) -> dict[str, str]:
    """Twenty ways to be somebody else."""
    _, identity, secret = real.split("_", 2)
    flipped = ("a" if secret[0] != "a" else "b") + secret[1:]
    return {
        "nothing": "",
        "no scheme": real,
        "basic": "Basic " + base64.b64encode(real.encode()).decode(),
        "another scheme": f"Token {real}",
        "no key": "Bearer",
        "blank": "Bearer  ",
        "one character off": f"Bearer qm_{identity}_{flipped}",
        "one character short": f"Bearer {real[:-1]}",
        "one character more": f"Bearer {real}A",
        "another id": f"Bearer qm_{'0' * 12}_{secret}",
        "id in capitals": f"Bearer qm_{'ABCDEF012345'}_{secret}",
        "no prefix": f"Bearer {identity}_{secret}",
        "empty secret": f"Bearer qm_{identity}_",
        "the digest": f"Bearer qm_{identity}_{'0' * 64}",
        "a wildcard": f"Bearer qm_{identity}_{'%' * 43}",
        "sql": "Bearer ' OR 1=1 --",
        "a jwt": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJzbGFjazpUMSJ9.",
        "two keys": f"Bearer {real},{real}",
        "long": "Bearer " + "q" * 8000,
        "not ascii": "Bearer qm_é",
    }


class Reply(NamedTuple):
    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        import json

        return json.loads(self.body)


class Api(NamedTuple):
    """One running service, and keys of two workspaces."""

    service: Service
    session: aiohttp.ClientSession
    plain: str
    """Asks for WORKSPACE, and no more."""
    contracts: str
    orders: str
    other: str
    """Of OTHER, with every ability but orders."""

    async def ask(self, method: str, path: str, *, key: str | None = "", **given: Any) -> Reply:
        """`key`: the plain one unless named; None for none."""
        headers = dict(given.pop("headers", {}))
        if key is not None:
            headers.setdefault("Authorization", f"Bearer {key or self.plain}")
        async with self.session.request(
            method, self.service.address + path, headers=headers, **given
        ) as answer:
            return Reply(answer.status, answer.headers, await answer.read())

    async def get(self, path: str, **given: Any) -> Reply:
        return await self.ask("GET", path, **given)

    async def post(self, path: str, body: Any, **given: Any) -> Reply:
        return await self.ask("POST", path, json=body, **given)

    async def until(self, ask: Callable[[], Awaitable[Reply]], status: int) -> Reply:
        """Asks again until this status comes; keys are believed for a second."""
        async with asyncio.timeout(5):
            while (reply := await ask()).status != status:  # noqa: ASYNC110  another process would revoke
                await asyncio.sleep(0.05)
        return reply


@asynccontextmanager
async def api(folder: Path, **environ: str) -> AsyncIterator[Api]:
    """The service with the HTTP API and the MCP server on, its clock standing at NOW."""
    given = {"QUARTERMASTER_API": "1", "QUARTERMASTER_MCP": "1", "QUARTERMASTER_API_PER_MINUTE": "100000", "QUARTERMASTER_WORKSPACE_COMMANDS_PER_MINUTE": "1000000"}  # fmt: skip
    service = Service(settings(folder, **(given | environ)), clock=lambda: NOW)
    async with running(service), aiohttp.ClientSession(auto_decompress=True) as session:
        state = service._state.state
        state.places.save(PLACE)

        def made(workspace: str, **more: Any) -> str:
            return keys.create(state, workspace, now=NOW, **more)[1]

        yield Api(
            service,
            session,
            made(WORKSPACE, label="plain"),
            made(WORKSPACE, abilities=["contracts"]),
            made(WORKSPACE, abilities=["contracts", "orders"], place=PLACE.id),
            made(OTHER, abilities=["contracts"]),
        )
