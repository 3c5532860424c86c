"""The gallery's cards, drawn by Microsoft's own renderer: `make screenshots`.

Light, dark and high contrast, at the width of a desktop channel and of a telephone. The renderer
knows neither `targetWidth` nor charts: the page leaves out what a host of its width would, and
charts show their fallback, as they do in every older client.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
sys.path[:0] = [
    str(ROOT),
    str(ROOT / "tests"),
    str(ROOT / "tests" / "support"),
    str(Path(__file__).parent),
]

from browser import PARTS, chromium, only_loopback  # noqa: E402  the path comes first
from gallery import GALLERY  # noqa: E402

from bot.teams import card, picture  # noqa: E402

OUT = ROOT / "artefacts" / "teams"
WIDTHS = {"wide": 820, "380": 348}
"""Pixels of the card itself; a 380 pixel telephone leaves it 348."""
TEXT = {
    "light": {"default": "#242424", "subtle": "#616161", "accent": "#5B5FC7", "good": "#237B4B", "warning": "#835C00", "attention": "#C4314B", "back": "#FFFFFF", "emphasis": "#F5F5F5", "goodBack": "#E7F2DA", "warningBack": "#FBF6D9", "attentionBack": "#FCF4F6", "line": "#E0E0E0"},
    "dark": {"default": "#FFFFFF", "subtle": "#ADADAD", "accent": "#7F85F5", "good": "#92C353", "warning": "#F8D22A", "attention": "#F9526B", "back": "#292929", "emphasis": "#1F1F1F", "goodBack": "#0D2E0D", "warningBack": "#463100", "attentionBack": "#3E1F25", "line": "#424242"},
    "contrast": {"default": "#FFFFFF", "subtle": "#FFFFFF", "accent": "#FFFF01", "good": "#3FF23F", "warning": "#FFFF01", "attention": "#FF5F5F", "back": "#000000", "emphasis": "#000000", "goodBack": "#000000", "warningBack": "#000000", "attentionBack": "#000000", "line": "#FFFFFF"},
}  # fmt: skip
"""Colours as in the three themes of Teams, near enough to see what vanishes."""


def host_config(theme: str) -> dict[str, object]:
    colour = TEXT[theme]
    words = {
        name: {"default": colour[name], "subtle": colour["subtle"]}
        for name in ("default", "accent", "good", "warning", "attention")
    } | {
        "light": {"default": "#FFFFFF", "subtle": "#FFFFFF"},
        "dark": {"default": "#000000", "subtle": "#000000"},
    }
    styles = {
        name: {"backgroundColor": colour[back], "foregroundColors": words, "borderColor": colour["line"]}
        for name, back in (
            ("default", "back"), ("emphasis", "emphasis"), ("good", "goodBack"), ("warning", "warningBack"),
            ("attention", "attentionBack"), ("accent", "emphasis"),
        )
    }  # fmt: skip
    return {
        "fontFamily": "'Segoe UI', Selawik, 'Open Sans', Roboto, sans-serif",
        "fontSizes": {"small": 12, "default": 14, "medium": 16, "large": 18, "extraLarge": 24},
        "fontWeights": {"lighter": 200, "default": 400, "bolder": 600},
        "spacing": {"small": 4, "default": 8, "medium": 12, "large": 16, "extraLarge": 24, "padding": 12},
        "separator": {"lineThickness": 1, "lineColor": colour["line"]},
        "containerStyles": styles,
        "actions": {"maxActions": 6, "spacing": "default", "buttonSpacing": 8, "actionsOrientation": "horizontal", "actionAlignment": "left", "showCard": {"actionMode": "inline"}},
        "factSet": {"title": {"weight": "bolder", "wrap": True, "maxWidth": 200}, "value": {"wrap": True}, "spacing": 16},
        "table": {"cellSpacing": 8},
        "textBlock": {"headingLevel": 2},
    }  # fmt: skip


PAGE = """
<meta charset="utf-8"><style>
body{{margin:16px;background:{page};font-family:Roboto,sans-serif}}
h6{{margin:18px 0 4px;font:12px monospace;color:{ink}}}
.card{{width:{width}px;background:{back};border:1px solid {line};border-radius:6px;padding:4px;box-sizing:border-box}}
.ac-pushButton{{background:transparent;color:{ink};border:1px solid {line};border-radius:4px;padding:5px 12px;font:600 14px Roboto,sans-serif;margin-bottom:4px}}
a{{color:{link}}}
.ac-actionSet{{flex-wrap:wrap!important}}
</style><body></body>
"""

DRAW = """
([cards, config, width]) => {
  const band = width <= 164 ? 0 : width <= 350 ? 1 : width <= 768 ? 2 : 3;
  const names = ["verynarrow", "narrow", "standard", "wide"];
  const shown = (target) => {
    if (!target) return true;
    const [how, name] = target.includes(":") ? target.split(":") : ["", target];
    const at = names.indexOf(name.toLowerCase());
    return how.toLowerCase() === "atleast" ? band >= at : how.toLowerCase() === "atmost" ? band <= at : band === at;
  };
  const prune = (node) => {
    if (Array.isArray(node)) return node.filter((one) => !one || shown(one.targetWidth)).map(prune);
    if (node && typeof node === "object")
      return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, prune(value)]));
    return node;
  };
  AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
    // Teams understands bold, italic, lists and links; enough of that to see a missing escape.
    const out = text
      .replace(/&(?!#?\\w+;)/g, "&amp;").replace(/</g, "&lt;")
      .replace(/\\\\([\\\\*_[\\]`~#>+.\\-()])/g, (_, c) => `&#${c.charCodeAt(0)};`)
      .replace(/\\[([^\\]]*)\\]\\(([^)]*)\\)/g, '<a href="$2">$1</a>')
      .replace(/\\*\\*([^*]+)\\*\\*/g, "<b>$1</b>")
      .replace(/(^|\\W)_([^_]+)_(?=\\W|$)/g, "$1<i>$2</i>")
      .replace(/\\*([^*]+)\\*/g, "<i>$1</i>");
    result.outputHtml = out;
    result.didProcess = true;
  };
  const faults = [];
  for (const [name, json] of Object.entries(cards)) {
    const label = document.createElement("h6");
    label.textContent = name;
    const frame = document.createElement("div");
    frame.className = "card";
    document.body.append(label, frame);
    const card = new AdaptiveCards.AdaptiveCard();
    card.hostConfig = new AdaptiveCards.HostConfig(config);
    const context = new AdaptiveCards.SerializationContext(AdaptiveCards.Versions.v1_5);
    card.parse(prune(json), context);
    for (let at = 0; at < context.eventCount; at++) {
      const event = context.getEventAt(at);
      // Its pattern for `lang` remembers where it matched last, and refuses every second card.
      if (!/targetWidth|"lang"|Chart\\./.test(event.message)) faults.push(`${name}: ${event.message}`);
    }
    const drawn = card.render();
    if (!drawn) { faults.push(`${name}: not drawn`); continue; }
    frame.append(drawn);
    if (frame.scrollWidth > frame.clientWidth + 1) faults.push(`${name}: ${frame.scrollWidth - frame.clientWidth}px too wide at ${width}`);
  }
  return faults;
}
"""


def main(only: list[str]) -> int:
    OUT.mkdir(parents=True, exist_ok=True)
    cards = {
        name: card.render(answer, image=picture.of(answer))
        for name, answer in GALLERY.items()
        if not only or name in only
    }
    script = (PARTS / "adaptivecards" / "dist" / "adaptivecards.min.js").read_text("utf-8")
    faults: list[str] = []
    with chromium() as browser:
        for theme, colour in TEXT.items():
            for label, width in WIDTHS.items():
                page = browser.new_page(viewport={"width": width + 32, "height": 900})
                only_loopback(page)
                page.set_content(
                    PAGE.format(
                        page=colour["emphasis"], ink=colour["default"], back=colour["back"],
                        line=colour["line"], link=colour["accent"], width=width,
                    )
                )  # fmt: skip
                page.add_script_tag(content=script)
                faults += page.evaluate(DRAW, [cards, host_config(theme), width])
                page.screenshot(path=OUT / f"{theme}-{label}.png", full_page=True)
                page.close()
    (OUT / "cards.json").write_text(json.dumps(cards, ensure_ascii=False, indent=1), "utf-8")
    for fault in sorted(set(faults)):
        print(f"FAULT {fault}")
    print(f"{len(cards)} cards in {len(TEXT) * len(WIDTHS)} pictures: {OUT.relative_to(ROOT)}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
