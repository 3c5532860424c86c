"""What a running service shows Prometheus."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client import generate_latest
from service_parts import running, settings

from bot.app.serve import Service


@pytest.fixture
async def served_metrics(tmp_path: Path) -> str:
    """Names and kinds of every metric."""
    async with running(Service(settings(tmp_path))) as service:
        return generate_latest(service.metrics.registry).decode()
