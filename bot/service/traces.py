"""OpenTelemetry, when a collector is configured: a span for each question and for each of its steps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING

from bot.core import telemetry
from bot.core.settings import Settings, SettingsFault

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter


class Traces:
    """Spans carry names, times and the question's reference: no words, no person."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("quartermaster")

    @contextmanager
    def span(self, name: str) -> Iterator[None]:
        reference = telemetry.current()
        with self._tracer.start_as_current_span(
            name,
            attributes={"reference": reference} if reference else None,
            # An exception's text may repeat what somebody typed.
            record_exception=False,
            set_status_on_exception=False,
        ):
            yield

    def close(self) -> None:
        """Sends what is held; bounded by the exporter's own timeout."""
        self._provider.shutdown()


def traces(settings: Settings, exporter: SpanExporter | None = None) -> Traces | None:
    """None when no endpoint is set. Raises SettingsFault when the extra is not installed."""
    if settings.otel_exporter_otlp_endpoint is None:
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise SettingsFault(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, but OpenTelemetry is not installed; "
            "install quartermaster[traces]"
        ) from None
    address = settings.otel_exporter_otlp_endpoint.rstrip("/") + "/v1/traces"
    provider = TracerProvider(
        resource=Resource.create(
            {"service.name": "quartermaster", "service.version": version("quartermaster")}
        ),
        shutdown_on_exit=False,
    )
    sender = exporter or OTLPSpanExporter(endpoint=address, timeout=5)
    provider.add_span_processor(BatchSpanProcessor(sender, export_timeout_millis=5000))
    return Traces(provider)
