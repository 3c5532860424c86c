"""A managed service's name is not answered with the plain machine's price alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.core.desk import Asker
from bot.reply.reply import reply
from knowledge.prices.store import Store

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cheapest A10G on sagemaker notebooks", "SageMaker charges more for the same card"),
        ("price h100 on Vertex AI", "Vertex AI charges more"),
        ("estimate 8x h100 for 10 hours on azure-ml", "Azure Machine Learning charges more"),
        ("cheapest T4 managed notebook", "Managed and notebook services charge more"),
        ("h100 mais barata no vertex ai", "Vertex AI cobra mais"),
        ("h100 más barata en sagemaker", "SageMaker cobra más"),
    ],
)
def test_a_managed_services_prices_are_said_not_to_be_held(
    text: str, words: str, store: Store
) -> None:
    answer = reply(text, Asker(), NOW, store)
    assert words in answer.lines[0]
    assert answer.tone == "caution"


def test_a_plain_machine_is_a_plain_machine(store: Store) -> None:
    for text in ("cheapest A10G on aws", "cheapest h100 for inference"):
        answer = reply(text, Asker(), NOW, store)
        assert answer.offers
        assert not any("plain machines" in line for line in answer.lines)
