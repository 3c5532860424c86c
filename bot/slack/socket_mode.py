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
from slack_bolt.adapter.socket_mode.internals import build_headers
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.slack.sending import Sender

log = logging.getLogger(__name__)

WORKERS = 20
"""Envelopes worked on at once: an acknowledgement waits for nothing but the state database."""
PING = 5.0
MAX_WAIT = 60.0
STOP_WITHIN = 5.0
Dispatch = Callable[..., Awaitable[BoltResponse]]


class Socket:
    """One connection, renewed whenever Slack or the network ends it. `start` and `stop` once each."""

    def __init__(self, app_token: str, sender: Sender, dispatch: Dispatch) -> None:
        self._app_token = app_token
        self._sender = sender
        self._dispatch = dispatch
        self._client: SocketModeClient | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._fault: str | None = "not connected yet"

    async def start(self) -> None:
        """Begins to connect; returns at once."""
        logger = logging.getLogger("bot.slack.socket")
        logger.setLevel(logging.WARNING)
        self._client = SocketModeClient(
            app_token=self._app_token,
            web_client=self._sender.client(None),
            logger=logger,
            ping_interval=PING,
            concurrency=WORKERS,
        )
        self._client.socket_mode_request_listeners.append(self._received)
        self._connecting = asyncio.create_task(self._connect())

    async def stop(self) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
        if self._client is not None:
            try:
                await asyncio.wait_for(self._client.close(), STOP_WITHIN)
            except TimeoutError:
                log.warning("Socket Mode did not close in time")

    def not_ready(self) -> str | None:
        """Why nothing comes in, or None."""
        client = self._client
        if client is None or client.current_session is None:
            return f"Slack: Socket Mode: {self._fault or 'not connected'}"
        if client.current_session.closed:
            return "Slack: Socket Mode: the connection is closed"
        return None

    async def _connect(self) -> None:
        """Until the first connection stands; afterwards the client renews it itself."""
        client, wait = self._client, 1.0
        if client is None:
            return
        while True:
            try:
                await client.connect()
            except Exception as fault:  # noqa: BLE001  whatever it is, the next try may do
                self._fault = f"{type(fault).__name__}"
                log.warning("Socket Mode: no connection: %s", fault)
            else:
                self._fault = None
                return
            await asyncio.sleep(wait)
            wait = min(MAX_WAIT, wait * 2)

    async def _received(
        self, client: AsyncBaseSocketModeClient, request: SocketModeRequest
    ) -> None:
        """One envelope: through bolt, and acknowledged by its id."""
        headers: Any = build_headers(request)
        answer = await self._dispatch(
            AsyncBoltRequest, request.payload, headers, mode="socket_mode"
        )
        await send_async_response(client, request, answer, time.time())
