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
    asked: tuple[tuple[str, ...], ...] = ()
    """Quoted lines that the message answers one by one: they name what is spoken of."""
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
    """The message of a chain that counts, what it quotes, and its own headers."""

    top: str
    earlier: str
    sender: str = ""
    subject: str = ""
    when: str = ""
    asked: str = ""
    """Quoted lines that are answered one by one between them."""
    below: bool = False
    """Whether newer messages without any sum stood above it."""


def chain(text: str) -> Chain:
    """The newest message that states a sum; a newer one that only passes it on says nothing."""
    first = part = _newest(_without_disclaimer(text))
    for _ in range(MOST_QUOTED):
        if states_a_sum(part.top):
            return (
                part
                if part is first
                else part._replace(subject=part.subject or first.subject, below=True)
            )
        if not part.earlier.strip() or _WITHDRAWN.search(part.top):
            break
        part = _newest(part.earlier)
    return first


MOST_QUOTED = 40
"""Messages of a chain that are looked at."""


_WITHDRAWN = re.compile(
    r"\b(?:withdr[ae]w\w*|no longer (?:valid|available|on offer)|cancel(?:led|ed)?|superseded|void|expired"
    r"|retirad[ao]s?|cancelad[ao]s?|sem efeito|sin efecto|não (?:é|está) mais|ya no (?:es|está)|vencid[ao]|caducad[ao])\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\?\s*$|\b(?:can you|could you|would you|we (?:need|want|hoped?|would need|were hoping)|target|budget|match"
    r"|vocês? (?:conseguem|consegue|podem)|consegue\w*|orçamento|podrían?|pueden|presupuesto|nearer to)\b",
    re.IGNORECASE,
)
_A_SUM = re.compile(
    r"[$€£]\s?\d|\d\s?€|\b(?:USD|EUR|GBP|BRL|MXN|CHF)\s?\d|\d\s?(?:USD|EUR|GBP|BRL|MXN|CHF)\b"
    r"|(?<![\d.,])\d{1,6}[.,]\d{1,4}(?![\d.,])(?!\s?(?:%|TB|Tb|GB|Gb|PB|h\b))|\b(?:cents|centavos)\b",
)


def states_a_sum(text: str) -> bool:
    """Whether a message holds a sum that is not only asked for."""
    return any(
        _A_SUM.search(part) and not _ASKS.search(part)
        for part in re.split(r"(?<=[.!?;])\s+|\n", text)
    )


_DISCLAIMER = re.compile(
    r"^[^\n]{0,80}\b(?:confidential\w*|privileged|intended (?:only |solely )?(?:recipient|for)|confidencial\w*|destinatári[oa]|destinatario|legalmente)\b",
    re.IGNORECASE,
)
_DISCLAIMS = re.compile(
    r"\b(?:e-?mail|message|mensagem|mensaje|correo|attachments?|anexos?|adjuntos?)\b[^\n]{0,400}\b(?:recipient|privileged|delete|destinat|apague|elimin|notif)",
    re.IGNORECASE,
)


def _without_disclaimer(text: str) -> str:
    """The text without the lawyers' paragraph that mail systems put under a message."""
    return "\n".join(
        ""
        if len(line) > 60
        and (_DISCLAIMER.search(line) or _DISCLAIMS.search(line))
        and _DISCLAIMS.search(line)
        else line
        for line in text.split("\n")
    )


_WROTE = re.compile(
    r"^\W*(?:On|Em|El|Le)\b(?P<when>.*?)(?:<(?P<mail>[^>\s]+@[^>\s]+)>)?[\s,]*(?:wrote|writes|escreveu|escribi[óo]|a écrit)\s?:",
    re.IGNORECASE,
)


