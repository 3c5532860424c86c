"""Help is a page of groups, not a wall: every command stands under a heading once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.core.command import COMMANDS
from bot.core.desk import Asker
from bot.language import LANGS, Lang
from bot.reply.reply import reply
from knowledge.prices.store import Store


@pytest.mark.parametrize("lang", LANGS)
def test_help_is_in_groups(tmp_path: Path, lang: Lang) -> None:
    store = Store(tmp_path / "prices.db")
    answer = reply("help", Asker(lang=lang), datetime(2026, 11, 24, tzinfo=UTC), store)
    store.close()
    assert 3 <= len(answer.facts) <= 6
    assert len({fact.label for fact in answer.facts}) == len(answer.facts)
    said = [words for fact in answer.facts for words in fact.value.split(" · ")]
    assert sorted(said) == sorted(one.example(lang) for one in COMMANDS if one.listed)
