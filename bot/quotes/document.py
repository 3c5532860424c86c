"""A document as lines of cells, whatever it came as; what people do not see is left out and told."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import NamedTuple

from bot.quotes.numbers import Style


class Document(NamedTuple):
    """What a person would see of it, in order."""

    lines: tuple[tuple[str, ...], ...]
    """One cell: prose. Several: a row of a table, or a label and its value."""
    earlier: tuple[tuple[str, ...], ...] = ()
    """Older messages quoted below: their prices never count."""
    sent: date | None = None
    sender: str = ""
    """Display name and address of a mail."""
    subject: str = ""
    style: Style | None = None
    """The decimal sign where the file's own form tells it (a CSV parted by semicolons)."""
    told: tuple[str, ...] = ()
    """What was left out, as codes: hidden_sheet, hidden_rows, struck_out, formulas, attachments."""

    @property
    def text(self) -> str:
        return "\n".join("  ".join(cell for cell in line if cell) for line in self.lines)


_STRUCK = re.compile(
    r"~~[^~\n]{1,400}~~|<(?:s|del|strike)>.{1,400}?</(?:s|del|strike)>|(?<![~\w])~(?=\S)[^~\n]{1,200}(?<=\S)~(?![~\w])",
    re.IGNORECASE | re.DOTALL,
)
_INVISIBLE = re.compile(
    r"[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\x00-\x08\x0b\x0c\x0e-\x1f]"
)
_HTML_COMMENT = re.compile(r"<!--.{0,5000}?-->", re.DOTALL)
_QUOTED_FROM = re.compile(
    r"^\s*(?:"
    r"-{2,}\s*(?:Original Message|Mensagem original|Mensaje original|Reply above|Ursprüngliche Nachricht)\s*-{2,}.*"
    r"|On .{4,120}(?:wrote|writes):\s*$|Em .{4,120}escreveu:\s*$|El .{4,120}(?:escribió|escribio):\s*$|Le .{4,120}a écrit\s?:\s*$"
    r"|_{10,}\s*$"
    r")",
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    r"^\s*(?:-{2,}\s*)?(?:Forwarded message|Begin forwarded message|Mensagem encaminhada|Mensaje reenviado|Forwarded by)\b.*$",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"^\s*\*?(?:From|De|Von|Sent|Enviad[ao](?: em| el)?|Date|Data|Fecha|To|Para|Subject|Assunto|Asunto|Cc)\s*:\*?\s*\S",
    re.IGNORECASE,
)
_FROM_LINE = re.compile(r"^\s*\*?(?:From|De)\s*:\*?\s*(?P<who>\S.*)$", re.IGNORECASE)
_SUBJECT_LINE = re.compile(
    r"^\s*\*?(?:Subject|Assunto|Asunto)\s*:\*?\s*(?P<what>\S.*)$", re.IGNORECASE
)
_DATE_LINE = re.compile(
    r"^\s*\*?(?:Date|Sent|Data|Enviad[ao](?: em| el)?|Fecha)\s*:\*?\s*(?P<when>\S.*)$",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(r"^--\s*$")


def _unless_about(match: re.Match[str]) -> str:
    """A single tilde before a number is "about"; only a pair strikes out."""
    words = match.group()
    return words if re.match(r"~\s?[$€£\d]", words) and not words.startswith("~~") else " "


def cleaned(text: str) -> tuple[str, tuple[str, ...]]:
    """The text as it is seen: no struck-out words, comments, invisible characters; and what went."""
    told: list[str] = []
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    without = _HTML_COMMENT.sub(" ", text)
    if without != text:
        told.append("hidden_text")
    text = _STRUCK.sub(_unless_about, without)
    if text != without:
        told.append("struck_out")
    text = _INVISIBLE.sub("", text)
    text = text.translate(
        {0x2010: "-", 0x2011: "-", 0x2212: "-", 0x00A0: " ", 0x202F: " ", 0x2007: " ", 0x2009: " "}
    )
    text = (
        re.sub(r"&(?:nbsp|#160);", " ", text)
        .replace("&amp;", "&")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
    )
    text = re.sub(
        r"(?<!\*)\*{1,3}(?=\S)([^*\n]{1,200}?)(?<=\S)\*{1,3}(?!\*)", r"\1", text
    )  # emphasis
    return text, tuple(told)


class Chain(NamedTuple):
    """The newest message of a chain, what it quotes, and its own headers."""

    top: str
    earlier: str
    sender: str = ""
    subject: str = ""
    when: str = ""


def chain(text: str) -> Chain:
    """Parts the newest message from those quoted in it; a forwarded message is read as if sent."""
    lines = text.split("\n")
    sender = subject = when = ""
    start = 0
    # Headers at the very top are the message's own.
    heads = 0
    for index, line in enumerate(lines[:14]):
        if not line.strip():
            if heads >= 2:
                start = index + 1
                break
            continue
        if _HEADER.match(line):
            heads += 1
            sender = sender or _found(_FROM_LINE, line, "who")
            subject = subject or _found(_SUBJECT_LINE, line, "what")
            when = when or _found(_DATE_LINE, line, "when")
        elif heads < 2:
            break
        else:
            start = index
            break
    if heads < 2:
        sender = subject = when = ""
        start = 0
    cut = len(lines)
    for index in range(start, len(lines)):
        line = lines[index]
        joined = line + " " + (lines[index + 1].strip() if index + 1 < len(lines) else "")
        block = sum(1 for one in lines[index : index + 5] if _HEADER.match(one)) >= 3 and bool(
            _FROM_LINE.match(line)
        )
        if _FORWARDED.match(line) or block:
            own = "\n".join(lines[start:index]).strip()
            if _FORWARDED.match(line) or not re.search(r"\d[.,]\d", own):
                if not re.search(r"\d[.,]\d", own):
                    below = chain("\n".join(lines[index + (1 if not block else 0) :]).lstrip("\n"))
                    return below._replace(
                        top=below.top,
                        subject=below.subject or subject,
                        when=below.when or when,
                        sender=below.sender or sender,
                    )
            cut = index
            break
        if _QUOTED_FROM.match(line) or (_QUOTED_FROM.match(joined) and len(line) > 20):
            cut = index
            break
        if re.match(r"^\s*>", line):
            after = [one for one in lines[index:] if one.strip() and not re.match(r"^\s*>", one)]
            if not after or len("".join(after)) < 30:
                cut = index
                break
    top_lines = [line for line in lines[start:cut] if not re.match(r"^\s*>", line)]
    # Answers between quoted lines: the quoted ones are older all the same.
    inner = [line for line in lines[start:cut] if re.match(r"^\s*>", line)]
    earlier = [re.sub(r"^[\s>]+", "", line) for line in [*inner, *lines[cut:]]]
    top = "\n".join(top_lines)
    if not re.search(r"\d[.,]?\d", top) and inner and not cut < len(lines):
        return Chain(
            "\n".join(re.sub(r"^[\s>]+", "", line) for line in inner), "", sender, subject, when
        )
    return Chain(top, "\n".join(earlier), sender, subject, when)


def _found(pattern: re.Pattern[str], line: str, name: str) -> str:
    match = pattern.match(line)
    return match[name].strip() if match else ""


_PIPE = re.compile(r"\s*\|\s*")
_RULE = re.compile(r"^[\s|+:=_*#-]{3,}$")
_BULLET = re.compile(r"^\s*(?:[-*•·●▪–—>]|\(?\d{1,2}[.)]|\(?[a-hA-H][.)])\s+")


def lines_of(text: str, *, columns: bool = True) -> tuple[tuple[str, ...], ...]:
    """Lines of cells: pipes, tabs and gaps part cells; wrapped prose becomes one line again."""
    out: list[tuple[str, ...]] = []
    wrapped = ""
    for raw in text.split("\n"):
        line = raw.rstrip()
        if _RULE.match(line) or not line.strip():
            out.append(())
            wrapped = ""
            continue
        cells = _cells(line, columns=columns)
        if (
            len(cells) == 1
            and wrapped
            and not _BULLET.match(line)
            and not re.match(r"^\s*[A-ZÁÉÍÓÚÇ][\w ./()%-]{1,40}:", line)
        ):
            before = out[-1][0] if out and len(out[-1]) == 1 else ""
            if before and _goes_on(before, cells[0], len(wrapped)):
                out[-1] = (f"{before} {cells[0]}",)
                wrapped = line
                continue
        out.append(cells)
        wrapped = line if len(cells) == 1 else ""
    return tuple(out)


_UNFINISHED = re.compile(
    r"(?:,|\b(?:a|an|the|in|of|per|with|for|and|or|our|at|to|is|are|on|from|by|as|that|de|da|do|dos|das|em|na|no|com|por|para|e|ou|um|uma|ao|en|el|la|los|las|con|y|o|un|una|al|del|que|su|sua|seu|USD|EUR|US\$|R\$|€|\$))$",
    re.IGNORECASE,
)


def _goes_on(before: str, line: str, width: int) -> bool:
    """Whether a line continues the one before: that one stops in mid-sentence, or was full."""
    if before.endswith((".", ";", "!", "?", ":")):
        return False
    if _UNFINISHED.search(before):
        return True
    if line[:1].islower():
        return width >= 40
    return (
        width >= 66 and not line[:1].isupper() and not re.match(r"\d{1,3}\s?(?:[x×)-]|GPU)", line)
    )


def _cells(line: str, *, columns: bool) -> tuple[str, ...]:
    body = line.strip()
    if body.count("|") >= 2 or (body.count("|") == 1 and re.search(r"\s\|\s", body)):
        return tuple(_PIPE.split(body.strip("|").strip())) if body.strip("| ") else ()
    if "\t" in body:
        return tuple(cell.strip() for cell in body.split("\t"))
    if columns and re.search(r"\S {2,}\S", body):
        parts = [cell for cell in re.split(r" {2,}", body) if cell]
        # Two blanks after a full stop are typists' habit, no columns.
        if not any(re.search(r"[.!?:]$", cell) and len(cell) > 50 for cell in parts[:-1]):
            return tuple(parts)
        return (re.sub(r" {2,}", " ", body),)
    return (body,)
