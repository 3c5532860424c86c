"""Verbs about orders that stand already: pause, resume, snooze, change, send now.

They count only at the beginning, as an order is spoken: "pause the digest", "digest pause".
"""

from __future__ import annotations

from bot.understanding.draft import Pattern

_START = r"^(?:(?:please|pls|can you|could you|por favor|pode|voce pode|favor)\s+)?"
_VERBS = {
    "pause": "pause|pausar|pausa|pausem|mute",
    "resume": "resume|unpause|unmute|reactivate|restart|retomar|retoma|retome|reativar|reativa|reative|despausar",
    "snooze": "snooze|adiar|adia|adie|soneca|silenciar|silencia|silencie",
    "change": "change|reschedule|move|edit|mudar|muda|mude|alterar|altera|altere|remarcar|remarca",
}
_SEND = "send|post|deliver|manda|mande|mandar|envia|envie|enviar|posta|poste|postar"
_NOW = "now|immediately|agora|imediatamente"
_DIGESTS = r"(?:digests?|summary|summaries|reports?|recap|roundup|newsletter|bulletin|briefing|resumos?|relatorios?|boletim|boletins|informe)"
_WATCHES = r"(?:watch|watches|alerts?|alarms?|notifications?|alertas?|alarmes?|avisos?|monitoramentos?|monitorar)"
_UNITS = "d|days?|weeks?|months?|dias?|semanas?|mes|meses|h|hours?|horas?"
_HINTS = frozenset("|".join((*_VERBS.values(), _NOW)).split("|"))
_RULES = (
    *(
        (intent, action, Pattern(pattern))
        for intent, noun, actions in (
            ("digest", _DIGESTS, ("pause", "resume", "change")),
            ("watch", _WATCHES, ("pause", "resume", "snooze")),
        )
        for action in actions
        for pattern in (
            rf"{_START}(?:{_VERBS[action]})\s+(?:\S+\s+){{0,4}}?{noun}\b",
            rf"^{noun}\s+(?:#?\d+\s+)?(?:{_VERBS[action]})\b",
        )
    ),
    # Only watches are snoozed: "snooze #1" says enough, but "snooze 3 days" names none.
    ("watch", "snooze", Pattern(rf"{_START}(?:{_VERBS['snooze']})\s+#?\d+\b(?!\s?(?:{_UNITS})\b)")),
    (
        "digest",
        "now",
        Pattern(rf"{_START}(?:{_SEND})\s+(?:\S+\s+){{0,3}}?{_DIGESTS}\b.*\b(?:{_NOW})\b"),
    ),
    ("digest", "now", Pattern(rf"^{_DIGESTS}\s+(?:{_NOW})\b")),
)


def order(folded: str) -> tuple[str, str] | None:
    """(`digest` or `watch`, action) when the text changes what stands; else None."""
    if _HINTS.isdisjoint(folded.split()):
        return None  # nearly every question: no pattern is compiled for those
    for intent, action, pattern in _RULES:
        if pattern.search(folded):
            return intent, action
    return None
