"""Holds what we send to Slack's limits: each block is built again with slackblocks, which refuses
what Slack would, and what it leaves out is checked here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import slackblocks as sb
from slackblocks.objects import ColumnSettings, DataPoint

MAX_CHARACTERS = 13_000
ENTITY = re.compile(r"&(?!(?:amp|lt|gt);)")
TOKEN = re.compile(r"<(?:[!@#]|[a-z]+:)[^>]*>?")
"""What Slack would read as a mention or a link."""
LINK = re.compile(r"<https?://[^\s<>|]+(\|[^<>|]+)?>")
CHANNEL = re.compile(r"<#[CG][A-Z0-9]{2,30}>")
"""Names a channel, and tells nobody."""
DATE = re.compile(r"<!date\^\d+\^[^<>]+>")


def message(found: Mapping[str, Any]) -> None:
    """Raises for a message that Slack would refuse, or that could ping or mislead."""
    blocks = found["blocks"]
    assert found["text"].strip()
    assert len(found["text"]) <= 4000
    _markup(found["text"])
    sb.Message(channel="C1", text=found["text"], blocks=[block(one) for one in blocks])
    assert 0 < len(blocks) <= 50
    assert len(json.dumps(blocks, ensure_ascii=False)) <= MAX_CHARACTERS
    kinds = [one["type"] for one in blocks]
    assert sum(kind in ("table", "data_table") for kind in kinds) <= 1
    assert kinds.count("data_visualization") <= 2
    _names(blocks)


def view(found: Mapping[str, Any]) -> None:
    """Raises for a form or a home tab that Slack would refuse."""
    blocks = [block(one) for one in found["blocks"]]
    assert len(json.dumps(found)) < 250_000
    if found["type"] == "home":
        sb.HomeTabView(blocks=blocks, callback_id=found.get("callback_id"))
    else:
        sb.ModalView(
            title=_text(found["title"]),
            blocks=blocks,
            close=_text(found["close"]) if "close" in found else None,
            submit=_text(found["submit"]) if "submit" in found else None,
            private_metadata=found.get("private_metadata"),
            callback_id=found["callback_id"],
        )
        has_input = any(one["type"] == "input" for one in found["blocks"])
        assert not has_input or "submit" in found
    _names(found["blocks"])


def block(found: Mapping[str, Any]) -> sb.Block:
    kind = found["type"]
    if kind == "section":
        assert "text" in found or found.get("fields")
        for field in found.get("fields", []):
            assert 0 < len(field["text"]) <= 2000
        return sb.SectionBlock(
            text=_text(found["text"]) if "text" in found else None,
            fields=[_text(one) for one in found["fields"]] if "fields" in found else None,
            accessory=_element(found["accessory"]) if "accessory" in found else None,
        )
    if kind == "context":
        return sb.ContextBlock([_text(one) for one in found["elements"]])
    if kind == "header":
        return sb.HeaderBlock(_text(found["text"]))
    if kind == "divider":
        return sb.DividerBlock()
    if kind == "actions":
        return sb.ActionsBlock([_element(one) for one in found["elements"]])
    if kind == "context_actions":
        return sb.ContextActionsBlock([_feedback(one) for one in found["elements"]])
    if kind == "table":
        return _table(found)
    if kind == "data_visualization":
        return _chart(found)
    if kind == "input":
        return sb.InputBlock(
            label=_text(found["label"]), element=_element(found["element"]),
            block_id=found["block_id"], optional=found["optional"],
        )  # fmt: skip
    raise AssertionError(f"unknown block {kind}")


def _table(found: Mapping[str, Any]) -> sb.TableBlock:
    rows = found["rows"]
    assert len({len(row) for row in rows}) == 1
    assert len(found["column_settings"]) <= len(rows[0])
    settings = [
        ColumnSettings(align=one["align"], is_wrapped=one["is_wrapped"])
        for one in found["column_settings"]
    ]
    return sb.TableBlock([[_cell(cell) for cell in row] for row in rows], settings)


def _cell(found: Mapping[str, Any]) -> Any:
    if found["type"] == "raw_text":
        assert found["text"].strip()
        assert not TOKEN.search(found["text"])
        return sb.RawText(found["text"])
    (section,) = found["elements"]
    (link,) = section["elements"]
    assert link["url"].startswith(("https://", "http://"))
    assert len(link["url"]) <= 3000
    assert link["text"].strip()
    return sb.RichTextSection(sb.RichTextLink(link["url"], link["text"]))


def _chart(found: Mapping[str, Any]) -> sb.DataVisualizationBlock:
    chart = found["chart"]
    axis = sb.AxisConfig(**chart["axis_config"])
    assert len(chart["series"]) <= 6
    series = [
        sb.DataSeries(one["name"], [DataPoint(**point) for point in one["data"]])
        for one in chart["series"]
    ]
    for one in chart["series"]:
        assert [point["label"] for point in one["data"]] == axis.categories
    kind = {"line": sb.LineChart, "bar": sb.BarChart}[chart["type"]]
    return sb.DataVisualizationBlock(found["title"], kind(series, axis))


def _element(found: Mapping[str, Any]) -> Any:
    kind, action = found["type"], found["action_id"]
    if kind == "button":
        return sb.Button(_text(found["text"]), action, value=found["value"], style=found.get("style"))  # fmt: skip
    options = [_option(one) for one in found.get("options", [])]
    first = _option(found["initial_option"]) if "initial_option" in found else None
    if first is not None and options:
        assert found["initial_option"] in found["options"]
    holder = _text(found["placeholder"]) if "placeholder" in found else None
    if kind == "overflow":
        return sb.OverflowMenu(action, options)
    if kind == "static_select":
        return sb.StaticSelectMenu(action, options, initial_option=first, placeholder=holder)
    if kind == "external_select":
        return sb.ExternalSelectMenu(
            action, initial_option=first, min_query_length=found["min_query_length"], placeholder=holder,
        )  # fmt: skip
    if kind == "radio_buttons":
        return sb.RadioButtonGroup(action, options, initial_option=first)
    if kind == "plain_text_input":
        return sb.PlainTextInput(
            action, found.get("initial_value"), max_length=found["max_length"], placeholder=holder
        )
    raise AssertionError(f"unknown element {kind}")


def _feedback(found: Mapping[str, Any]) -> sb.FeedbackButtons:
    def button(one: Mapping[str, Any]) -> sb.FeedbackButton:
        return sb.FeedbackButton(_text(one["text"]), one["value"])

    return sb.FeedbackButtons(
        button(found["positive_button"]), button(found["negative_button"]), found["action_id"]
    )


def _option(found: Mapping[str, Any]) -> sb.Option:
    return sb.Option(_text(found["text"]), found["value"])


def _text(found: Mapping[str, Any]) -> sb.Text:
    assert found["text"].strip()
    assert len(found["text"]) <= 3000
    if found["type"] == "mrkdwn":
        _markup(found["text"])
        return sb.Text(found["text"], verbatim=found.get("verbatim", False))
    assert found["type"] == "plain_text"
    assert not TOKEN.search(found["text"])
    return sb.Text(found["text"], sb.TextType.PLAINTEXT)


def _markup(text: str) -> None:
    """No entity is cut, no mention is made, and a link's label cannot hide where it goes."""
    assert not ENTITY.search(text), text
    left = CHANNEL.sub("", LINK.sub("", DATE.sub("", text)))
    assert "<" not in left, text


def _names(blocks: Sequence[Mapping[str, Any]]) -> None:
    """Action ids are each one's own, and so are block ids."""
    actions = list(_actions(blocks))
    assert len(actions) == len(set(actions)), actions
    assert all(0 < len(name) <= 255 for name in actions)
    ids = [one["block_id"] for one in blocks if "block_id" in one]
    assert len(ids) == len(set(ids))


def _actions(found: Any) -> Iterator[str]:
    if isinstance(found, Mapping):
        if "action_id" in found and found["type"] != "input" and found["action_id"] != "choice":
            yield found["action_id"]
        for value in found.values():
            yield from _actions(value)
    elif isinstance(found, Sequence) and not isinstance(found, str):
        for value in found:
            yield from _actions(value)
