"""What the bot can be asked: one record a command, one file a command.

`COMMANDS` is the one list: whatever has to know which commands do what (help, menus, forms,
completion, what a click may repeat, what a thread narrows) reads it from the records; a test
compares it with this folder, and finds lists of commands anywhere else. A command's file holds
`answer(question, desk) -> Answer`; it is imported when it is first asked, so that a cold `ask` pays
for one command only. Its words and examples are in the language packs (`commands.toml`).
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple, cast

from bot.core.answer import Answer
from bot.core.desk import Desk
from bot.core.question import Question
from bot.language import Lang, pack


class Command(NamedTuple):
    name: str
    """The intent, and the file in this folder."""
    summary: str
    """What it answers, as a gettext message."""
    rank: int | None = None
    """Its place in menus and among examples, lowest first; None: not in a menu that is full."""
    group: str = "Prices"
    """Under which heading help shows it, as a gettext message; those of one follow each other."""
    listed: bool = True
    """Shown by help."""
    reads: bool = False
    """Changes nothing: answered twice, it does no harm."""
    stands: bool = False
    """Makes us write to the place on our own account later."""
    remembered: bool = False
    """Its answer comes of prices, facts and rules alone, and of nothing that anybody keeps."""
    narrows: bool = False
    """About offers: a thread's follow-up narrows it, a form refines it, preferences fill it in."""
    threaded: bool = False
    """A thread keeps it: a follow-up may build on it, or ask why."""
    is_list: bool = False
    """Its answer is a list: only advice worth a pause stands under it."""
    side_by_side: bool = False
    """Several cards or providers are all meant, not one or the other."""
    looks: bool = False
    """Changes no order of a conversation, whoever asks."""
    lists_orders: bool = False
    """Tells what stands at a place."""
    order: str | None = None
    """What one entry of its list is called, as a gettext message."""
    watchable: bool = False
    """Its first price is one that an alert may be set on."""
    form: str | None = None
    """How a form offers it, as a gettext message; None: no form asks it."""
    sum_in: str | None = None
    """The Question's field of US dollars that a sum in another currency is put into."""
    of_cost: bool = False
    """Asks what something costs or runs on: a stated amount of work makes a job of it."""
    looks_back: bool = False
    """About days gone by: where the asker would rent now does not matter."""

    def answer(self, question: Question, desk: Desk) -> Answer:
        module = import_module(f"bot.commands.{self.name}")
        return cast("Callable[[Question, Desk], Answer]", module.answer)(question, desk)

    def words(self, lang: Lang) -> tuple[str, ...]:
        """Words that name it at the start of a text."""
        return tuple(pack(lang)["commands"][self.name]["words"])

    def word(self, lang: Lang) -> str:
        """Its name ("help", "ajuda"); its example where it has none."""
        return next(iter(self.words(lang)), self.example(lang))

    def example(self, lang: Lang) -> str:
        """A question worth trying."""
        first: str = pack(lang)["commands"][self.name]["examples"][0]
        return first


