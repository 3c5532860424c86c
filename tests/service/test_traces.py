"""Traces: a span for each question and step, with its reference and nobody's words."""

from __future__ import annotations

from pathlib import Path

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from service_parts import running, settings

from bot.app.serve import Service
from bot.core.desk import Asker
from bot.service import traces as module
from bot.service.traces import traces


def test_without_a_collector_there_are_none(tmp_path: Path) -> None:
    assert traces(settings(tmp_path)) is None


async def test_a_question_is_a_span_with_its_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = InMemorySpanExporter()
    monkeypatch.setattr("bot.app.serve.traces", lambda given: module.traces(given, kept))
    given = settings(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1")
    async with running(Service(given)) as service:
        await service.core("cheapest A100 for our secret project", Asker(platform="slack"))
    spans = {span.name: span for span in kept.get_finished_spans()}
    assert {"question", "understand", "answer"} <= spans.keys()
    question = spans["question"]
    assert spans["answer"].parent is not None
    assert spans["answer"].parent.span_id == question.context.span_id
    assert spans["answer"].attributes == question.attributes
    assert question.attributes is not None
    assert len(str(question.attributes["reference"])) == 8
    assert "secret" not in "".join(span.to_json() for span in spans.values())
