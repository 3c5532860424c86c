"""Advice: all rules over one question, `fit` and a recommendation on 50,000 offers, a cold load."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from core import anew
from timing import NOW, filled, median_ms

from bot.core.desk import Asker
from bot.reply.reply import answer_question
from bot.understanding.understand import understand
from knowledge.advice.rulebook import parse
from knowledge.advice.rules import RULES_FILE, fired, load

QUESTIONS = {
    "fit, a model": "fit llama 3 70b int4",
    "fit, a named card": "does mixtral 8x7b fit on 2x A100 40GB?",
    "advise, a quote": "are we overpaying for h100 at $4.10 on azure?",
    "advise, need": "do we really need gpus for nightly embeddings?",
    "advise, tier": "microcloud or hyperscaler for a 6 month training run?",
    "provider": "provider coreweave",
}


def measure(folder: Path) -> dict[str, Any]:
    store = filled(folder, 50_000)
    everything = dict(fact for rule in load() for fact in rule.fires)
    few = {"about": "cheapest", "tier": "microcloud", "gpu_count": 8, "price_age_days": 3}
    rules = median_ms(
        {
            "all rules, few facts": lambda: fired(few),
            "all rules, every fact": lambda: fired(everything),
        },
        500,
    )
    asked = {name: understand(words) for name, words in QUESTIONS.items()}
    answers = median_ms(
        {
            name: lambda question=question: answer_question(question, Asker(), NOW, store)
            for name, question in asked.items()
        },
        60,
    )
    words = median_ms({"words to Answer, fit": lambda: anew(QUESTIONS["fit, a model"], store)}, 60)
    store.close()
    text = RULES_FILE.read_text("utf-8")
    begun = time.perf_counter()
    parse(text, RULES_FILE.name)
    parsed = (time.perf_counter() - begun) * 1000
    kept = median_ms({"kept": load.__wrapped__}, 50)["kept"]
    return {
        **{f"{name}, ms": round(ms, 4) for name, ms in rules.items()},
        **{f"{name}, 50k offers, ms": round(ms, 2) for name, ms in {**answers, **words}.items()},
        "rules parsed from TOML, ms": round(parsed, 1),
        "rules as kept, ms": round(kept, 2),
    }
