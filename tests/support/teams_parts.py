"""Real parts around the Teams platform: a login service, a connector, activities as Teams sends
them. The login service runs in a process of its own, as Microsoft's does."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import jwt
from aiohttp import ClientSession, ClientTimeout, web
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr

from bot.core.answer import Answer
from bot.core.desk import Asker

APP_ID = "6a7f2c1e-0b3d-4f5a-9c8e-1d2b3a4c5e6f"
TENANT = "1f2e3d4c-5b6a-4788-9990-a1b2c3d4e5f6"
SECRET = SecretStr("s3cret-value")
BOT = f"28:{APP_ID}"
ISSUER = "https://api.botframework.com"


@dataclass(frozen=True)
class Options:
    """The settings Teams reads."""

    microsoft_app_id: str | None = APP_ID
    microsoft_app_password: SecretStr | None = SECRET
    microsoft_app_tenant_id: str | None = TENANT
    microsoft_app_type: str = "SingleTenant"
    teams_tenants_allowed: tuple[str, ...] = ()
    teams_openid_metadata_url: str | None = None
    teams_service_urls_allowed: tuple[str, ...] = ()
    teams_admins: tuple[str, ...] = ()
    orders_by: Literal["members", "admins"] = "members"
    commands_per_minute: int = 60
    dev: bool = False
    host: str = "127.0.0.1"
    data_dir: Path = Path()


ANONYMOUS = Options(microsoft_app_id=None, microsoft_app_password=None, dev=True)


# -- activities ------------------------------------------------------------------------------


def activity(service_url: str, text: str | None = "cheapest A100", **more: Any) -> dict[str, Any]:
    """A message in a personal chat, as Teams on a desktop sends it; `more` overrides fields."""
    made: dict[str, Any] = {
        "type": "message",
        "id": "1700000000001",
        "timestamp": "2026-11-24T09:00:00.000Z",
        "localTimestamp": "2026-11-24T10:00:00.000+01:00",
        "localTimezone": "Europe/Berlin",
        "serviceUrl": service_url,
        "channelId": "msteams",
        "from": {"id": "29:ana", "name": "Ana", "aadObjectId": "aad-ana"},
        "conversation": {"id": "a:ana", "conversationType": "personal", "tenantId": TENANT},
        "recipient": {"id": BOT, "name": "Quartermaster"},
        "entities": [
            {"type": "clientInfo", "locale": "en-GB", "country": "GB", "platform": "Windows"}
        ],
        "channelData": {"tenant": {"id": TENANT}},
        "locale": "en-GB",
        "textFormat": "plain",
    }
    if text is not None:
        made["text"] = text
    made.update(more)
    return made


def mention(name: str = "Quartermaster", who: str = BOT) -> dict[str, Any]:
    return {"type": "mention", "mentioned": {"id": who, "name": name}, "text": f"<at>{name}</at>"}


def channel(
    service_url: str, text: str, root: str = "1700000000001", **more: Any
) -> dict[str, Any]:
    """A message in a channel; `root` other than the message's id is an existing thread."""
    more.setdefault("entities", [mention()])
    return activity(
        service_url,
        text,
        conversation={
            "id": f"19:c1@thread.tacv2;messageid={root}",
            "conversationType": "channel",
            "isGroup": True,
            "tenantId": TENANT,
        },
        channelData={
            "tenant": {"id": TENANT},
            "team": {"id": "19:team@thread.tacv2"},
            "channel": {"id": "19:c1@thread.tacv2"},
        },
        **more,
    )


def invoke(service_url: str, name: str, value: Any, **more: Any) -> dict[str, Any]:
    return activity(service_url, None, type="invoke", name=name, value=value, **more)


def click(service_url: str, data: Any, verb: str = "ask", **more: Any) -> dict[str, Any]:
    action = {"type": "Action.Execute", "title": "x", "verb": verb, "data": data}
    return invoke(
        service_url,
        "adaptiveCard/action",
        {"action": action, "trigger": "manual"},
        replyToId="1:card",
        **more,
    )


def search(service_url: str, words: str, *, named: bool = True, count: int = 25) -> dict[str, Any]:
    parameter = {"name": "question", "value": words} if named else {"value": words}
    return invoke(
        service_url,
        "composeExtension/query",
        {
            "commandId": "ask",
            "parameters": [parameter],
            "queryOptions": {"skip": 0, "count": count},
        },
    )


# -- a connector stand-in --------------------------------------------------------------------


@dataclass
class Call:
    method: str
    path: str
    body: Any
    authorization: str | None


