"""Socket Mode: Slack over a connection that we open, for networks without a public address.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.adapter.socket_mode.async_internals import send_async_response
from slack_bolt.response import BoltResponse
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.slack.sending import Refused, Sender

log = logging.getLogger(__name__)

PING = 5.0
"""Seconds between two looks at the connection."""
MAX_WAIT = 60.0
STOP_WITHIN = 5.0
Dispatch = Callable[[Any], Awaitable[BoltResponse]]


class Socket:
    """One connection, renewed whenever Slack or the network ends it. `start` and `stop` once each."""

    def __init__(
        self, app_token: str, sender: Sender, dispatch: Dispatch, ping: float = PING
    ) -> None:
        self._ping = ping
        self._app_token = app_token
        self._sender = sender
        self._dispatch = dispatch
        self._client: SocketModeClient | None = None
        self._watching: asyncio.Task[None] | None = None
        self._fault: str | None = "not connected yet"

    async def start(self) -> None:
        """Begins to connect; returns at once."""
        logger = logging.getLogger("bot.slack.socket")
        logger.setLevel(logging.CRITICAL)  # it logs a trace for every try; we say it once
        self._client = SocketModeClient(
            app_token=self._app_token,
            web_client=self._sender.client(None),
            logger=logger,
            ping_interval=self._ping,
        )
        self._client.socket_mode_request_listeners.append(self._received)
        self._watching = asyncio.create_task(self._watch(self._client))

    async def stop(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
        if self._client is not None:
            try:
                await asyncio.wait_for(self._client.close(), STOP_WITHIN)  # type: ignore[no-untyped-call]
            except TimeoutError:
                log.warning("Socket Mode did not close in time")

    def not_ready(self) -> str | None:
        """Why nothing comes in, or None."""
        client = self._client
        session = client.current_session if client is not None else None
        if self._fault is None and session is not None and not session.closed:
            return None
        return f"Slack: Socket Mode: {self._fault or 'the connection is closed'}"

    async def _watch(self, client: SocketModeClient) -> None:
        """Until the first connection stands; afterwards the client renews it, and we look on."""
        await self._first_address(client)
        connecting = asyncio.create_task(client.connect())  # type: ignore[no-untyped-call]
        try:
            while True:
                await asyncio.wait({connecting}, timeout=0.1 if self._fault else self._ping)
                if await client.is_connected():
                    if self._fault is not None:
                        log.info("Socket Mode: connected")
                    self._fault = None
                    await asyncio.sleep(self._ping)
                    continue
                if self._fault is None:
                    self._fault = "the connection is lost"
                    log.warning("Socket Mode: %s", self._fault)
                if connecting.done():
                    await asyncio.sleep(self._ping)
                # An address is good once; the client would try a spent one for ever.
                client.wss_uri = None
        finally:
            connecting.cancel()

    async def _first_address(self, client: SocketModeClient) -> None:
        """Asked here, so that a wrong token is told in one line."""
        wait = 1.0
        while True:
            try:
                opened = await self._sender.call(
                    self._app_token, "apps.connections.open", retry="never"
                )
            except Refused as fault:
                self._fault = f"Slack refuses a connection: {fault.code}"
                log.warning("Socket Mode: %s", self._fault)
                await asyncio.sleep(fault.retry_after or wait)
                wait = min(MAX_WAIT, wait * 2)
            else:
                client.wss_uri = str(opened.get("url") or "")
                return

    async def _received(
        self, client: AsyncBaseSocketModeClient, request: SocketModeRequest
    ) -> None:
        """One envelope: through bolt, and acknowledged by its id."""
        answer = await self._dispatch(request.payload)
        await send_async_response(client, request, answer, time.monotonic())
