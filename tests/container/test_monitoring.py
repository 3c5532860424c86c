"""What watches the service: a real Prometheus with our configuration, beside a real service."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from conftest import ROOT
from postgres import wait_until
from service_parts import process

from bot.cli.main import cli
from bot.service.metrics import EVENTS

MONITORING = ROOT / "deploy" / "monitoring"
TOKEN = "what-prometheus-shows"
needs_prometheus = pytest.mark.skipif(
    not (shutil.which("prometheus") and shutil.which("promtool")),
    reason="Prometheus is not installed; run: make parts",
)


def told(*command: str | Path, folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@needs_prometheus
def test_each_alert_fires_when_it_should_and_only_then(tmp_path: Path) -> None:
    for file in (MONITORING / "alerts.yaml", Path(__file__).parent / "alerts.test.yaml"):
        shutil.copy(file, tmp_path)
    told("promtool", "test", "rules", "alerts.test.yaml", folder=tmp_path)
    rules = yaml.safe_load((tmp_path / "alerts.yaml").read_text("utf-8"))["groups"][0]["rules"]
    tried = (tmp_path / "alerts.test.yaml").read_text("utf-8")
    assert [one["alert"] for one in rules if f'alertname="{one["alert"]}"' not in tried] == []


@contextmanager
def prometheus(folder: Path, target: str) -> Iterator[httpx.Client]:
    """Ours, but for the address it looks at, how often, and where the token's file lies."""
    given = (MONITORING / "prometheus.yaml").read_text("utf-8")
    (folder / "token").write_text(TOKEN, "utf-8")
    given = given.replace("/run/secrets/metrics_token", str(folder / "token"))
    given = given.replace("bot:3978", target).replace("interval: 15s", "interval: 500ms")
    (folder / "prometheus.yaml").write_text(given, "utf-8")
    shutil.copy(MONITORING / "alerts.yaml", folder)
    told("promtool", "check", "config", "prometheus.yaml", folder=folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        here = f"127.0.0.1:{probe.getsockname()[1]}"
    command = [
        "prometheus", "--config.file=prometheus.yaml", f"--web.listen-address={here}",
        f"--storage.tsdb.path={folder / 'figures'}", "--log.level=warn",
    ]  # fmt: skip
    with (
        subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL) as running,
        httpx.Client(base_url=f"http://{here}/api/v1", timeout=10) as client,
    ):
        try:
            wait_until(lambda: _answers(client), what="Prometheus to be ready")
            yield client
        finally:
            running.terminate()


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/status/runtimeinfo").is_success
    except httpx.TransportError:
        return False


def asked(client: httpx.Client, expression: str) -> list[Any]:
    answer = client.get("/query", params={"query": expression}).json()
    assert answer["status"] == "success", (expression, answer)
    return list(answer["data"]["result"])


@needs_prometheus
def test_prometheus_sees_the_service_and_that_it_is_gone(tmp_path: Path) -> None:
    """The target is up, every rule and panel can be evaluated, and the end of it is noticed."""
    board = json.loads((MONITORING / "dashboard.json").read_text("utf-8"))
    shown = {
        panel["title"]: [
            target["expr"].replace("$job", "quartermaster").replace("$__rate_interval", "5m")
            for target in panel.get("targets", ())
        ]
        for panel in board["panels"]
    }
    with (
        process(tmp_path, QUARTERMASTER_METRICS_TOKEN=TOKEN) as service,
        prometheus(tmp_path, service.address[7:]) as client,
    ):
        wait_until(lambda: asked(client, "quartermaster_info"), what="a first look at the service")
        (job,) = asked(client, 'up{job="quartermaster"}')
        assert job["value"][1] == "1"
        for expressions in shown.values():
            for expression in expressions:
                asked(client, expression)
        calm = {("ok", "inactive")}
        wait_until(
            lambda: {(one["health"], one["state"]) for one in _rules(client)} == calm,
            what="every rule to be evaluated, and none to have anything to say",
        )
        # A series that begins with one has never increased: it must be there before.
        found = asked(client, "quartermaster_standing_orders_total == 0")
        assert {one["metric"]["event"] for one in found} == set(EVENTS)
        service.process.kill()
        wait_until(
            lambda: {"QuartermasterDown"} == {one["name"] for one in _rules(client) if one["state"] != "inactive"},
            what="the alert that nothing is scraped",
        )  # fmt: skip


def _rules(client: httpx.Client) -> list[Any]:
    (group,) = client.get("/rules").json()["data"]["groups"]
    return list(group["rules"])


def test_every_event_of_the_schedule_has_its_series() -> None:
    said = "".join(path.read_text("utf-8") for path in (ROOT / "bot" / "standing").glob("*.py"))
    heard = set(re.findall(r'_heard\(\s*"(\w+)"', said)) | {"retried", "failed"}
    assert heard - {"late_seconds"} == set(EVENTS)


def test_alerts_name_commands_that_exist() -> None:
    text = (MONITORING / "alerts.yaml").read_text("utf-8")
    named = re.findall(r"`quartermaster (\w+)", text)
    assert named
    assert set(named) <= set(cli.commands)
