"""The command line, run as a person runs it."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

from knowledge.refresh.importing import HEADER

ROW = dict(
    zip(
        HEADER,
        [
            "lambda",
            "quote-8x",
            "H100",
            "80",
            "8",
            "SXM",
            "",
            "",
            "us-east-1",
            "US",
            "on-demand",
            "16.0",
            "2026-11-20",
            "https://quotes.example/1",
        ],
        strict=True,
    )
)


def run(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *words], cwd=ROOT, env=dict(os.environ), input=stdin, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def sheet(tmp_path: Path, *rows: dict[str, str]) -> Path:
    path = tmp_path / "quotes.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, HEADER)
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_one_question_one_answer_on_a_fresh_machine() -> None:
    """No set-up, no network: the bundled prices answer."""
    done = run("ask", "cheapest", "A100")
    assert done.returncode == 0
    assert "per GPU-hour" in done.stdout
    assert done.stderr == ""


def test_json_holds_the_contract() -> None:
    """`ask --json` prints question, answer and offers with the promised keys."""
    printed = json.loads(run("ask", "--json", "cheapest 8x h100").stdout)
    assert set(printed) == {"question", "answer", "offers", "figures"}
    assert {"headline", "table", "facts", "notes", "evidence", "follow_ups", "tone"} <= set(
        printed["answer"]
    )
    wanted = "provider instance_type accelerator memory_gb count form_factor region country billing price_usd_per_hour price_usd_per_gpu_hour as_of source source_url stale"
    for one in printed["offers"]:
        assert set(wanted.split()) <= set(one)
        assert one["price_usd_per_gpu_hour"] == pytest.approx(
            one["price_usd_per_hour"] / one["count"]
        )


def test_the_card_for_teams_can_be_looked_at() -> None:
    """The same answer as an Adaptive Card, with the price in it."""
    card = json.loads(run("ask", "--as", "teams", "cheapest A100").stdout)
    assert card["type"] == "AdaptiveCard"
    assert "0.89" in json.dumps(card)


def test_the_blocks_for_slack_can_be_looked_at() -> None:
    """The same answer as Block Kit blocks, with the price in them."""
    blocks = json.loads(run("ask", "--as", "slack", "cheapest A100").stdout)
    assert isinstance(blocks, list)
    assert "0.89" in json.dumps(blocks)


def test_parse_reads_lines_in_order() -> None:
    """One JSON object a line; a bad line is named and does not stop the rest."""
    done = run("parse", "--jsonl", stdin='{"q": "cheapest A100"}\nnonsense\n{"q": "oi"}\n')
    printed = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line.get("intent") for line in printed] == ["cheapest", None, "greeting"]
    assert "line 2" in done.stderr
    assert done.returncode == 1


def test_chat_answers_lines_and_keeps_the_subject() -> None:
    """A follow-up without a card is about the last one; a number repeats a suggestion."""
    done = run("chat", stdin="cheapest A100\nin europe?\n1\nquit\n")
    assert "A100 in Europe" in done.stdout
    assert done.returncode == 0


def test_an_import_is_ranked_and_exported(tmp_path: Path) -> None:
    """A quote of your own stands in the answer, with its source."""
    done = run("import", str(sheet(tmp_path, ROW)), "--source", "quotes")
    assert "1 new" in done.stdout
    assert "$2.00" in run("ask", "cheapest 8x h100 on lambda in us").stdout
    exported = list(csv.DictReader(run("export").stdout.splitlines()))
    assert any(row["instance_type"] == "quote-8x" for row in exported)
    assert len(json.loads(run("export", "--json").stdout)) == len(exported)


def test_an_export_can_be_imported_again(tmp_path: Path) -> None:
    """What goes out comes in."""
    path = tmp_path / "all.csv"
    path.write_text(run("export").stdout)
    done = run("import", str(path), "--source", "copy")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"price_usd_per_hour": "-1"}, "quotes.csv:2: price_usd_per_hour"),
        ({"price_usd_per_hour": "nan"}, "quotes.csv:2: price_usd_per_hour"),
        ({"billing": "monthly"}, "quotes.csv:2: billing"),
        ({"accelerator": "H300"}, "'H300' is not known"),
        ({"source_url": ""}, "quotes.csv:2: source_url"),
        ({"as_of": "yesterday"}, "quotes.csv:2: as_of"),
        ({"as_of": "2090-01-01"}, "future"),
    ],
)
def test_a_bad_row_is_named_and_changes_nothing(
    tmp_path: Path, change: dict[str, str], said: str
) -> None:
    """All rows or none."""
    before = run("export").stdout
    done = run("import", str(sheet(tmp_path, {**ROW, **change}, ROW)))
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert run("export").stdout == before


@pytest.mark.parametrize(
    "content", [b"", b"a,b\n1,2\n", b"\xff\xfe\x00", b"\x00" * 100, b"provider\n"]
)
def test_a_file_that_is_no_offer_list_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    """Binary, empty and foreign files: one clear message."""
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    done = run("import", str(path))
    assert done.returncode == 1
    assert "bad.csv" in done.stderr
    assert "Traceback" not in done.stderr


def test_wrong_use_is_exit_status_2() -> None:
    """And says what would be right."""
    for words in (["ask"], ["parse"], ["import", "missing.csv"], ["nonsense"]):
        done = run(*words)
        assert done.returncode == 2
        assert "Usage" in done.stderr


@pytest.mark.parametrize(
    "command", ["", "ask", "parse", "chat", "history", "import", "export", "doctor"]
)
def test_every_command_has_help(command: str) -> None:
    """`--help` everywhere."""
    done = run(*filter(None, [command]), "--help")
    assert done.returncode == 0
    assert "Usage" in done.stdout


def test_history_and_doctor_run() -> None:
    """A plot in text; every check in a line."""
    assert "USD per GPU-hour" in run("history", "h100", "2y").stdout
    done = run("doctor")
    assert (done.returncode, "bundled" in done.stdout) == (0, True)


def test_doctor_names_what_to_mend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A damaged store and a bad setting are both listed, without values."""
    data = Path(os.environ["QUARTERMASTER_DATA_DIR"])
    data.mkdir(parents=True)
    (data / "prices.db").write_bytes(b"junk" * 2000)
    monkeypatch.setenv("QUARTERMASTER_SOURCE_URL_AZURE", "nowhere")
    done = run("doctor")
    assert done.returncode == 1
    assert "QUARTERMASTER_SOURCE_URL_AZURE" in done.stdout
    assert "damaged" in done.stdout
    assert run("ask", "cheapest A100").returncode == 1


def test_shell_completion_is_offered() -> None:
    """Click's own, for the console script."""
    done = subprocess.run(
        [sys.executable, "-c", "from bot.cli.main import cli; cli(prog_name='quartermaster')"],
        cwd=ROOT, env={**os.environ, "_QUARTERMASTER_COMPLETE": "bash_source"}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "_quartermaster_completion" in done.stdout


def test_history_can_be_a_picture(tmp_path: Path) -> None:
    """`--png` writes what the platforms show."""
    picture = tmp_path / "h100.png"
    done = run("history", "h100", "2y", "--png", str(picture))
    assert done.returncode == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
