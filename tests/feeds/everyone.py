"""Every source's own feed on a port of its own, serving `feeds/payloads/<source>/`.

    with everyone() as feeds:
        ... run something in feeds.environ ...

By hand: `python tests/feeds/everyone.py` prints the environment and serves until it is stopped.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

if __name__ == "__main__":
    root = Path(__file__).parent.parent.parent
    sys.path[:0] = [str(root), str(root / "tests"), str(root / "tests" / "support")]

from feed_payloads import KEY, Routes
from feeds.server import FeedServer, Reply, Request

from knowledge.sources import RATES, SOURCES


@dataclass(frozen=True)
class Feeds:
    servers: Mapping[str, FeedServer]

    @property
    def environ(self) -> dict[str, str]:
        """Where each source is, for a process that refreshes."""
        return {
            f"QUARTERMASTER_SOURCE_URL_{name.upper()}": server.url
            for name, server in self.servers.items()
        }

    @property
    def keys(self) -> dict[str, str]:
        """The key of every source that asks for one."""
        return {
            setting: KEY
            for name in self.servers
            if name in SOURCES and (setting := SOURCES[name].key_setting)
        }


def answering(name: str) -> FeedServer:
    """A server that answers as one source's feed does."""
    routes = Routes.of(name)
    server = FeedServer()

    def answer(request: Request) -> Reply:
        parts = urlsplit(request.target)
        try:
            sent = json.loads(request.body) if request.body else None
        except ValueError:
            sent = None
        done = routes.answer(
            request.method,
            unquote(parts.path),
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            request.headers,
            sent,
        )
        return Reply(done.body, done.status, done.content_type, done.headers)

    server.otherwise(answer)
    return server


@contextmanager
def everyone(names: Iterable[str] = (), *, latency: float = 0.0) -> Iterator[Feeds]:
    """The named sources' feeds, or every one's, the currency rates among them."""
    with ExitStack() as stack:
        servers = {}
        for name in [*(names or SOURCES), RATES]:
            server = answering(name)
            server.latency = latency
            servers[name] = stack.enter_context(server)
        yield Feeds(servers)


if __name__ == "__main__":
    with everyone(sys.argv[1:]) as running:
        for variable, value in {**running.environ, **running.keys}.items():
            print(f"export {variable}={value}", flush=True)
        sys.stdin.read()
