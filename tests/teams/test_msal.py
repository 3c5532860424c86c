"""The real MSAL against a login service that counts and dawdles: one app, off the loop."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests
from teams_parts import APP_ID, SECRET, TENANT

from bot.teams.auth import Token, TokenFault, login


class LoginService:
    """Answers as login.microsoftonline.com does; tokens are numbered."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[str] = []
        self.given = 0
        self.refuse = False
        self.wait = 0.0

    def answer(self, path: str, body: str) -> tuple[int, dict[str, Any]]:
        self.asked.append(path)
        if path.endswith("/.well-known/openid-configuration"):
            base = f"https://login.microsoftonline.com/{TENANT}"
            return 200, {
                "issuer": f"{base}/v2.0",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            }
        if "/discovery/instance" in path:
            return 200, {"metadata": []}
        time.sleep(self.wait)
        if self.refuse:
            return 401, {"error": "invalid_client", "error_description": body}
        self.given += 1
        return 200, {
            "token_type": "Bearer", "expires_in": 3600, "access_token": f"token-{self.given}",
        }  # fmt: skip


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoginService]:
    """The service, and `requests` led to it whatever https address it asks for."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            status, found = service.answer(self.path, self.rfile.read(length).decode())
            body = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815  the name is the server's

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service = LoginService(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    send = requests.adapters.HTTPAdapter.send

    def led(self: Any, request: Any, *args: Any, **more: Any) -> Any:
        assert request.url.startswith("https://login.microsoftonline.com/")
        request.url = request.url.replace("https://login.microsoftonline.com", service.url)
        return send(self, request, *args, **more)

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", led)
    yield service
    server.shutdown()
    server.server_close()
    thread.join()


async def test_one_app_one_token_and_a_free_loop(service: LoginService) -> None:
    """Ten turns at once: one token call; while it is under way the loop goes on turning."""
    gate = asyncio.Event()
    turned = 0

    async def turning() -> None:
        nonlocal turned
        while not gate.is_set():
            turned += 1
            await asyncio.sleep(0)

    service.wait = 0.2
    token = Token(login(APP_ID, "SingleTenant", SECRET.get_secret_value(), TENANT))
    spinning = asyncio.create_task(turning())
    got = await asyncio.gather(*(token.get() for _ in range(10)))
    gate.set()
    await spinning
    assert set(got) == {"token-1"}
    assert [path.rsplit("/", 1)[1] for path in service.asked] == ["openid-configuration", "token"]
    assert turned > 10, "a blocking fetch would have let it turn once or twice"


async def test_a_refused_token_leaves_msals_cache(service: LoginService) -> None:
    """After a 401 of the connector the next token is a new one, not MSAL's cached one."""
    token = Token(login(APP_ID, "SingleTenant", SECRET.get_secret_value(), TENANT))
    token.drop(await token.get())
    assert await token.get() == "token-2"


async def test_a_wrong_secret_is_told_without_it(service: LoginService) -> None:
    """The login's error code, never the description that may hold what was sent."""
    service.refuse = True
    token = Token(login(APP_ID, "SingleTenant", SECRET.get_secret_value(), TENANT))
    with pytest.raises(TokenFault, match="invalid_client") as caught:
        await token.get()
    assert SECRET.get_secret_value() not in str(caught.value)
