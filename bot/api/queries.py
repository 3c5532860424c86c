"""What may be asked by GET, as pydantic models: unknown names and repeated ones are faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.api.problems import Problem
from bot.core.question import Question
from bot.language import Lang
from bot.render.question_json import NotUnderstood, Wrong, question_of, wrong
from knowledge.facts.accelerators import nearest
from knowledge.facts.providers import Tier
from knowledge.prices.offer import Billing

if TYPE_CHECKING:
    from multidict import MultiMapping

Name = Annotated[str, Field(min_length=1, max_length=100)]


class Query(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    lang: Lang | None = Field(None, description="Language of words in the answer.")


class ForCard(Query):
    gpu: Name = Field(
        description='Name of a GPU, also with memory and form: "h100", "A100 80GB SXM".'
    )
    region: Name | None = Field(None, description="A group (us, ca, eu, uk, asia, me, sa, oceania, africa) or an ISO country code.")  # fmt: skip
    billing: Billing | None = None
    provider: Name | None = Field(None, description="A provider's id or name.")


class OffersQuery(ForCard):
    memory_gb: float | None = Field(None, ge=0, le=10_000, description="Memory of one GPU, GB.")
    form_factor: Literal["SXM", "PCIe", "NVL", "OAM"] | None = None
    count: int | None = Field(None, ge=1, le=100_000, description="GPUs in one machine.")
    tier: Tier | None = None
    max_price: float | None = Field(None, ge=0, le=1e9, description="USD per GPU-hour at most.")
    limit: int = Field(50, ge=1, le=200, description="Offers on a page.")
    cursor: Annotated[str, Field(max_length=200)] | None = Field(
        None, description="`next` of the page before."
    )


class AvailabilityQuery(ForCard):
    pass


class HistoryQuery(ForCard):
    memory_gb: float | None = Field(None, ge=0, le=10_000, description="Memory of one GPU, GB.")
    days: int = Field(90, ge=1, le=3660, description="How far back.")


class ProviderQuery(Query):
    pass


class SourcesQuery(Query):
    pass


class OrdersQuery(Query):
    pass


def read(model: type[Query], given: MultiMapping[str]) -> Any:
    """The query of a request as its model; raises Problem."""
    names = [name for name, _ in given.items()]
    faults = [Wrong(f"/{name[:60]}", "repeated") for name in dict.fromkeys(names) if names.count(name) > 1]  # fmt: skip
    if faults:
        raise Problem("invalid", faults=faults)
    try:
        return model.model_validate(dict(given.items()))
    except ValidationError as fault:
        raise Problem("invalid", faults=wrong(fault)) from None


class AboutCard(Protocol):
    """What a query about a card holds, by whichever door it came."""

    @property
    def gpu(self) -> str: ...
    @property
    def region(self) -> str | None: ...
    @property
    def billing(self) -> Billing | None: ...
    @property
    def provider(self) -> str | None: ...


def question(intent: str, query: AboutCard, lang: Lang, **more: Any) -> Question:
    """The stated Question of a query about a card; raises Problem, also for a card nobody knows."""
    stated = {
        "intent": intent,
        "accelerators": [query.gpu],
        "region": query.region,
        "billing": query.billing,
        "providers": [query.provider] if query.provider else [],
        **more,
    }
    try:
        made = question_of(
            {name: value for name, value in stated.items() if value is not None}, lang
        )
    except NotUnderstood as fault:
        shown = {"accelerators": "gpu", "providers": "provider", "period_days": "days"}
        faults = [
            one._replace(pointer="/" + shown.get(name := one.pointer.split("/")[1], name))
            for one in fault.faults
        ]
        raise Problem("invalid", faults=faults) from None
    if made.unknown:
        raise Problem(
            "unknown-gpu", names=nearest(query.gpu, 3), faults=[Wrong("/gpu", "unknown_gpu")]
        )
    return made
