"""What the asker wants. `RULES` is the one ordered list; the first that applies decides.

Cues are phrases between single blanks, looked up in the folded text; a trailing "*" lets a word
run on ("cheap*" is cheaper and cheapest).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.understanding import cues, kept, standing
from bot.understanding.command_word import command
from bot.understanding.reading import Reading, pattern

Rule = tuple[str, Callable[[Reading], str | None]]

_ORDER = re.compile(r"@(?:channel|here|everyone)")
_GREETING_FILL = frozenset(
    "there bot everyone all team folks guys friend again so much very a lot you pessoal gente galera time todos todas turma amigo amigos robo muito mesmo demais pela ajuda pelo the that help for your quartermaster o a and e meu caro well hello hi hey oi ola buddy mate man dude good how is it going are doing today hoje com voce tudo bem bom certo ai de nova novo noite dia tarde really tips answer reply info resposta dica was useful works people channel y'all yall to viu ne".split()
)


def _scope(reading: Reading) -> str | None:
    """2. Out of scope, or an attempt to change the rules."""
    if _ORDER.search(reading.draft.folded):
        return "out_of_scope"
    if not reading.says(cues.SCOPE):
        return None
    # A weak cue beside a real question about GPUs is only a word of it.
    strong = (
        "ignore*|ignora*|disregard|forget*|esque*|pretend|finja|finge|act as|aja como|jailbreak|developer mode|override|bypass|password*|senha*|credential*|credenciais|secret|secrets|segredo*|api key*|chave*|token of|your token|bot token*|bot_token|slack_bot_token|system prompt|your prompt|stock*|shares|share price|acoes|acao da|bitcoin|btc|ethereum|crypto*|cripto*|coin|coins|joke*|piada*|poem*|haiku|weather|previsao do tempo|"
        "python script|write a*|write me*|write python|write code|script that|script em|escrev*|nvda|crwv|ping everyone|tag everyone|everyone in the channel|env var*|environment variable*|variave*|.env|mine crypto|translate|traduz*|todo mundo|drop table|delete from|rm -rf|pra todo mundo"
    )
    if (
        reading.cards
        or reading.has("model")
        or (reading.subject and (reading.says(cues.PRICE) or reading.has("workload")))
    ):
        return "out_of_scope" if reading.says(strong) and not _benign(reading) else None
    return "out_of_scope"


def _benign(reading: Reading) -> bool:
    """Words of the strong list that a buyer uses too: "ignore AWS", "share of", "write-heavy"."""
    if reading.says("in stock|out of stock|em estoque") and not reading.says("share*|acoes"):
        return True
    return reading.has("exclude_providers") and not reading.says(
        "instruc*|instructions|rules|regras|prompt|password*|senha*|secret*"
    )


def _sources(reading: Reading) -> str | None:
    if (
        reading.says(cues.SOURCES)
        and not reading.cards
        and not reading.has("model")
        and not reading.sums
    ):
        if reading.providers and not reading.says(
            "price*|preco*|data|dados|numbers|figures|numeros|valores|quotes"
        ):
            return None
        if reading.has("workload") and not reading.says("price*|preco*"):
            return None
        if reading.says("second source|open source|sources of supply|source of capacity"):
            return None
        return "sources"
    if (
        reading.says(cues.SOURCES)
        and reading.cards
        and reading.says(
            "how old*|how fresh*|how recent*|how current*|how stale*|de quando*|come from|comes from|coming from|de onde vem|de onde sa*|de onde tir*|source*|fonte*|last updated|last refresh*|quando foi atualiz*|atualizad*"
        )
    ):
        return "sources"
    return None


def _budget(reading: Reading) -> str | None:
    """5. A sum of money in all, unless somebody already pays it."""
    if not reading.sums and not reading.has("currency"):
        return None
    if reading.says(
        "overpay*|too much|paid|we pay|we're paying|we are paying|i pay|i'm paying|paying|are paying|fair|reasonable|pagamos|pagando|paguei|pago|justo|caro demais|cara demais|e caro|e muito|quoted|cotaram|cobraram|charged|were charged|last month|mes passado|ripped off|good deal|razoavel"
    ) and not reading.says(
        "budget|orcamento|what can|how long|how many hours|quantas horas|quanto tempo|dura|last me|would last|will last"
    ):
        return None
    if reading.says(
        "buy our own|buy our|buying our|buy or rent|rent or buy|or rent|or keep renting|ou alugar|ou continuar alugando|comprar nossas|comprar ou alugar|alugar ou comprar|comprar um servidor|buy a server|on-prem*"
    ):
        return None
    return "budget"


def _history(reading: Reading) -> str | None:
    """6. It looks back."""
    if reading.limits and not reading.looks_back:
        return None
    if reading.sums:
        return None
    if reading.has("model") and not reading.cards:
        return None
    if (
        reading.looks_back
        and (
            reading.subject
            or reading.says(cues.PRICE)
            or reading.providers
            or reading.says(cues.HISTORY)
        )
        and not reading.paid
    ):
        return "history"
    if reading.says(cues.HISTORY) and (reading.subject or reading.says(cues.PRICE)):
        if (
            reading.providers == 1
            and not reading.cards
            and not reading.says(cues.PRICE)
            and not reading.says(cues.GPU_WORDS)
        ):
            return None
        if reading.says(
            "should we wait|should i wait|wait or|vale esperar|worth waiting|esperar ou"
        ):
            return None
        return "history"
    return None


def _fit(reading: Reading) -> str | None:
    """7. A named model, or a model size, and the GPU or memory it needs."""
    if not reading.has("model"):
        return None
    asks_need = reading.says(
        "do we need|do i need|do we really|do i really|really need|should we|should i|is it worth|vale a pena|compensa|precisa mesmo|preciso mesmo|precisamos mesmo|faz sentido|overkill|exagero|on cpu|on a cpu|on cpus|em cpu|na cpu|sem gpu|without a gpu|without gpu*|need a gpu|need gpus|preciso de gpu|preciso de uma gpu|precisamos de gpu*|precisamos de uma gpu|precisa de gpu|mesmo de gpu|can we just|can i just|makes sense|make sense|buy or rent|rent or buy|devo|devemos|spot safe|use spot|usar spot|worth"
    )
    what = reading.says(
        "what gpu*|which gpu*|what card*|which card*|how many|how much vram|how much memory|what do i need|what do we need|fit|fits|cabe|cabem|qual gpu|quais gpus|que gpu|que placa|qual placa|quantas|quanta memoria|quanta vram|what hardware|which hardware"
    )
    if asks_need and not what:
        return None
    if what or not reading.has("hours"):
        if (
            not what
            and reading.cards
            and reading.says(cues.SUPERLATIVE)
            and not reading.says(cues.FIT)
        ):
            return None
        return "fit"
    return "fit" if reading.says(cues.FIT) and not reading.says(cues.ESTIMATE) else None


def _advise(reading: Reading) -> str | None:
    """8. A recommendation; one named provider's safety or background is `provider`."""
    found = reading.draft.found
    one_seller = reading.providers == 1 and not found.get("exclude_providers")
    against = reading.has("_billings") or reading.has("_tiers")
    if reading.paid and (
        reading.says(cues.ADVISE)
        or reading.says(
            "pay*|pag*|quoted|quote|offered|offer|oferecer*|oferta|cobr*|fechar|deal|cotac*|ok|okay|good|bad|bom|boa|high|low|alto|baixo|normal|market|mercado|list price|negociar|negotiat*|accept|aceit*"
        )
    ):
        return "advise"
    if reading.says(
        "overpay*|pagando caro|pagando demais|pagar caro|paying too much|fair|justo|caro demais|ripped off|good deal"
    ) and (reading.cards or reading.paid or reading.sums):
        return "advise"
    if reading.says(cues.SIZING) and reading.says("or|ou|vs|versus|than|instead of"):
        return "advise"
    asks_seller = reading.says(cues.PROVIDER)
    safety = reading.says(cues.SAFETY)
    if one_seller and not safety and reading.says("should we|should i|devemos|devo|deveriamos"):
        return "advise"
    if (
        one_seller
        and not reading.cards
        and not reading.has("workload")
        and asks_seller
        and not reading.paid
        and not reading.has("tier")
        and not against
    ):
        if not reading.says(
            "should we leave|should we move|leave|move off|moving off|switch from|sair da|sair do|migrar|trocar|stay on|stay with|worth|vale a pena|compensa|price*|preco*|cost*|cust*|how much|quanto|faz sentido|makes sense|make sense"
        ) or reading.says(
            "safe|risk*|bankrupt*|confiave*|confiar|trust*|falir|falencia|quebrar|seguro|segura|reliable|go under|sla|ownership|owns|dono|dona"
        ):
            return "provider"
    if (
        one_seller
        and asks_seller
        and reading.says(
            "safe|risk*|bankrupt*|confiave*|falir|falencia|quebrar|seguro|segura|reliable|reliability|trust*|go under|goes under|sla|uptime|who owns|dono|dona|tell me about|me fala|legit|shut down|shuts down|saude|health"
        )
        and not reading.paid
        and not reading.says("should we leave|overpay*")
        and not (reading.has("tier"))
    ):
        return "provider"
    if reading.says(cues.ADVISE):
        if (
            reading.cards
            and not reading.says(cues.NEED_VERBS)
            and reading.says("affordable")
            and not against
        ):
            return None
        if (
            reading.says(cues.SUPERLATIVE) or reading.providers > 1 or reading.cards > 1
        ) and not _strong_advice(reading):
            return None
        return "advise"
    if against and not reading.says(
        "price*|cost*|how much|quanto|preco*|compare*|compara*|history|custa*"
    ):
        return "advise"
    if against and (reading.says("better|melhor|or|ou|should")):
        return "advise"
    if (
        reading.says(
            "which is better|which one is better|qual e melhor|o que e melhor|better for|melhor pra|melhor para|is better"
        )
        and reading.cards
    ):
        return "advise"
    return None


