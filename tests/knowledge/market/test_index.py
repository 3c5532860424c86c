"""Prices over time, like for like."""

from __future__ import annotations

import math
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from knowledge.market import matched

SINCE, UNTIL = date(2026, 5, 1), date(2026, 9, 1)


def path(*points: tuple[int, float]) -> list[tuple[str, float]]:
    """(days after SINCE, price)."""
    return [((SINCE + timedelta(days=day)).isoformat(), price) for day, price in points]


def test_a_seller_that_comes_or_goes_does_not_move_it() -> None:
    """A cheap newcomer and a leaver change nothing; only those who stay count."""
    stays = {
        ("lambda", 80.0): path((0, 3.0), (60, 3.0), (120, 3.0)),
        ("nebius", 80.0): path((0, 4.0), (60, 4.0), (120, 4.0)),
    }
    index = matched(
        {
            **stays,
            ("verda", 80.0): path((0, 1.5), (30, 1.5)),
            ("crusoe", 80.0): path((90, 1.6), (120, 1.6)),
        },
        SINCE,
        UNTIL,
    )
    assert index is not None
    assert abs(index.change) < 1e-9
    assert (index.rose, index.fell) == (0, 0)


def test_the_change_is_the_mean_of_the_sellers_own() -> None:
    """One of two doubles: the geometric mean is the root of two."""
    index = matched(
        {
            ("lambda", 80.0): path((0, 2.0), (50, 4.0), (100, 4.0)),
            ("nebius", 80.0): path((0, 3.0), (100, 3.0)),
        },
        SINCE,
        UNTIL,
    )
    assert index is not None
    assert math.isclose(index.change, math.sqrt(2) - 1, rel_tol=1e-9)
    assert (index.rose, index.fell) == (1, 0)


def test_another_product_under_the_name_is_no_rise() -> None:
    """A price that quadruples overnight breaks the path instead."""
    index = matched(
        {
            ("verda", 80.0): path((0, 1.0), (10, 1.0), (50, 4.0), (100, 4.0)),
            ("lambda", 80.0): path((0, 3.0), (100, 3.0)),
        },
        SINCE,
        UNTIL,
    )
    assert index is not None
    assert abs(index.change) < 1e-9


def test_marketplaces_stay_outside() -> None:
    """Single hosts come and go by the hour."""
    assert matched({("vastai", 80.0): path((0, 1.0), (50, 2.0))}, SINCE, UNTIL) is None


@given(
    st.lists(st.lists(st.floats(2.0, 4.0), min_size=4, max_size=4), min_size=2, max_size=6),
    st.integers(0, 5),
    st.integers(1, 2),
)
def test_a_day_less_of_a_seller_never_moves_it_by_itself(
    prices: list[list[float]], who: int, which: int
) -> None:
    """Where a seller's price did not change, one look less at it changes nothing."""
    names = ("lambda", "nebius", "verda", "crusoe", "together", "runpod")
    flat = who % len(prices)
    days = (0, 30, 60, 90)
    paths = {
        (names[place], 80.0): path(
            *(
                (day, price[0] if place == flat else price[n])
                for n, (day, price) in enumerate(zip(days, [price] * 4, strict=True))
            )
        )
        for place, price in enumerate(prices)
    }
    whole = matched(paths, SINCE, UNTIL)
    key = (names[flat], 80.0)
    less = {**paths, key: [point for n, point in enumerate(paths[key]) if n != which]}
    without = matched(less, SINCE, UNTIL)
    assert whole is not None
    assert without is not None
    assert math.isclose(whole.change, without.change, rel_tol=1e-9, abs_tol=1e-9)
