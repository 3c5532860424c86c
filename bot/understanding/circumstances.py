"""What a job's circumstances are: how soon, which data, where from: not scored, used by advice."""

from __future__ import annotations

import re

from bot.understanding.draft import Draft, Pattern, has_any

_PATIENT = Pattern(
    r"\b(?:nightly|overnight|every night|at night|can wait|no rush|no hurry|not urgent|whenever|by (?:the )?morning|patient|"
    r"noturn[ao]s?|de noite|a noite|toda noite|pode(?:m)? esperar|sem pressa|nao (?:e |tem )?(?:urgente|pressa)|ate de manha)\b"
)
_URGENT = Pattern(
    r"\b(?:urgent|urgently|asap|as soon as possible|immediately|deadline|real[- ]?time|tight schedule|"
    r"urgente|urgencia|imediat[ao]|imediatamente|pra ontem|o quanto antes|prazo apertado|tempo real)\b"
)
_EGRESS = Pattern(
    r"(\d+(?:[.,]\d+)?)\s?(tb|pb|gb)\s+(?:of\s+|de\s+)?(?:data\s+|dados\s+|egress|egresso|out|outbound|saida|traffic|trafego|transfer|saem|de saida|going out)"
    r"(?:\s?(?:out|egress|de saida|going out))?(?:\s+(?:a|per|each|por|ao|every)\s+(?:month|mes))?"
)
_REPORTS = (
    ("HIPAA", r"\bhipaa\b"),
    ("SOC 2", r"\bsoc\s?-?2\b"),
    ("ISO 27001", r"\biso\s?-?27001\b"),
    ("PCI DSS", r"\bpci(?:[ -]dss)?\b(?!e)"),
    ("FedRAMP", r"\bfed-?ramp\b"),
    ("GDPR", r"\bgdpr\b|\brgpd\b"),
    ("LGPD", r"\blgpd\b"),
)
_PERSONAL = Pattern(
    r"\b(?:personal data|patient data|health data|medical|pii|phi|customer data|sensitive data|private data|confidential|"
    r"dados pessoais|dados de pacientes|dados de clientes|dados sensiveis|dados privados|sigilos[ao]s?|confidencia(?:l|is))\b"
)
_PUBLIC = Pattern(r"\b(?:public data(?:set)?s?|open data|dados publicos|dados abertos)\b")
_FLAGS = (
    ("residency", r"data residency|must stay in|stay in (?:the )?(?:country|eu|europe)|sovereign|residencia d[eo]s? dados|nao pode(?:m)? sair d|ficar no (?:pais|brasil)|soberan"),
    ("moving", r"\b(?:leave|leaving|move off|moving off|move from|moving from|switch(?:ing)? (?:from|away|to)|migrat\w+|sair d[ao]|saindo d[ao]|migrar|trocar de|mudar de)\b"),
    ("no-checkpoint", r"(?:no|without|can'?t|cannot) checkpoint|sem checkpoint|nao (?:salva|faz) checkpoint"),
    ("prepaid", r"\bpre-?pa(?:y|id|ying)\b|pay(?:ing)? (?:up ?front|ahead|in advance)|\bantecipad[ao]\b|pagar (?:adiantado|antes)"),
    ("future", r"\b(?:will (?:prices?|it|they)|future|next year|in the long run|sector|will last|going to (?:fall|drop|rise)|futuro|ano que vem|vai(?:o|ao)? (?:cair|subir|baixar)|setor)\b"),
    ("full-tuning", r"\bfull(?:[- ]parameter)? (?:fine|tun|sft)|ajuste (?:fino )?completo"),
    ("qlora", r"\bqlora\b"),
    ("lora", r"(?<!q)\blora\b"),
)  # fmt: skip
_STEMS = (
    "night", "noit", "notur", "wait", "esper", "rush", "hurry", "pressa", "urg", "asap", "soon", "immedi", "imedi",
    "deadline", "time", "ontem", "antes", "prazo", "tempo", "morning", "manha", "patient",
)  # fmt: skip


def find(draft: Draft) -> None:
    """`urgency`, `egress_tb`, `compliance`, `data_sensitivity` and the flags of `circumstances`."""
    text = draft.folded
    if has_any(text, _STEMS):
        if _PATIENT.search(text):
            draft.found["urgency"] = "patient"
        elif _URGENT.search(text):
            draft.found["urgency"] = "urgent"
    if has_any(text, ("tb", "pb", "gb")) and (match := _EGRESS.search(draft.rest)):
        amount = float(match.group(1).replace(",", "."))
        draft.found["egress_tb"] = amount * {"gb": 0.001, "tb": 1.0, "pb": 1000.0}[match.group(2)]
        draft.take_match(match)
    if has_any(text, ("hipaa", "soc", "iso", "pci", "ramp", "gdpr", "rgpd", "lgpd")):
        reports = tuple(name for name, pattern in _REPORTS if re.search(pattern, text))
        if reports:
            draft.found["compliance"] = reports
    if has_any(text, ("data", "dados", "pii", "phi", "medic", "confid", "sigil")):
        if _PERSONAL.search(text):
            draft.found["data_sensitivity"] = "personal"
        elif _PUBLIC.search(text):
            draft.found["data_sensitivity"] = "public"


def flags(folded: str) -> tuple[str, ...]:
    """The flags of `circumstances`; read for recommendations only, where they are of use."""
    return tuple(name for name, pattern in _FLAGS if re.search(pattern, folded))
