"""Debian's Chromium, driven by playwright: quiet, without a sandbox, with nothing from outside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
PARTS = Path(__file__).parent / "node_modules"
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --force-color-profile=srgb --disable-dev-shm-usage"
).split()


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def only_loopback(page: Page) -> None:
    """Requests to other hosts are refused: fonts of a CDN, telemetry."""
    local = ("http://localhost", "http://127.0.0.1", "ws://localhost", "ws://127.0.0.1", "data:", "file:", "blob:")  # fmt: skip
    page.route(lambda url: not url.startswith(local), lambda route: route.abort("blockedbyclient"))
