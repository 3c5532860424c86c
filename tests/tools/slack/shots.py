"""The gallery's messages, drawn by slack-blocks-to-jsx: `make screenshots`.

Light and dark, at the width of a desktop channel. The renderer knows no `slack_file` and breaks on
raw numbers, which we never send; its look is close to Slack's, not the same.
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
HERE = Path(__file__).parent
sys.path[:0] = [
    str(ROOT),
    str(ROOT / "tests"),
    str(ROOT / "tests" / "support"),
    str(ROOT / "tests" / "tools" / "teams"),
]

from browser import chromium, only_loopback  # noqa: E402  the path comes first
from gallery import GALLERY  # noqa: E402

from bot.core.desk import Asker  # noqa: E402
from bot.reply.reply import reply  # noqa: E402
from bot.slack import blocks  # noqa: E402
from bot.slack.home import Order, home_view  # noqa: E402
from bot.state import Place, State  # noqa: E402
from knowledge.prices.store import Store  # noqa: E402

OUT = ROOT / "artefacts" / "slack"
WIDTH = 760
THEMES = ("light", "dark")
REAL = {
    "real cheapest": "cheapest 8x A100 80GB in europe",
    "real history": "history h100 180d",
    "real advice": "do we really need gpus for nightly embeddings?",
    "real compare": "compare h100 aws vs coreweave vs lambda",
    "real portuguese": "qual a H100 mais barata?",
    "real fit": "does mixtral 8x7b fit on 2x A100 40GB?",
    "real help": "help",
    "real tokens": "cost per million tokens of llama 3.3 70b on 4x H100",
    "real tokens pt": "custo por milhão de tokens do llama 3.3 70b em 4x H100",
    "real tokens es": "coste por millón de tokens de llama 3.3 70b en 4x H100",
}
PAGE = """
import React from "react";
import { createRoot } from "react-dom/client";
import { Message } from "slack-blocks-to-jsx";
import "slack-blocks-to-jsx/dist/style.css";
class Boundary extends React.Component {
  constructor(props) { super(props); this.state = { fault: null }; }
  static getDerivedStateFromError(fault) { return { fault: String(fault) }; }
  render() { return this.state.fault ? React.createElement("pre", { id: "fault" }, this.state.fault) : this.props.children; }
}
window.show = (blocks, theme) => {
  document.body.className = theme;
  document.getElementById("root").replaceChildren();
  const node = document.createElement("div");
  document.getElementById("root").appendChild(node);
  createRoot(node).render(React.createElement(Boundary, null, React.createElement(Message, {
    blocks, theme, name: "Quartermaster", logo: window.logo, time: new Date(2026, 10, 24, 9, 0) })));
};
"""
LOGO = (
    "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 36 36'><rect width='36' "
    "height='36' rx='6' fill='%231d3557'/><path d='M9 25V15l9-6 9 6v10h-6v-6h-6v6z' fill='%23f1faee'/></svg>"
)
HTML = """<!doctype html><meta charset="utf-8"><style>
body { margin: 0; font: 15px/1.46668 Lato, "Noto Sans", Roboto, system-ui, sans-serif; }
body.light { background: #fff; color: #1d1c1d; } body.dark { background: #1a1d21; color: #d1d2d3; }
#root { padding: 12px 16px; }
</style><link rel="stylesheet" href="page.css"><div id="root"></div><script src="page.js"></script>"""


def bundle(folder: Path) -> Path:
    """The page with everything in it; made once."""
    entry = HERE / "page.gen.mjs"
    entry.write_text(PAGE)
    try:
        subprocess.run(
            [HERE / "node_modules" / ".bin" / "esbuild", entry, "--bundle", "--format=iife",
             "--minify", f"--outfile={folder / 'page.js'}", '--define:process.env.NODE_ENV="production"'],
            check=True, capture_output=True, cwd=HERE,
        )  # fmt: skip
    finally:
        entry.unlink()
    page = folder / "page.html"
    page.write_text(HTML)
    return page


def messages(folder: Path) -> dict[str, list[Any]]:
    now = datetime(2026, 11, 24, 9, tzinfo=UTC)
    store = Store.open(folder / "prices.db", now)
    found = {name: blocks.render(answer) for name, answer in GALLERY.items()}
    for name, words in REAL.items():
        found[name] = blocks.render(reply(words, Asker(), now, store), where="private")
    found |= standing(folder, now)
    sources = reply("sources", Asker(), now, store)
    found["home"] = home_view("en", {}, [], sources)["blocks"]
    found["home with orders"] = home_view("en", {"region": "eu"}, orders(folder, store, now), sources)["blocks"]  # fmt: skip
    found["safe table"] = blocks.render(GALLERY["table"], safe=True)
    store.close()
    return {name: [_seen(one) for one in made] for name, made in found.items()}


def standing(folder: Path, now: Any) -> dict[str, list[Any]]:
    """A digest and a fired watch as they are posted, in both languages, after a week that moved."""
    from datetime import timedelta

    from offers import offer

    from bot.core.desk import Desk
    from bot.core.question import Question
    from bot.core.wording import wording
    from bot.standing import digests, watches
    from bot.state.rows import Delivery

    store = Store.open(folder / "week.db", now - timedelta(days=40))
    store.replace("bundled", (), now - timedelta(days=40))
    with store.writing() as db:
        db.execute("DELETE FROM daily")
    moved = {
        ("voltagepark", "H100", 80): (2.49, 2.19), ("thundercompute", "A100", 80): (1.09, 1.14),
        ("nebius", "H200", 141): (3.50, 3.50), ("aws", "H100", 80): (6.88, 6.88),
        ("verda", "L40S", 48): (0.99, 0.91), ("azure", "A100", 80): (3.67, 3.67),
    }  # fmt: skip
    rows = []
    for days in range(28, -1, -1):
        at = now - timedelta(days=days, hours=3)
        rows = [
            offer(
                provider=provider, instance_type=f"{provider}-{card}", accelerator=card,
                memory_gb=memory, count=1, source="feed", source_url=f"https://prices.example/{provider}",
                price_usd_per_hour=prices[days <= 3] * (1 + days / 900) * (0.4 if billing == "spot" else 1), as_of=at, fetched_at=at,
                fresh_until=at + timedelta(days=2), billing=billing,
            )
            for (provider, card, memory), prices in moved.items()
            for billing in ("on-demand", *(["spot"] if provider in {"aws", "azure"} else []))
        ]  # fmt: skip
        store.replace("feed", rows, at)
    row = rows[0]._asdict()
    for name in ("as_of", "fetched_at", "fresh_until"):
        row[name] = row[name].isoformat()
    payload = {
        "question": json.dumps({"accelerators": ["H100"]}), "offer": row, "watch": 7, "kind": "price",
        "direction": "below", "threshold": 2.25, "was": 2.49, "since": "2026-11-01T00:00:00+00:00",
    }  # fmt: skip
    out: dict[str, list[Any]] = {}
    for lang in ("en", "pt"):
        asker = Asker("standing", lang=lang, tz="America/Sao_Paulo", may_see_contracts=False)
        desk = Desk(store=store, now=now, say=wording(lang), asker=asker)
        cards = ("A100", "H100", "H200", "L40S")
        made = digests.answer(Question("digest", lang=lang, accelerators=cards), desk)
        buttons = digests.buttons({"accelerators": list(cards)}, lang, 7)
        out[f"digest {lang}"] = blocks.render(made._replace(follow_ups=buttons))
        told = Delivery(
            "watch-7", now, "watch", Place("slack:T1:C1", "slack", "slack:T1"), 1, False, False,
            payload | {"lang": lang}, now,
        )  # fmt: skip
        out[f"watch {lang}"] = blocks.render(watches.message(told, now))
    store.close()
    return out


def orders(folder: Path, store: Store, now: datetime) -> list[Order]:
    """A digest and two watches in a channel, a watch of one's own."""
    state = State.open(f"sqlite:///{folder / 'state.db'}", clock=lambda: now)
    found: list[Order] = []
    for channel, asked in (
        ("U0DANA0001", ("watch b200 < 4.00",)),
        ("C0GPU0001", ("digest weekly monday 09:00 Europe/Lisbon h100 a100", "watch h100 < 2.00 eu", "watch a100 drops 10% in a week")),
    ):  # fmt: skip
        place = Place(f"slack:T1:{channel}", "slack", "slack:T1", "T1", channel)
        state.places.save(place)
        asker = Asker(platform="slack", place=place.id, user="slack:T1:U0DANA0001")
        for words in (*asked, "digests", "watches"):
            answer = reply(words, asker, now, store, state=state)
            if words in ("digests", "watches") and answer.tone == "plain":
                found.append(Order(channel, answer))
    state.close()
    return found


def _seen(found: Any) -> Any:
    """As Slack shows it: `verbatim` leaves markup alone there, and shows it raw in this renderer."""
    if isinstance(found, dict):
        return {name: _seen(value) for name, value in found.items() if name != "verbatim"}
    return [_seen(one) for one in found] if isinstance(found, list) else found


def main(only: list[str]) -> None:
    import tempfile

    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        folder = Path(name)
        address = bundle(folder).as_uri()
        page = browser.new_page(viewport={"width": WIDTH, "height": 400}, device_scale_factor=1.5)
        only_loopback(page)
        page.goto(address)
        for title, found in messages(folder).items():
            if only and title not in only:
                continue
            for theme in THEMES:
                page.evaluate(
                    "([b, t, l]) => { window.logo = l; window.show(b, t); }", [found, theme, LOGO]
                )
                page.wait_for_function("document.querySelector('#root > div')?.childElementCount")
                if fault := page.query_selector("#fault"):
                    sys.exit(f"{title}: {fault.inner_text()}")
                target = OUT / f"{title.replace(' ', '-')}-{theme}.png"
                page.locator("#root").screenshot(path=str(target))
    print(f"{len(list(OUT.glob('*.png')))} pictures in {OUT.relative_to(ROOT)}")


if __name__ == "__main__":
    main(sys.argv[1:])
