"""Managed services and notebooks: their machines cost more than plain ones, and none is held."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from bot.core.answer import Answer
from bot.core.desk import Desk


class Service(NamedTuple):
    title: str
    provider: str | None
    """Whose plain machines stand in the answer instead."""


_SERVICES = {
    "sagemaker": Service("SageMaker", "aws"),
    "bedrock": Service("Bedrock", "aws"),
    "vertex": Service("Vertex AI", "gcp"),
    "colab": Service("Colab", "gcp"),
    "dataproc": Service("Dataproc", "gcp"),
    "azure ml": Service("Azure Machine Learning", "azure"),
    "azureml": Service("Azure Machine Learning", "azure"),
    "azure machine learning": Service("Azure Machine Learning", "azure"),
    "azure ai foundry": Service("Azure AI Foundry", "azure"),
    "databricks": Service("Databricks", None),
    "oci data science": Service("OCI Data Science", "oci"),
    "ai notebooks": Service("AI Notebooks", None),
    "inference endpoint": Service("Inference Endpoints", None),
    "inference endpoints": Service("Inference Endpoints", None),
    "kaggle": Service("Kaggle", None),
}
"""Names that the services' makers give them, lower case."""
_ANY = {"notebook", "notebooks", "managed endpoint", "managed endpoints"}
"""Kinds of service that several sellers have."""


@cache
def _named() -> re.Pattern[str]:
    names = sorted({*_SERVICES, *_ANY}, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)")


def told(answer: Answer, words: str, desk: Desk) -> Answer:
    """The answer; where it prices plain machines for a managed service, it says so first."""
    if not answer.offers:
        return answer
    found = _named().search(" ".join(words.casefold().replace("-", " ").split()))
    if found is None:
        return answer
    say = desk.say
    service = _SERVICES.get(found[0])
    if service is None:
        line = say.t(
            "These are prices of plain machines. Managed and notebook services charge more for the same card, and no price of theirs is held here."
        )
    else:
        line = say.t(
            "These are prices of plain machines. {service} charges more for the same card, and no price of it is held here.",
            service=service.title,
        )
    return answer._replace(
        lines=(line, *answer.lines), tone="caution" if answer.tone == "plain" else answer.tone
    )
