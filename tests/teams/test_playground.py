"""The whole way in Microsoft's own client: real browser, real service, nothing in between.

One test, because the Playground and the service take seconds to start and the steps build on
each other as a person's do. Pictures of every step stay in artefacts/teams/playground.
"""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import ROOT

TOOLS = ROOT / "tests" / "tools" / "teams"
PICTURES = ROOT / "artefacts" / "teams" / "playground"


@pytest.mark.slow
@pytest.mark.skipif(
    not (TOOLS / "node_modules" / "@microsoft").exists() or not shutil.which("chromium"),
    reason="the Playground or Chromium is not installed; run: make parts",
)
def test_a_person_in_the_playground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Welcome, question, click, Portuguese, chart, channel, digest, search, leaving and coming back."""
    monkeypatch.syspath_prepend(str(TOOLS))
    from playground import CHANNEL, PERSONAL, TENANT, playground

    with playground(tmp_path, PICTURES) as play:
        # Installing sends two activities; one welcome comes of them.
        play.go("Personal Chat")
        play.card("what GPUs rent for")
        play.picture("1-welcome")

        play.say("cheapest A100 80GB on demand")
        asked = play.card("Cheapest A100 80 GB, on demand")
        assert asked.get_by_role("heading").first.inner_text().startswith("Cheapest A100")
        assert asked.locator("[role=columnheader]").count() > 3
        assert "old" in asked.inner_text(), "every bundled price is old, and says so"
        assert play.cards.count() == 2
        play.picture("2-question")

        # A button replaces the card in place: still two, and one of them has a way back.
        asked.get_by_role("button", name="Spot").click()
        swapped = play.card("spot:")
        swapped.get_by_role("button", name="Back").wait_for()
        assert play.cards.count() == 2
        play.picture("3-clicked")

        play.say("qual a H200 mais barata na Europa?")
        play.card("mais barata de H200 na Europa, sob demanda")
        play.message("h100", "pt-BR")
        play.card("mais barata de H100 na Europa, sob demanda")
        play.picture("4-portuguese")

        # It answers today: back to where bundled prices are, however long ago that is.
        days = (datetime.now(UTC) - datetime(2026, 8, 26, tzinfo=UTC)).days
        play.say(f"history h100 {days}d")
        chart = play.card("USD per GPU-hour").locator("svg").first
        chart.wait_for()
        chart.scroll_into_view_if_needed()
        play.picture("5-chart")

        play.go("GPUs")
        play.say("cheapest H100 in europe", mention=True)
        play.card("Cheapest H100")
        play.picture("6-channel")

        # Nobody asked just now: a digest finds its way into the channel.
        place = f"teams:{TENANT}:{CHANNEL}"
        status, told = play.command("digest", "weekly", "a100", "h100", "--send", place)
        assert status == 0, told
        play.card("(week of")
        play.picture("7-digest")

        play.go("Personal Chat")
        play.page.get_by_role("button", name="Trigger Message Extension App").click()
        play.page.get_by_role("menuitem").filter(has_text="Search Command").click()
        play.page.get_by_placeholder("Enter a search term").fill("cheapest L40S")
        play.page.get_by_text(re.compile("Cheapest L40S")).last.wait_for()
        play.picture("8-search")
        play.page.keyboard.press("Escape")

        own = f"teams:{TENANT}:{PERSONAL}"
        play.page.reload(wait_until="commit")
        play.go("Personal Chat")
        play.mock("Uninstall application")
        status, told = play.command("digest", "weekly", "a100", "--send", own)
        assert (status, "No place is called" in told) == (1, True), told  # all of it is gone
        play.mock("Install application")
        status, told = play.command("digest", "weekly", "a100", "--send", own)
        assert status == 0, told
        play.picture("9-again")
    log = (tmp_path / "serve.log").read_text("utf-8")
    assert "Traceback" not in log
    assert '"level": "error"' not in log