def _newest(text: str) -> Chain:
    """The uppermost message, with its own headers, apart from what it quotes."""
    lines = text.strip("\n").split("\n")
    sender = subject = when = ""
    start = 0
    while start < len(lines) and (not lines[start].strip() or _opens(lines, start)):
        joined = " ".join(line.strip() for line in lines[start : start + 2])
        wrote = _WROTE.match(joined) if lines[start].strip() else None
        if wrote:
            sender, when = _writer(wrote), wrote["when"].strip(" ,")
            start += 1 if _QUOTED_FROM.match(lines[start]) else 2
            continue
        start += 1
    own = _headers(lines, start)
    if own is not None:
        sender, subject, when, start = own
    cut = next(
        (
            index
            for index in range(start, len(lines))
            if _opens(lines, index) or _headed_by(lines, index) or _all_quoted(lines, index)
        ),
        len(lines),
    )
    top = [line for line in lines[start:cut] if not re.match(r"^\s*>", line)]
    # Answers between quoted lines: the quoted ones are older all the same.
    asked = [re.sub(r"^[\s>]+", "", line) for line in lines[start:cut] if re.match(r"^\s*>", line)]
    earlier = [re.sub(r"^\s*>\s?", "", line) for line in lines[cut:]]
    if not any(line.strip() for line in top) and asked and cut == len(lines):
        return Chain("\n".join(asked), "", sender, subject, when)
    return Chain("\n".join(top), "\n".join(earlier), sender, subject, when, "\n".join(asked))


def _opens(lines: list[str], index: int) -> bool:
    """Whether an older message begins at a line, by the words that programs put there."""
    line = lines[index]
    if _FORWARDED.match(line) or _QUOTED_FROM.match(line):
        return True
    joined = line + " " + (lines[index + 1].strip() if index + 1 < len(lines) else "")
    return len(line) > 20 and bool(_QUOTED_FROM.match(joined))


def _headed_by(lines: list[str], index: int) -> bool:
    return bool(_FROM_LINE.match(lines[index])) and (
        sum(1 for one in lines[index : index + 5] if _HEADER.match(one)) >= 3
    )


def _all_quoted(lines: list[str], index: int) -> bool:
    """Whether nothing of weight stands outside quotation marks from a line on."""
    if not re.match(r"^\s*>", lines[index]):
        return False
    after = [one for one in lines[index:] if one.strip() and not re.match(r"^\s*>", one)]
    return len("".join(after)) < 30


def _headers(lines: list[str], start: int) -> tuple[str, str, str, int] | None:
    """Sender, subject, date and the first line below, where headers stand at the top."""
    sender = subject = when = ""
    heads, at = 0, start
    for at in range(start, min(len(lines), start + 14)):
        line = lines[at]
        if not _HEADER.match(line):
            if heads or line.strip():
                break
            continue
        heads += 1
        sender = sender or _found(_FROM_LINE, line, "who")
        subject = subject or _found(_SUBJECT_LINE, line, "what")
        when = when or _found(_DATE_LINE, line, "when")
    return (sender, subject, when, at) if heads >= 2 else None


def _writer(wrote: re.Match[str]) -> str:
    """ "Lena Vogt <lena@nebius.com>" out of the line that opens a quoted message."""
    name = re.split(r"\d(?:\s?[AP]M)?,?\s|,\s", wrote["when"])[-1].strip(" ,")
    return f"{name} <{wrote['mail']}>" if wrote["mail"] else name


def _found(pattern: re.Pattern[str], line: str, name: str) -> str:
    match = pattern.match(line)
    return match[name].strip() if match else ""


_PIPE = re.compile(r"\s*\|\s*")
_RULE = re.compile(r"^[\s|+:=_*#-]{3,}$")
_BULLET = re.compile(r"^\s*(?:[-*•·●▪–—>]|\(?\d{1,2}[.)]|\(?[a-hA-H][.)])\s+")


_LEADERS = re.compile(r"(?<=\w)\s*\.{3,}\s+(?=\S)")
"""Dots between a label and its value."""


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
        line = _LEADERS.sub(": ", line)
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