@dataclass
class StubConnector:
    """Speaks the Bot Connector's HTTP; plays the answers it is given, then says yes."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    script: list[tuple[int, dict[str, str], Any]] = field(default_factory=list)
    silent: bool = False
    roster: dict[str, Any] = field(default_factory=lambda: {"userRole": "user"})
    """What is said of whoever is looked up; None for nobody."""
    lookups: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    """What people attached, by path."""
    fetched: list[str | None] = field(default_factory=list)
    """Of each file that was fetched, the authorization that came with it."""
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def sent(self) -> list[Any]:
        """Bodies that were taken, typing indicators left out."""
        return [call.body for call in self.calls if call.body.get("type") != "typing"]

    async def wait(self, count: int = 1) -> list[Any]:
        """The bodies, when there are `count` of them."""
        async with asyncio.timeout(15):
            while len(self.sent) < count:
                self.arrived.clear()
                await self.arrived.wait()
        return self.sent

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if request.path in self.files:
            self.fetched.append(request.headers.get("Authorization"))
            return web.Response(body=self.files[request.path])
        if request.method == "GET":
            self.lookups.append(request.raw_path)
            return web.json_response(self.roster, status=200 if self.roster else 404)
        body = await request.json()
        self.calls.append(
            Call(request.method, request.raw_path, body, request.headers.get("Authorization"))
        )
        self.arrived.set()
        if self.silent:
            await asyncio.sleep(3600)
        if self.script:
            status, headers, answer = self.script.pop(0)
            return web.json_response(answer, status=status, headers=headers)
        if request.raw_path.endswith("/v3/conversations"):
            return web.json_response({"id": "19:c1@thread.tacv2;messageid=99", "activityId": "99"})
        return web.json_response({"id": f"1:{len(self.calls)}"})


@asynccontextmanager
async def connector() -> AsyncIterator[StubConnector]:
    stub = StubConnector()
    async with served({"/{rest:.*}": stub.handle}) as url:
        stub.url = f"{url}/emea/"
        yield stub


@asynccontextmanager
async def served(routes: dict[str, Any]) -> AsyncIterator[str]:
    """A web server on a free loopback port; yields its address."""
    app = web.Application()
    for path, handler in routes.items():
        app.router.add_route("*", path, handler)
    async with running(app) as url:
        yield url


@asynccontextmanager
async def running(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app, handler_cancellation=False, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def platform(given: Any) -> AsyncIterator[str]:
    """The platform behind its own web server; yields the address of its endpoint."""
    app = web.Application()
    given.add_routes(app)
    await given.start()
    try:
        async with running(app) as url:
            yield f"{url}/api/messages"
    finally:
        await given.stop()


async def post(url: str, body: Any, header: str | None = None, **more: Any) -> tuple[int, Any]:
    """(status, JSON body or None)."""
    headers = {"Content-Type": "application/json", **more.pop("headers", {})}
    if header is not None:
        headers["Authorization"] = header
    data = body if isinstance(body, (bytes, str)) else json.dumps(body)
    async with (
        ClientSession(timeout=ClientTimeout(total=30)) as session,
        session.post(url, data=data, headers=headers) as answer,
    ):
        text = await answer.text()
        return answer.status, json.loads(text) if text else None


class Core:
    """Stands where `reply` stands: remembers who asked what, answers at once."""

    def __init__(self, answer: Answer | None = None) -> None:
        self.asked: list[tuple[str, Asker]] = []
        self.answer = answer
        self.gate: asyncio.Event | None = None
        self.heard = asyncio.Event()

    async def __call__(self, words: str, asker: Asker) -> Answer:
        self.asked.append((words, asker))
        self.heard.set()
        if self.gate is not None:
            await self.gate.wait()
        return self.answer or Answer(f"You asked: {words}", lang=asker.lang or "en")


def acquire(*, anew: bool = False) -> dict[str, Any]:
    """A login that always says yes."""
    return {"access_token": "our-own-token", "expires_in": 3600}


# -- the login service, in its own process ---------------------------------------------------


class Login:
    """Microsoft's side of the tokens: keys we can rotate, tokens we can forge."""

    def __init__(self, url: str, file: Path) -> None:
        self.metadata = f"{url}/meta"
        self._file = file
        self.key = self.new_key()
        self.kid = "key-1"
        self.publish()

    @staticmethod
    def new_key() -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def publish(self) -> None:
        jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        jwk |= {"kid": self.kid, "use": "sig", "endorsements": ["msteams"]}
        part = self._file.with_suffix(".new")
        part.write_text(json.dumps({"keys": [jwk]}))
        part.replace(self._file)

    def rotate(self) -> None:
        self.key, self.kid = self.new_key(), "key-2"
        self.publish()

    def token(
        self,
        service_url: str,
        *,
        key: Any = None,
        algorithm: str = "RS256",
        headers: dict[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        """A channel token; a claim given as None is left out."""
        now = int(time.time())
        every = {
            "iss": ISSUER, "aud": APP_ID, "serviceurl": service_url, "nbf": now - 60, "exp": now + 3600,
        } | claims  # fmt: skip
        head = {"kid": self.kid} if headers is None else headers
        return jwt.encode(
            {name: value for name, value in every.items() if value is not None},
            self.key if key is None else key,
            algorithm=algorithm,
            headers=head,
        )


@contextmanager
def login(folder: Path) -> Iterator[Login]:
    """The login service, running."""
    file = folder / "keys.json"
    file.write_text('{"keys": []}')
    with subprocess.Popen(
        [sys.executable, __file__, str(file)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        try:
            yield Login(f"http://127.0.0.1:{port}", file)
        finally:
            process.terminate()


def _serve(file: Path) -> None:
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            base = f"http://127.0.0.1:{self.server.server_address[1]}"
            body = (
                file.read_bytes()
                if self.path == "/keys"
                else json.dumps({"issuer": ISSUER, "jwks_uri": f"{base}/keys"}).encode()
            )
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
