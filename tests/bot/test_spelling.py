"""One letter wrong in a word that decides is put right; every other word is left as it was typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understand import understand
from bot.understanding.spelling import CORE, meant, mend

LONG = sorted(word for word in CORE if len(word) > 7)


@given(st.sampled_from(LONG), st.data())
def test_a_letter_left_out_doubled_or_swapped_is_found_again(
    word: str, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(word) - 2))
    wrong = data.draw(
        st.sampled_from(
            [
                word[:at] + word[at + 1 :],
                word[:at] + word[at] + word[at:],
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            ]
        )
    )
    assert word in meant(wrong, CORE) or wrong in CORE


@pytest.mark.parametrize(
    "words",
    [
        "prime intellect in canada",
        "inferentia 2 pricing",
        "8 h100 reservadas",
        "how pricey is a t4",
    ],
)
def test_words_that_mean_something_are_left_alone(words: str) -> None:
    assert mend(words) == words


def test_a_typo_in_the_middle_counts_like_the_word() -> None:
    assert understand("whats the lowst price of an L4").intent == "cheapest"