def _strong_advice(reading: Reading) -> bool:
    return reading.says(
        "should we|should i|shall we|is it worth|worth moving|worth switching|worth leaving|worth renting|cheaper than renting|cheaper to own|renting or owning|owning or renting|sensible|alternative to|alternatives to|one big|a single big|several small*|sera que|worth it|worth reserving|worth paying|worth buying|vale a pena|compensa|do we need|do i need|do we really|do i really|really need|preciso mesmo|precisa mesmo|precisamos mesmo|faz sentido|does it make sense|make sense|makes sense|overpaying|recommend*|recomenda*|which is better|qual e melhor|better to|e melhor|seria melhor|good idea|boa ideia|devo|devemos|deveriamos|deveria|advice|is it better|better off|o que e melhor|overkill|exagero|on cpu|em cpu|sem gpu|without a gpu|safe for|safe to|arriscad*|risky|wait for|wait until|esperar|single provider|um so provedor|rent or buy|buy or rent|comprar ou alugar|alugar ou comprar|go with|viable"
    )


def _provider(reading: Reading) -> str | None:
    if (
        reading.providers == 1
        and not reading.cards
        and not reading.has("memory_gb")
        and not reading.has("hours")
    ):
        if reading.says(cues.PROVIDER) and not reading.says(
            "price*|preco*|cost*|quanto|how much|cheapest|mais barat*"
        ):
            return "provider"
        content = [word for word in reading.rest.split() if word.isalpha()]
        if not content:
            return "provider"
    return None


