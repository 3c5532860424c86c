"""Words that carry no filter of their own: cue words of the intents and the small words of both
languages. What stands outside is said back to the asker."""

from __future__ import annotations

import re

from bot.understanding import cues, language
from bot.understanding.command_word import COMMAND_WORDS


def _words() -> frozenset[str]:
    text = " ".join(
        value for name, value in vars(cues).items() if name.isupper() and isinstance(value, str)
    )
    return frozenset(re.findall(r"[a-z][a-z0-9-]+", text))


KNOWN = (
    _words()
    | language._PT  # noqa: SLF001  the same small words, listed once
    | language._EN  # noqa: SLF001
    | frozenset(COMMAND_WORDS)
    | frozenset(
        """nvidia amd intel rent rental rented hour hourly gpu-hour gpu-hours gpus region regions also using used give gives team
        offers offer option options setup set-up just like something around roughly about approximately maybe possible today cloud
        clouds providers provider vendor vendors please latest best good instances instance cluster clusters dollars dollar cents
        want wants looking need needs needed ram vram memory memoria nesse nessa regiao regioes aluguel gente pessoal galera total
        atual atualmente disponivel disponiveis available availability capacity which whose them they their then even still really
        nightly overnight urgent urgently asap deadline immediately urgente noturno noturna pressa prazo
        hipaa gdpr lgpd personal dados pessoais sensitive sensiveis egress
        model models modelo modelos parameters parametros tokens token context contexto users usuarios production producao""".split()
    )
)
