"""Planted secrets: in every setting that takes one, then every way out is walked."""

from __future__ import annotations

import io
import json
from pathlib import Path

import aiohttp
from conftest import NOW
from service_parts import running, settings
from slack_parts import event, fake_slack, mention
from teams_parts import activity, connector

from bot.app.doctor import checks
from bot.app.serve import Service
from bot.service.logs import logging_to, secrets_of

PLANTED = {
    "SLACK_BOT_TOKEN": "xoxb-planted-bot-token",
    "SLACK_SIGNING_SECRET": "planted-signing-secret",
    "MICROSOFT_APP_PASSWORD": "planted-app-password",
    "QUARTERMASTER_STATE_URL": "postgresql://me:planted-database-password@127.0.0.1:1/none",
    "QUARTERMASTER_ENCRYPTION_KEYS": "cGxhbnRlZC1lbmNyeXB0aW9uLWtleS0zMi1ieXRlcyE=",
    "QUARTERMASTER_SOURCE_KEY_LAMBDA": "planted-source-key",
    "QUARTERMASTER_METRICS_TOKEN": "planted-metrics-token",
}
WORDS = "cheapest A100 for our secret-project-name"


async def test_no_secret_leaves_by_any_way_out(tmp_path: Path) -> None:
    """Answers, errors, readiness, metrics, logs and what is posted, with everything going wrong."""
    said: list[str] = []
    log = io.StringIO()
    async with fake_slack() as slack, connector() as teams:
        given = settings(
            tmp_path,
            **PLANTED,
            QUARTERMASTER_SLACK_API_URL=slack.api,
            MICROSOFT_APP_ID="app",
            MICROSOFT_APP_TENANT_ID="tenant",
            QUARTERMASTER_TEAMS_OPENID_METADATA_URL=f"{slack.url}/api/no-metadata",
            QUARTERMASTER_LOG_LEVEL="debug",
        )
        slack.script["auth.test"] = [(500, {}, {"ok": False, "error": PLANTED["SLACK_BOT_TOKEN"]})]
        with logging_to(log, given):
            async with running(Service(given)) as service, aiohttp.ClientSession() as session:
                for path in ("/readyz", "/healthz", "/metrics", "/nothing"):
                    async with session.get(service.address + path) as answer:
                        said.append(await answer.text() + str(answer.headers))
                token = {"Authorization": f"Bearer {PLANTED['QUARTERMASTER_METRICS_TOKEN']}"}
                async with session.get(service.address + "/metrics", headers=token) as answer:
                    assert answer.status == 200
                    said.append(await answer.text())
                for path, body in (
                    ("/slack/events", event(mention(WORDS))),
                    ("/api/messages", activity(teams.url, WORDS)),
                ):
                    forged = {"Authorization": "Bearer eyJhbGciOiJIUzI1NiJ9.e30.planted-forged"}
                    async with session.post(service.address + path, json=body, headers=forged) as a:
                        said.append(await a.text() + str(a.headers))
                from bot.core.desk import Asker

                answer_ = await service.core(WORDS, Asker(platform="slack", user="u", thread="t"))
                said.append(repr(answer_._replace(question=None)))
        said += [json.dumps([str(call.fields) for call in slack.calls]), str(teams.calls)]
    said += [repr(given), str(given), *(str(check) for check in checks(tmp_path, NOW))]
    text = "\n".join(said)
    for secret in [*secrets_of(given), "planted-database-password", "planted-forged"]:
        assert secret not in text
        assert secret not in log.getvalue()
    assert "secret-project-name" not in log.getvalue()
    assert '"event": "question"' in log.getvalue()