def _compare(reading: Reading) -> str | None:
    """9. Two or more named providers or GPUs, put side by side."""
    many = reading.providers > 1 or reading.cards > 1
    if not many:
        return None
    if reading.says(cues.COMPARE) or reading.says("or|ou"):
        return "compare"
    if reading.says(cues.PRICE) and not reading.says("cheapest|mais barat*|lowest"):
        return "compare"
    if reading.cards > 1 and not reading.says(cues.SUPERLATIVE) and not reading.has("hours"):
        return "compare"
    if reading.providers > 1 and not reading.says(cues.SUPERLATIVE):
        return "compare"
    return None


def _estimate(reading: Reading) -> str | None:
    """10. A length of time with a GPU."""
    if reading.has("hours") and (
        reading.subject or reading.has("count") or reading.says(cues.ESTIMATE)
    ):
        return "estimate"
    return None


def _ranking(reading: Reading) -> str | None:
    """11. A superlative or a price ceiling; otherwise a price word; a bare GPU."""
    if reading.says(cues.SUPERLATIVE) or reading.has("max_price") or reading.limits:
        if (
            reading.subject
            or reading.providers
            or reading.limits
            or reading.has("tier")
            or reading.has("region")
            or reading.has("billing")
            or reading.says(cues.PRICE)
        ):
            return "cheapest"
    if reading.says(cues.PRICE) and (reading.subject or reading.providers):
        return "price"
    if reading.cards or reading.has("memory_gb") or reading.has("unknown"):
        return "cheapest"
    if reading.subject and (
        reading.has("region")
        or reading.has("count")
        or reading.has("billing")
        or reading.has("tier")
        or reading.has("workload")
        or reading.says("rent*|alug*")
    ):
        return "cheapest"
    return None


