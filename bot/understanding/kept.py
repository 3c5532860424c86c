"""Rules 3 and 4: what people ask us to keep doing, and lists, changes and ends of it."""

from __future__ import annotations

from bot.understanding import cues
from bot.understanding.reading import Reading


def watches(reading: Reading) -> str | None:
    """Lists, drops: alerts that exist already."""
    if reading.says(cues.ALERT_NOUN) and not reading.says(cues.DIGEST_NOUN):
        if reading.says(cues.STOP) and not reading.limits and not reading.says("quando|when|if|se"):
            return "unwatch"
        if reading.says(
            "stop watching|stop monitoring|stop tracking|stop alerting|stop notifying|don't alert*|dont alert*|para de avisar|para de monitorar|pare de avisar|pare de monitorar|deixa de monitorar|nao me avisa mais|nao avisa mais|nao precisa mais avisar"
        ):
            return "unwatch"
        if (
            reading.says(cues.LIST)
            and not reading.limits
            and not reading.says(cues.WHEN)
            and reading.says(
                "alerts|watches|notifications|alarms|trackers|alertas|avisos|monitoramentos|notificacoes|alarmes|monitorando|watching|tracking|monitoring|monitored|alert|alerta|acompanhando"
            )
            and not reading.says(
                "set an|create*|criar|cria|add|new|novo|set up an|make|bota|coloca|quero um"
            )
        ):
            return "watches"
    if reading.says(
        "stop watching|stop alerting|stop notifying|stop pinging|stop tracking|stop monitoring|stop telling|stop warning|no longer watch|don't ping|don't notify|unsubscribe me from|nao me avisa mais|nao avisa mais|nao me avisem mais|para de me avisar|parar de avisar|parar de monitorar|para de acompanhar|nao quero mais ser avisad*|nao me avise mais|nao monitora mais|nao monitore mais"
    ):
        return "unwatch" if not reading.says(cues.DIGEST_NOUN) else None
    return None


def watch(reading: Reading) -> str | None:
    """3. "tell me when or if a price ..."."""
    if reading.says(cues.DIGEST_NOUN) and reading.says(cues.REPEATED):
        return None
    if (
        reading.says(cues.TELL)
        and reading.says(cues.WHEN)
        and (
            reading.subject
            or reading.limits
            or reading.sums
            or reading.providers
            or reading.says(cues.PRICE)
        )
    ):
        if reading.looks_back or (
            reading.says("tell me|me fala|me diz|me diga|me conta")
            and not (
                reading.limits
                or reading.says(
                    "drop*|fall*|goes|go|hits|rises|below|under|cair*|baixar|chegar|subir|passar|available|disponive*|aparecer|appear*|changes|mudar|show up|shows up|turn up|turns up|pop up|pops up|comes|lands|listed|in stock|surgir|entrar|tiver|houver|pintar"
                )
            )
        ):
            return None
        return "watch"
    if reading.says(cues.WATCH) and (reading.cards or reading.limits or reading.has("memory_gb")):
        return "watch"
    if (
        reading.says(cues.TELL)
        and reading.limits
        and reading.cards
        and not reading.says(cues.REPEATED)
        and reading.says("alert*|ping|warn|notify|avis*|notific*")
    ):
        return "watch"
    return None


def digest(reading: Reading) -> str | None:
    """4. A message with prices at a repeated time; stopping and listing them."""
    noun = reading.says(cues.DIGEST_NOUN)
    when = reading.draft.found.get("schedule")
    if (
        noun
        and reading.says(cues.STOP)
        and (when is None or when.time is None)
        and not reading.limits
    ):
        return "digest_stop"
    if (
        reading.says(cues.STOP)
        and reading.says(
            "weekly*|daily*|monthly*|semana*|diari*|mensa*|monday*|friday*|segunda*|sexta*|every|toda*"
        )
        and reading.says(
            "post|posts|posting|sending|message*|update*|email*|mensage*|envio*|manda*|enviar|price*|preco*|atualizac*"
        )
    ):
        return "digest_stop"
    if noun and reading.says(
        "next digest|next report|next summary|proximo resumo|proximo relatorio"
    ):
        return "digests"
    if (
        noun
        and not reading.says(cues.REPEATED)
        and not reading.has("schedule")
        and reading.says(cues.LIST)
        and reading.says(
            "digests|summaries|reports|scheduled|resumos|relatorios|boletins|agendad*|programad*|active|ativ*|digest|which|quais|standing|configurad*|subscriptions"
        )
        and not reading.cards
    ):
        return "digests"
    if (
        reading.says("scheduled|agendad*|programad*|recurring|recorrentes")
        and noun
        and reading.says(cues.LIST)
        and not reading.has("schedule")
    ):
        return "digests"
    if (
        reading.says(cues.REPEATED)
        and reading.says(cues.SEND)
        and not (
            reading.has("workload")
            and not noun
            and not reading.says("send|post|manda*|envia*|posta*|prices|precos")
        )
    ):
        if (
            reading.says("cost|costs|custo*|bill|estimate")
            and not noun
            and not reading.says("send|post|manda*|envia*|posta*")
        ):
            return None
        if reading.says("do i need|do we need|preciso mesmo|should we"):
            return None
        return "digest"
    if noun and (reading.says(cues.REPEATED) or (reading.has("schedule") or reading.has("every"))):
        return "digest"
    if (
        reading.says(
            "send|post|manda*|mande|envia*|envie|posta*|poste|publica*|publish|share|deliver|drop"
        )
        and (reading.has("schedule") or reading.has("every"))
        and not reading.limits
    ):
        return "digest"
    if noun and reading.says(
        "set up|setup|schedule|create|start|subscribe|sign me up|sign us up|turn on|enable|cria*|crie|agenda*|agende|configura*|ativa*|assinar|quero|inscrev*|liga*|want|i'd like|add"
    ):
        return "digest"
    return None