COMMANDS = (
    Command(
        "cheapest",
        "offers ranked by price",
        sum_in="max_price",
        rank=1,
        reads=True,
        of_cost=True,
        remembered=True,
        narrows=True,
        threaded=True,
        is_list=True,
        watchable=True,
        form="The cheapest offers",
    ),
    Command(
        "price",
        "what a GPU costs, provider by provider",
        sum_in="max_price",
        rank=6,
        reads=True,
        of_cost=True,
        remembered=True,
        narrows=True,
        threaded=True,
        is_list=True,
        watchable=True,
        form="Prices, provider by provider",
    ),
    Command(
        "compare",
        "providers or GPUs side by side",
        sum_in="max_price",
        rank=2,
        reads=True,
        of_cost=True,
        remembered=True,
        narrows=True,
        threaded=True,
        side_by_side=True,
    ),
    Command(
        "estimate",
        "the total for GPUs and hours",
        rank=7,
        reads=True,
        of_cost=True,
        remembered=True,
        narrows=True,
        threaded=True,
    ),
    Command(
        "budget",
        "how far a sum of money goes",
        sum_in="budget_usd",
        reads=True,
        remembered=True,
        narrows=True,
        threaded=True,
    ),
    Command(
        "fit",
        "which GPUs hold a model",
        group="What to rent",
        rank=4,
        reads=True,
        of_cost=True,
        remembered=True,
        threaded=True,
    ),
    Command(
        "token_cost",
        "what a million tokens cost on rented GPUs, beside an API",
        group="What to rent",
        reads=True,
        of_cost=True,
        remembered=True,
        threaded=True,
    ),
    Command(
        "advise",
        "whether you need a GPU, from whom, on which terms, and if a quote is fair",
        group="What to rent",
        sum_in="paid_price",
        rank=5,
        reads=True,
        remembered=True,
        threaded=True,
    ),
    Command(
        "provider",
        "what is known of a provider, and what to ask before signing",
        group="What to rent",
        reads=True,
        remembered=True,
        threaded=True,
        side_by_side=True,
    ),
    Command(
        "availability",
        "who says it is in stock and when, who sold out, and how capacity is got",
        sum_in="max_price",
        reads=True,
        narrows=True,
        threaded=True,
    ),
    Command(
        "history",
        "prices over time, with a chart",
        rank=3,
        reads=True,
        remembered=True,
        narrows=True,
        threaded=True,
        is_list=True,
        form="Prices over time",
        looks_back=True,
    ),
    Command(
        "watch",
        "a message when a price crosses a line",
        group="Alerts and digests",
        sum_in="threshold",
        rank=8,
        stands=True,
        side_by_side=True,
    ),
    Command("unwatch", "drops a watch", group="Alerts and digests"),
    Command(
        "watches",
        "the watches standing here",
        group="Alerts and digests",
        looks=True,
        lists_orders=True,
        order="Watch",
    ),
    Command(
        "digest",
        "a price summary at a set time",
        group="Alerts and digests",
        rank=9,
        stands=True,
        is_list=True,
        side_by_side=True,
    ),
    Command("digest_stop", "stops a digest", group="Alerts and digests"),
    Command(
        "digests",
        "the digests standing here",
        group="Alerts and digests",
        looks=True,
        lists_orders=True,
        order="Digest",
    ),
    Command(
        "quotes",
        "quotes side by side, and what to ask",
        group="Quotes and contracts",
        sum_in="paid_price",
        reads=True,
    ),
    Command(
        "rfq",
        "a request for quotes, and whom to ask",
        group="Quotes and contracts",
        sum_in="paid_price",
        reads=True,
    ),
    Command(
        "contract",
        "records a contract and reminds of its dates",
        group="Quotes and contracts",
        sum_in="paid_price",
        stands=True,
    ),
    Command(
        "contracts",
        "the contracts recorded here",
        group="Quotes and contracts",
        looks=True,
        lists_orders=True,
        order="Contract",
    ),
    Command("sources", "where prices come from and how old they are", group="About me", reads=True),
    Command("help", "what can be asked", group="About me", rank=10, remembered=True, looks=True),
    Command("forget", "removes what is kept of you", group="About me", looks=True),
    Command("greeting", "says hello", listed=False, remembered=True, looks=True),
    Command(
        "unclear",
        "asks which of several readings is meant",
        listed=False,
        remembered=True,
        looks=True,
    ),
    Command("out_of_scope", "declines kindly", listed=False, remembered=True, looks=True),
)

BY_NAME = {command.name: command for command in COMMANDS}
RANKED = tuple(
    sorted(
        (command for command in COMMANDS if command.rank is not None),
        key=lambda command: command.rank or 0,
    )
)
"""The commands of menus, those that people ask most first."""
READS = frozenset(command.name for command in COMMANDS if command.reads)
STANDS = frozenset(command.name for command in COMMANDS if command.stands)
LOOKS = frozenset(command.name for command in COMMANDS if command.reads or command.looks)
"""Commands by which nobody changes what stands in a room."""
