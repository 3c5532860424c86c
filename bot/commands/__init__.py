"""What the bot can be asked: one line a command, one file a command.

`COMMANDS` is the one list: help, the manifests' command menus and shell completion read it, and
a test compares it with this folder. A command's file holds `answer(question, desk) -> Answer`;
it is imported when it is first asked, so that a cold `ask` pays for one command only.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple, cast

from bot.answer import Answer
from bot.desk import Desk
from bot.question import Question


class Command(NamedTuple):
    name: str
    """The intent, and the file in this folder."""
    summary: str
    """What it answers, as a gettext message."""
    examples: tuple[str, str]
    """A question worth trying, in English and in Portuguese."""
    listed: bool = True
    """Shown by help."""

    def answer(self, question: Question, desk: Desk) -> Answer:
        module = import_module(f"bot.commands.{self.name}")
        return cast("Callable[[Question, Desk], Answer]", module.answer)(question, desk)


COMMANDS = (
    Command(
        "cheapest",
        "offers ranked by price",
        ("cheapest 8x A100 80GB in europe", "A100 80GB mais barata na Europa"),
    ),
    Command("price", "what a GPU costs, provider by provider", ("price h100", "preço da H100")),
    Command(
        "compare",
        "providers or GPUs side by side",
        ("compare h100 aws vs coreweave", "comparar H100 na AWS e CoreWeave"),
    ),
    Command(
        "estimate",
        "the total for GPUs and hours",
        ("estimate 8xH100 for 72h", "estimar 8 H100 por 72 horas"),
    ),
    Command(
        "budget",
        "how far a sum of money goes",
        ("budget $5000 a100", "orçamento de US$ 5.000 para A100"),
    ),
    Command(
        "fit",
        "which GPUs hold a model",
        ("fit llama 3 70b int4", "que GPU pra rodar o Llama 3 70B?"),
    ),
    Command(
        "advise",
        "whether you need a GPU, from whom, on which terms, and if a quote is fair",
        ("do we need gpus for embeddings?", "preciso mesmo de GPU pra embeddings?"),
    ),
    Command(
        "provider",
        "what is known of a provider, and what to ask before signing",
        ("provider coreweave", "fornecedor CoreWeave"),
    ),
    Command(
        "history",
        "prices over time, with a chart",
        ("history h100 90d", "histórico da H100 em 90 dias"),
    ),
    Command(
        "watch",
        "a message when a price crosses a line",
        ("watch h100 < 2.00", "monitorar H100 abaixo de $ 2,00"),
    ),
    Command(
        "unwatch",
        "drops a watch",
        ("unwatch h100", "remover alerta da H100"),
    ),
    Command(
        "watches",
        "the watches standing here",
        ("watches", "quais alertas estão ativos?"),
    ),
    Command(
        "digest",
        "a price summary at a set time",
        (
            "digest weekly monday 09:00 America/New_York a100 h100",
            "resumo toda segunda às 9h com A100 e H100",
        ),
    ),
    Command(
        "digest_stop",
        "stops a digest",
        ("digest stop", "cancelar o resumo"),
    ),
    Command(
        "digests",
        "the digests standing here",
        ("digests", "quais resumos estão agendados?"),
    ),
    Command(
        "sources",
        "where prices come from and how old they are",
        ("sources", "de onde vêm esses preços?"),
    ),
    Command("help", "what can be asked", ("help", "ajuda")),
    Command("forget", "removes what is kept of you", ("forget me", "esqueça-me")),
    Command("greeting", "says hello", ("hi", "oi"), listed=False),
    Command("out_of_scope", "declines kindly", ("tell me a joke", "conta uma piada"), listed=False),
)

BY_NAME = {command.name: command for command in COMMANDS}