def _small_talk(reading: Reading) -> str | None:
    if reading.cards or reading.has("model") or reading.has("providers"):
        return None
    if reading.says(cues.GREETING):
        words = pattern(cues.GREETING).sub(" ", reading.text + " ").split()
        left = [word for word in words if word not in _GREETING_FILL and word.isalpha()]
        if not left:
            return "greeting"
    return None


def _help(reading: Reading) -> str | None:
    if reading.cards or reading.has("model") or reading.providers:
        return None
    if reading.says("source|sources|data source*|fonte|fontes|origem|come from|updated|atualiz*"):
        return None
    if reading.says(cues.HELP) and not reading.has("hours") and not reading.sums:
        if reading.says(cues.PRICE) and not reading.says(
            "what can you*|what do you*|o que voce*|o que vc*|how do i use|como uso|como usar|commands|comandos"
        ):
            return None
        if (
            reading.says("help me|me ajuda|can you help|pode me ajudar|options|need help")
            and (reading.subject or reading.says(cues.SUPERLATIVE))
            and reading.says(
                "find*|choose*|pick*|decide*|escolher*|achar*|encontrar*|cheap*|barat*"
            )
        ):
            return None
        return "help"
    return None


def _lone_advice(reading: Reading) -> str | None:
    """A workload alone ("xgboost on 200 GB?") asks whether it needs a GPU."""
    if reading.has("workload") and not reading.has("hours"):
        return "advise"
    if reading.has("tier") or reading.has("_tiers"):
        return "advise"
    return None


def _filter_alone(reading: Reading) -> str | None:
    """ "in europe?", "spot": a filter for the conversation's last question, and nothing else."""
    if not any(
        reading.has(name)
        for name in ("region", "regions", "billing", "tier", "count", "exclude_providers")
    ):
        return None
    from bot.understanding.vocabulary import KNOWN

    return (
        None
        if any(word not in KNOWN for word in reading.rest.split() if len(word) > 2)
        else "cheapest"
    )


def _standing_order(reading: Reading) -> str | None:
    """1. Pause, resume, snooze, send now: what stands already is changed."""
    found = standing.order(reading.text.strip())
    return found[0] if found else None


RULES: tuple[Rule, ...] = (
    ("1 what stands is changed", _standing_order),
    ("1 command word", command),
    ("2 out of scope", _scope),
    ("what stands already", kept.watches),
    ("greeting", _small_talk),
    ("what the bot can do", _help),
    ("3 watch", kept.watch),
    ("4 digest", kept.digest),
    ("where prices come from", _sources),
    ("5 budget", _budget),
    ("6 history", _history),
    ("7 fit", _fit),
    ("8 advise or provider", _advise),
    ("9 compare", _compare),
    ("one provider alone", _provider),
    ("10 estimate", _estimate),
    ("11 cheapest or price", _ranking),
    ("a workload alone", _lone_advice),
    ("a filter alone", _filter_alone),
)


def decide(reading: Reading) -> tuple[str, str]:
    """The intent and the rule that decided it; anything else is out of scope."""
    for name, rule in RULES:
        intent = rule(reading)
        if intent:
            return intent, name
    return "out_of_scope", "nothing else"
