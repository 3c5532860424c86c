"""What the asker wants. `RULES` is the one ordered list; the first that applies decides.

Cues are phrases between single blanks, looked up in the folded text; a trailing "*" lets a word
run on ("cheap*" is cheaper and cheapest).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from bot.understanding.draft import Draft, padded

Rule = tuple[str, Callable[["Reading"], str | None]]

COMMAND_WORDS = {
    "cheapest": "cheapest", "compare": "compare", "price": "price", "estimate": "estimate",
    "budget": "budget", "fit": "fit", "advise": "advise", "provider": "provider",
    "history": "history", "watch": "watch", "unwatch": "unwatch", "watches": "watches",
    "digest": "digest", "digests": "digests", "sources": "sources", "help": "help",
    "comparar": "compare", "preco": "price", "estimar": "estimate", "estimativa": "estimate",
    "orcamento": "budget", "fornecedor": "provider", "historico": "history",
    "monitorar": "watch", "resumo": "digest", "ajuda": "help",
}  # fmt: skip


@cache
def _pattern(phrases: str) -> re.Pattern[str]:
    """One pattern for a |-separated list of phrases; "*" at the end lets the word run on."""
    parts = [
        re.escape(phrase.rstrip("*")) + ("" if phrase.endswith("*") else "(?= )")
        for phrase in phrases.split("|")
    ]
    return re.compile(" (?:" + "|".join(parts) + ")")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a rule may look at."""

    text: str
    """The whole folded text as words between blanks."""
    rest: str
    """What no finder took, likewise."""
    draft: Draft
    sums: int
    """Totals of money that were stated."""
    paid: bool
    """A rate stands there without a limit word."""
    limits: tuple[str, ...]
    """Sides of the limits on a rate."""
    looks_back: bool

    def says(self, phrases: str) -> bool:
        return _pattern(phrases).search(self.text) is not None

    def has(self, name: str) -> bool:
        return bool(self.draft.found.get(name))

    @property
    def cards(self) -> int:
        return len(self.draft.found.get("accelerators", ())) + bool(self.has("variants"))

    @property
    def providers(self) -> int:
        return len(self.draft.found.get("providers", ()))

    @property
    def subject(self) -> bool:
        """A card, a memory size, GPUs in general."""
        return bool(
            self.cards or self.has("memory_gb") or self.has("unknown") or self.says(_GPU_WORDS)
        )


_GPU_WORDS = "gpu|gpus|card|cards|placa|placas|graphics*|accelerator*|acelerador*|tpu|tpus"
_SUPERLATIVE = (
    "cheapest|cheepest|cheapes|cheap|cheaper|lowest|least expensive|less expensive|most affordable|affordable|best price*|best deal*|best rate*|best value|best offer*|"
    "low cost|lowest-cost|lowest cost|bargain*|inexpensive|economical|most economical|budget-friendly|rock bottom|cheaply|budget option*|best bang*|"
    "where can i rent|where can we rent|where to rent|where can i get|where can we get|where do i get|where can i find|where can we find|where do i find|where to get|where to find|where should i rent|where should we rent|"
    "where could i|where could we|where is the|who has|who rents|who rent|who offers|who sells|who's got|whos got|who got|who provides|who lists|who is renting|anyone rent*|anyone sell*|anyone offer*|anybody rent*|any provider*|anyone with|anyone have|anybody have|anyone got|which provider*|which cloud*|which vendor*|"
    "find me|get me|looking for|options for|offers for|rank|ranked|ranking|list of|"
    "mais barat*|mais em conta|menor preco*|menor valor*|menor custo*|menores precos|menores valores|melhor preco*|melhor oferta*|melhores oferta*|melhor negocio|melhor valor|melhores precos|preco mais baixo|precos mais baixos|valor mais baixo|custo mais baixo|menos car*|mais economic*|mais acessive*|barat*|baratinh*|em conta|pechincha*|custo-beneficio|melhor custo|preco minimo|menor tarifa|tarifa mais baixa|menor taxa|"
    "onde consigo|onde encontro|onde acho|onde alug*|onde tem|onde posso alugar|onde posso|onde eu alugo|onde da pra|onde conseguimos|onde eu consigo|onde arrumo|onde pego|onde ha|onde existe|onde compens*|quem tem|quem aluga*|quem oferece|quem vende|quem ta alugando|qual provedor|quais provedores|qual fornecedor|qual nuvem|cade|acha ai|acha pra mim|preciso de um* |quero alugar|quero um*|me acha|encontra*|procuro|buscando|busco|alguem aluga|alguem tem|alguem oferece"
)
_PRICE = (
    "price*|pricing|cost*|how much|rate|rates|going rate|going for|quote|quotes|charg*|fee|fees|tariff*|per hour|hourly|list price|worth per hour|run me|set me back|ballpark|how expensive|pay for|$/h|$/hr|"
    "preco*|valor|valores|custa*|custo*|quanto|tarifa*|cobra*|cotacao|cotar|sai por|sai a|a hora|por hora|valor da hora|quanto ta|ta quanto|quanto fica|quanto e|quanto sai|preco da hora"
)
_COMPARE = (
    "vs|versus|compare*|comparison|comparing|compared|difference*|side by side|cheaper|which is cheaper|which one costs less|costs less|cost less|contrast|head to head|against|stack up|better price|who is cheaper|who's cheaper|which costs|better deal|lower price|"
    "compara*|comparativo|comparacao|diferenca*|lado a lado|mais barat*|custa menos|sai menos|contra|frente a|menos car*|qual sai|mais em conta|melhor preco|menor preco|x"
)
_HISTORY = (
    "history|historical|historically|trend*|trajectory|getting cheaper|gotten cheaper|get cheaper|got cheaper|become cheaper|became cheaper|becoming cheaper|getting more expensive|gotten more expensive|getting pricier|gotten pricier|getting expensive|"
    "going down|going up|coming down|come down|came down|gone down|gone up|went up|went down|been falling|been rising|been dropping|been going|falling|rising|dropping over|moved|evolved|evolution|evolve|over time|price chart|chart of|chart|graph|graph of|plot|plot of|fluctuat*|changed|price change*|price move*|movement|has dropped|have dropped|dropped|has fallen|have fallen|fallen|has risen|have risen|climbed|declin*|year over year|month over month|used to cost|used to be|price development|price curve|"
    "historico|tendencia*|variou|variaram|variando|variacao|mudou|mudaram|evoluiu|evoluiram|evolucao|vem caindo|vem subindo|vem baixando|esta caindo|esta subindo|estao caindo|estao subindo|ta caindo|ta subindo|caindo|subindo|baixando|subiu|subiram|caiu|cairam|baixou|baixaram|ficando mais*|ficou mais*|barateou|baratearam|barateando|encareceu|encareceram|encarecendo|ao longo*|grafico|curva de preco*|oscilou|oscilacao|flutu*|de la pra ca|trajetoria|comportou|se comportaram"
)
_ADVISE = (
    "should we|should i|should my|should our|shall we|shall i|should one|should a|is it worth|are we overpaying|am i overpaying|overpaying|overpriced|paying too much|pay too much|too much|too expensive|too high|ripped off|rip-off|ripoff|good deal|fair|fair price|reasonable|decent price|a steal|worth it|worth|worthwhile|does it make sense|do it make sense|makes sense|make sense|make more sense|do we need|do i need|do we really|do i really|really need|need a gpu|need gpus|needs a gpu|need the gpu|actually need|even need|can we just|can i just|could we just|could i just|can we use cpu*|on cpu|on cpus|on a cpu|a cpu|cpu enough|cpus enough|without a gpu|without gpus|without gpu|instead of gpu*|instead of a gpu|is it safe|are they safe|safe for|safe to use|is it risky|how risky|risky|risk of|risks of|better to|better off|is it better|would it be better|which is better|what is better|what's better|recommend*|advice|advise|suggest*|wise|smart to|smarter|sensible|good idea|bad idea|buy our own|buy or rent|rent or buy|buying our own|buying our|own hardware|buy our|buy gpus|buy a|buy the|owning|own our|on-prem*|on prem*|on premise*|or keep renting|or wait|wait for|wait until|wait or|right time|good time|is now a|sign now|lock in now|pros and cons|trade-off*|tradeoff*|what would you|what do you think|overkill|big enough|is one gpu enough|enough for|trust|rely on|can we rely|can i rely|reliable|go with|stick with|switch from|switch to|move off|move from|moving off|leave aws|stay on|stay with|migrate|one provider or|single provider|split across|multi-cloud|multicloud|vendor lock-in|lock-in|alternative to nvidia|alternatives to nvidia|instead of nvidia|tpu instead|amd instead|viable|does anyone need|is a gpu necessary|gpu necessary|necessary|justif*|pay off|break even|break-even|breakeven|"
    "vale a pena|valeria a pena|compensa|compensaria|precisa mesmo|preciso mesmo|precisamos mesmo|precisa de gpu|preciso de gpu|precisamos de gpu|preciso de uma gpu|precisa de uma gpu|preciso realmente|realmente precis*|mesmo de gpu|mesmo de uma|mesmo preciso|faz sentido|faria sentido|pagando caro|pagando demais|pagando muito|pagar caro|caro demais|cara demais|muito caro|muito cara|e caro|e cara|esta caro|esta cara|ta caro|ta cara|preco justo|preco bom|bom preco|justo|justa|razoavel|abusiv*|sem gpu|em cpu|na cpu|no cpu|so com cpu|so cpu|com cpu|numa cpu|cpu da conta|cpu basta|cpu serve|cpu resolve|devo|devemos|deveria*|deveriamos|melhor reservar|melhor usar|melhor alugar|melhor comprar|e melhor|seria melhor|o que e melhor|qual e melhor|qual a melhor|recomenda*|aconselha*|sugere*|sugestao|indica*|boa ideia|ma ideia|comprar ou alugar|alugar ou comprar|comprar nossas|comprar as proprias|comprar gpu*|comprar placas|comprar em vez|comprar servidor*|proprias placas|placas proprias|gpus proprias|gpu propria|hardware proprio|servidor proprio|servidores proprios|seguro usar|segura pra|seguras pra|seguro pra|seguras para|segura para|seguro para|confiaveis|sao seguras|arriscad*|e arriscado|da pra confiar|posso confiar|podemos confiar|vale esperar|esperar|melhor hora|boa hora|hora de assinar|hora de comprar|hora de reservar|hora de fechar|exagero|exagerad*|necessari*|justifica*|da pra usar spot|pode ser spot|usar spot|sair da|sair do|trocar de|trocar a|migrar|um provedor ou|um so provedor|um so fornecedor|depender de|dependencia|alternativa* a nvidia|alternativa* ao nvidia|em vez de nvidia|em vez de gpu*|em vez da nvidia|prefir*|preferivel|o que voce acha|o que acha|da pra fazer sem|daria pra|preciso de a100 pra|preciso de h100 pra|precisa de h100|precisa de a100|e roubada|roubada|furada"
)
_NEED_VERBS = "do i need a*|do we need a*|do i need h*|do we need h*|do i even need|do we even need|need an a100|need an h100"
_PROVIDER = (
    "safe|tell me about|tell us about|what is|what's|what are|who is|who are|who owns|who runs|who is behind|behind|who backs|background|about|reliable|reliability|trust|trustworthy|legit|legitimate|reputable|reputation|risk*|risky|bankrupt*|insolven*|go under|goes under|went under|going under|go bust|goes bust|shut down|shuts down|shutting down|goes down|fold|collapse*|fail|fails|failing|fund*|funding|investors|investor|raised|valuation|ownership|owned|owner|acquir*|acquisition|bought by|merge*|merger|sla|slas|uptime|outage*|downtime|support|health|healthy|stable|stability|solvent|financial*|finances|debt|profitable|compliance|compliant|soc 2|soc2|iso 27001|hipaa|gdpr|certif*|due diligence|vet|vetting|counterparty|headquarter*|based|founded|how old|history of|still around|still in business|still exist*|in trouble|track record|solid|dependable|credit|publicly traded|listed|info on|info about|information on|details on|details about|know about|profile|overview|review|reviews|story behind|the deal with|sign a contract|sign with|to sign|sign 1|sign a|sign for|long term|long-term|viable|survive*|egress|data centers|datacenters|data centres|where is|where are|ok to use|okay to use|good provider|be around|around in|going to exist|disappear|vanish|make it|in business|alive|out of business|stay afloat|"
    "confiavel|confiaveis|confiar|confianca|seguro|segura|me fala|fala sobre|fala da|fala do|me conta|conta sobre|o que e|o que sabe|o que voce sabe|o que vc sabe|quem e|quem sao|quem esta por|dono|dona|donos|controla|investidor*|financ*|falir|falencia|fali*|quebrar|quebra|quebrou|fechar as portas|fechar|fecha|sumir|risco*|arriscad*|solid*|estave*|estabilidade|saude|reputacao|historico da|historico do|suporte|sla|disponibilidade|fora do ar|instavel|comprad*|adquirid*|aquisicao|fundid*|fusao|certific*|conformidade|lgpd|sede|de onde e|e de onde|fundad*|captou|captacao|divida*|lucr*|capital|bolsa|assinar|contratar por|contrato|sobre a|sobre o|informac*|detalhes|vale confiar|presta|e boa|e bom|e furada|golpe"
)
_FIT = (
    "fit|fits|fitting|need to run|need to serve|need for|needed for|needed to|to run|to serve|to host|for running|for serving|for hosting|gpus for|gpu for|which gpu*|what gpu*|what card*|which card*|how many|how much vram|how much memory|vram|memory|run on|runs on|hold|holds|handle*|big enough|enough for|can i run|can we run|can you run|will it run|requirements|require*|hardware|size for|sizing|setup for|smallest|minimum|what do i need|what do we need|"
    "cabe|cabem|caber|caberia|roda|rodar|rodaria|rodo|qual gpu|quais gpus|que gpu|que placa|qual placa|quais placas|quantas|quantos|quanta memoria|quanta vram|preciso pra|preciso para|precisa pra|precisa para|preciso de quantas|da conta|aguenta*|suporta*|requisito*|hardware|pra servir|para servir|pra treinar|para treinar|pra fine*|para fine*|pro fine*|memoria|hospedar|minimo|minima"
)
_ESTIMATE = "estimate*|how much|cost*|bill|total|totals|price*|pay|spend|budget for|expense|run me|set me back|quote|invoice|quanto|custo*|custa*|custaria*|sai|fica|conta|fatura|gasto|gastaria*|gastar|estimativa|estima*|preco|valor|orca"
_BUDGET = "budget|what can i get|what can we get|what do i get|what would i get|what does|how many hours|how long|how far|last|lasts|stretch|afford|buy|buys|get us|get me|keep|with $|spend|to spend|orcamento|verba|com us$|com $|quantas horas|quanto tempo|dura|duram|duraria|rende|renderia|consigo|compra|compro|da pra|gastar|tenho|temos"
_SEND = "send|sends|post|posts|email|mail|dm|message|deliver|share|publish|drop|push|give us|give me|digest*|summar*|report|reports|recap*|roundup|round-up|rundown|update|updates|newsletter|bulletin|briefing|snapshot|overview|prices|price list|schedule*|manda*|mande|envia*|envie|posta*|poste|publica*|publique|resum*|relatorio*|boletim|boletins|informe*|atualizac*|panorama|balanco|apanhado|precos|me passa|joga|solta|agenda*|agende|programa*"
_REPEATED = "every|each|weekly|daily|monthly|on mondays|on tuesdays|on wednesdays|on thursdays|on fridays|mondays|fridays|tuesdays|wednesdays|thursdays|weekdays|once a week|once a day|once a month|per week|toda|todas|todo|todos|semanal*|semanais|diari*|mensal*|mensais|as segundas|as tercas|as quartas|as quintas|as sextas|uma vez por semana|uma vez por dia|uma vez ao dia|cada semana|cada dia|cada segunda|cada sexta"
_DIGEST_NOUN = "digest*|summary|summaries|summarise*|summarize*|report|reports|recap*|roundup|newsletter|bulletin|briefing|resum*|relatorio*|boletim|boletins|informe|informes"
_STOP = "stop|stops|cancel|cancels|end the|end our|end my|kill|turn off|switch off|disable|unsubscribe|no more|delete|remove|drop the|drop my|drop our|drop that|drop this|drop|quit|unschedule|get rid of|dont send|don't send|do not send|shut off|cease|opt out|para de|para com|para o resumo|para o boletim|para o relatorio|para os resumos|para o envio|para o alerta|pare|parar|cancela*|cancele|remove*|remova|desliga*|desligue|desativa*|desative|encerra*|encerre|apaga*|apague|tira|tire|tirar|exclui*|exclua|deleta*|delete|suspende|suspenda|nao quero mais|nao manda mais|nao mande mais|nao precisa mais|acaba com|interrompe|interrompa|sem mais|chega de"
_ALERT_NOUN = "alert|alerts|watch|watches|watching|notification*|notifying|alarm|alarms|tracking|tracker|trackers|monitor*|reminder*|alerta|alertas|aviso|avisos|monitoramento*|monitorando|monitorar|vigia|notificac*|acompanhamento*|acompanhando|alarme*|de olho|de avisar|de me avisar|de alertar"
_LIST = "list|show|which|what|see|view|display|my|our|active|all|current|existing|do i have|do we have|have i|have we|any|are there|set up|running|standing|lista*|liste|mostra*|mostre|quais|que|ver|meus|minhas|nossos|nossas|ativos|ativas|todos|todas|tenho|temos|existem|ha|tem|configurad*|agendad*|cadastrad*"
_TELL = "tell me|tell us|let me know|let us know|alert*|ping|pings|warn|warns|notify|notifies|message me|message us|msg me|dm me|email me|text me|give me a shout|shout|holler|remind me|heads up|heads-up|flag|buzz|nudge|call me|poke me|poke|signal me|slack me|write me|avisa*|avise*|avisar|me avisa*|alerta*|alerte|notifica*|notifique|me chama|chama|chame|me fala|me fale|me diz|me diga|me da um toque|da um toque|da um alo|dispara|manda um alerta|manda mensagem|manda uma mensagem|me manda|me mande|sinaliza|grita|lembra|quero saber|want to know|me conta"
_WHEN = "when|if|once|whenever|as soon as|the moment|in case|should|quando|se|assim que|caso|no momento em que|na hora que|logo que|toda vez que|when*"
_WATCH = "price alert*|set an alert|set up an alert|set alert|create an alert|add an alert|new alert|make an alert|put an alert|an alert for|alert for|alert at|alert on|set a watch|set up a watch|add a watch|put a watch|create a watch|a watch on|start watching|keep an eye|keep watch|keep tabs|monitor|track|watch for|look out for|be on the lookout|on the lookout|cria um alerta|criar um alerta|criar alerta|cria alerta|crie um alerta|coloca um alerta|bota um alerta|poe um alerta|configura um alerta|novo alerta|quero um alerta|quero alerta|alerta de preco|alerta pra|alerta para|monitora|monitore|monitorar|monitorando|fica de olho|fique de olho|ficar de olho|de olho|acompanha|acompanhe|vigia|vigie|rastreia|ativa um alerta|adiciona um alerta|faz um alerta"
_SOURCES = (
    "where do these|where do those|where do the prices|where do your|where do you get|where does this|where does the data|where does your|where are these|where are the prices|where are you getting|where did you get|come from|coming from|comes from|source|sources|data source*|how old are|how old is|how fresh|how recent|how current|how up to date|how up-to-date|how stale|up to date|up-to-date|stale|when were these|when was this|when were the|when was the|last updated|last update|last refresh*|updated|how often|which feeds|what feeds|freshness|provenance|origin of|how do you know|how reliable are these|can i trust these|trust these|trust the prices|trust your|"
    "de onde vem|de onde vieram|de onde sai|de onde saem|de onde sairam|de onde tira*|de onde voce tir*|de onde voces|de onde pega*|de onde sao|de quando|quando foi atualiz*|quando foram atualiz*|quando atualiz*|atualizad*|ultima atualizacao|fonte|fontes|origem|quao recente*|quao atual*|qual a idade|quantos dias tem|data dos precos|data desses|sao recentes|sao atuais|sao de hoje|precos sao de|frequencia|de que dia|esta* desatualizad*|sao confiaveis esses|posso confiar nesses|da pra confiar nesses"
)
_HELP = (
    "what can you do|what can you help|what can you|what can this bot|what can the bot|what can i ask|what can we ask|what do you do|what do you know|what does this bot|what does this|what are you|what are your|who are you|how do i use|how do we use|how to use|how can i use|how does this work|how does it work|how do you work|how does this bot|how do i ask|how should i ask|usage|instructions|commands|command list|list commands|show commands|options|examples|give me examples|example questions|need help|help please|help me|can you help|features|capabilities|manual|get started|getting started|"
    "o que voce sabe|o que voce faz|o que vc faz|o que vc sabe|o que voce pode|o que vc pode|o que sabe fazer|o que consegue|o que voce consegue|o que da pra|o que posso|o que eu posso|o que esse bot|o que este bot|o que o bot|que perguntas|quais perguntas|quais comandos|quais sao os comandos|quais os comandos|lista de comandos|comandos|como uso|como usar|como te uso|como eu uso|como se usa|como usa|como funciona|como voce funciona|como pergunto|como faco pra|como faco para|pode me ajudar|me ajuda|me ajude|preciso de ajuda|quem e voce|pra que voce serve|para que voce serve|pra que serve|exemplos|instrucoes|socorro|ajuda"
)
_GREETING = "hi|hello|hey|heya|hiya|howdy|yo|greetings|good morning|good afternoon|good evening|good night|morning|evening|thanks|thank you|thx|ty|cheers|much appreciated|appreciate it|appreciated|nice work|great job|good job|well done|awesome|perfect|cool|great|bye|goodbye|see you|see ya|later|good bot|what's up|whats up|sup|how are you|how's it going|nice to meet you|oi|oie|ola|opa|e ai|eai|eae|fala|salve|bom dia|boa tarde|boa noite|obrigad*|valeu|vlw|brigad*|muito obrigad*|agradec*|tchau|ate mais|ate logo|ate amanha|tudo bem|tudo bom|tudo certo|beleza|legal|otimo|perfeito|show|massa|parabens|bom trabalho|falou|abraco*|bom te ver|como vai"
_GREETING_FILL = frozenset(
    "there bot everyone all team folks guys friend again so much very a lot you pessoal gente galera time todos todas turma amigo amigos robo muito mesmo demais pela ajuda pelo the that help for your quartermaster o a and e meu caro well hello hi hey oi ola buddy mate man dude good how is it going are doing today hoje com voce tudo bem bom certo ai de nova novo noite dia tarde really tips answer reply info resposta dica was useful works people channel y'all yall to viu ne".split()
)
_SCOPE = (
    "weather|forecast|temperature outside|rain|raining|joke|jokes|funny|story about|poem|poems|haiku|song|lyrics|sing|recipe|recipes|cook|cooking|pizza|lunch|dinner|restaurant*|movie|movies|film|football|soccer|world cup|match tonight|game last night|score of|news|headlines|horoscope|president|election|politics|capital of|population of|translate|translation|bitcoin|btc|ethereum|eth|crypto|cryptocurrency|dogecoin|coin|coins|mine crypto|nft|share price|stock price|stock|stocks|shares|share of|nvda|crwv|ticker|invest in|dividend*|nasdaq|ipo price|portfolio|"
    "password*|passwd|credential*|secret|secrets|api key*|api_key*|apikey*|private key*|access token*|bot token*|bot_token|slack_bot_token|slack_signing_secret|microsoft_app_password|env var*|environment variable*|.env|signing secret|token of|your token|ssh key*|system prompt|your prompt|your instructions|your rules|the rules|previous instructions|prior instructions|all instructions|above instructions|earlier instructions|ignore all|ignore your|ignore previous|ignore the above|ignore everything|disregard|forget your|forget all|forget previous|forget the rules|jailbreak|developer mode|dan mode|act as|pretend|roleplay|role-play|you are now|override|bypass|admin mode|sudo|"
    "@channel|@everyone|@here|ping everyone|tag everyone|mention everyone|notify everyone|everyone in the channel|everybody in|spam|"
    "python script|write a script|write a python|write python|write code|write me a script|write me code|write a function|write a program|write a bash|write a sql|bash script|shell script|regex for|sql query|javascript|typescript|html page|css|code that|script that|program that|function that|debug my|fix my code|fix this code|unit test*|leetcode|essay|cover letter|write an email|write a letter|homework|scrape|scrapes|scraper|hack|hacking into|ddos|malware|exploit|"
    "flight|flights|hotel|hotels|vacation|holiday|birthday|love you|marry|girlfriend|boyfriend|dating|meaning of life|what time is it|time is it|date today|play music|playlist|spotify|youtube|netflix|drop table|rm -rf|delete all|delete from|"
    "previsao do tempo|vai chover|chover|chove|chuva|clima|piada|piadas|poema|poesia|musica|receita de|receita|bolo|cozinhar|restaurante*|filme|filmes|futebol|jogo de|placar|quem ganhou|copa|noticia*|horoscopo|presidente|eleic*|politica|capital da|capital do|traduz*|traduc*|criptomoeda*|cripto|moeda*|acoes|acao da|bolsa de valores|dividendo*|investir em|senha*|credenciais|segredo*|chave de api|chaves de api|chave privada|chave da api|token do|token de|seu token|seus tokens|variave* de ambiente|suas regras|as regras|suas instruc*|instrucoes anteriores|instrucoes acima|ignore as|ignora as|ignore suas|ignora suas|ignore tudo|ignora tudo|ignora o que|esqueca as|esqueca suas|esquece as|esquece tudo|desconsidere|finja|finge|faca de conta|aja como|modo desenvolvedor|marca todo mundo|marque todo mundo|marca todos|marque todos|chama todo mundo|menciona todo*|mencione todo*|avisa todo mundo|escreve um codigo|escreva um codigo|escreve um script|escreva um script|faz um script|faca um script|cria um script|crie um script|script em|codigo em|codigo python|programa em|funcao em|redacao|email pro|carta|licao de casa|voo|voos|viagem|ferias|hoteis|aniversario|namorad*|sentido da vida|que horas sao|que dia e hoje|toca uma|apaga tudo|apague tudo|loteria|mega-sena|raspar o|scraping|hackear|invadir"
)
_ORDER = re.compile(r"@(?:channel|here|everyone)")


_SAFETY = (
    "safe|risk*|bankrupt*|trust*|reliable|reliability|go under|goes under|sla|uptime|who owns|ownership|legit|shut down|shuts down|tell me about|health*|"
    "confiave*|confiar|falir|falencia|quebrar|seguro|segura|dono|dona|me fala|saude|risco*"
)


def _command(reading: Reading) -> str | None:
    """1. The text begins with a command word that is used as one."""
    words = reading.text.split()
    if not words:
        return None
    first = words[0]
    intent = COMMAND_WORDS.get(first) or _misspelt(first)
    if intent is None:
        return None
    second = words[1] if len(words) > 1 else ""
    if intent == "help":
        alone = (
            len(words) == 1
            or (second in COMMAND_WORDS and len(words) == 2)
            or (second in {"please", "pls", "com", "sobre", "with", "on"} and len(words) <= 3)
        )
        return "help" if alone else None
    if intent == "price" and (second in {"alert", "alerts"} or reading.says("mais baixo*")):
        return None
    if intent == "price" and second in {
        "history",
        "trend",
        "trends",
        "summary",
        "digest",
        "report",
        "drop",
        "drops",
        "sources",
    }:
        return None
    if (
        intent == "history"
        and reading.providers == 1
        and not reading.cards
        and second in {"of", "da", "do", "de"}
    ):
        return "provider"
    if intent == "watch" and second in {"list", "lists"}:
        return "watches"
    if intent == "watch" and second in {"out", "stop", "off"}:
        return "unwatch" if second in {"stop", "off"} else None
    if intent == "digest":
        if (
            second
            in {
                "stop",
                "off",
                "cancel",
                "end",
                "remove",
                "delete",
                "parar",
                "para",
                "cancelar",
                "cancela",
            }
            or second == "desligar"
        ):
            return "digest_stop"
        if second in {"list", "lista"}:
            return "digests"
    if intent in {"estimate", "fit", "provider", "advise"} and len(words) == 1:
        return intent
    if (
        intent == "budget"
        and not reading.sums
        and second in {"option", "options", "friendly", "gpu"}
    ):
        return None
    return intent


def _misspelt(word: str) -> str | None:
    """A command word with one letter wrong; never a word that means something else."""
    if len(word) < 5 or word in _REAL_WORDS or not word.isalpha():
        return None
    from rapidfuzz.distance import OSA

    near = [
        known
        for known in COMMAND_WORDS
        if len(known) >= 5 and OSA.distance(word, known, score_cutoff=1) <= 1
    ]
    return COMMAND_WORDS[near[0]] if near else None


_REAL_WORDS = frozenset(
    "avise avisa avisar prices priced pricey hello fits watched watcher resume budgets providers compares compared compara compare cheapest advice advised advisor source heaps price prece precos resumos provide provided estimates estimated histories monitora monitore monitoras fornecedores ajudar ajudas sources".split()
)


def _scope(reading: Reading) -> str | None:
    """2. Out of scope, or an attempt to change the rules."""
    if _ORDER.search(reading.draft.folded):
        return "out_of_scope"
    if not reading.says(_SCOPE):
        return None
    # A weak cue beside a real question about GPUs is only a word of it.
    strong = (
        "ignore*|ignora*|disregard|forget*|esque*|pretend|finja|finge|act as|aja como|jailbreak|developer mode|override|bypass|password*|senha*|credential*|credenciais|secret|secrets|segredo*|api key*|chave*|token of|your token|bot token*|bot_token|slack_bot_token|system prompt|your prompt|stock*|shares|share price|acoes|acao da|bitcoin|btc|ethereum|crypto*|cripto*|coin|coins|joke*|piada*|poem*|haiku|weather|previsao do tempo|"
        "python script|write a*|write me*|write python|write code|script that|script em|escrev*|nvda|crwv|ping everyone|tag everyone|everyone in the channel|env var*|environment variable*|variave*|.env|mine crypto|translate|traduz*|todo mundo|drop table|delete from|rm -rf"
    )
    if reading.cards or reading.has("model") or (reading.subject and reading.says(_PRICE)):
        return "out_of_scope" if reading.says(strong) and not _benign(reading) else None
    return "out_of_scope"


def _benign(reading: Reading) -> bool:
    """Words of the strong list that a buyer uses too: "ignore AWS", "share of", "write-heavy"."""
    return reading.has("exclude_providers") and not reading.says(
        "instruc*|instructions|rules|regras|prompt|password*|senha*|secret*"
    )


def _watches(reading: Reading) -> str | None:
    """Lists, drops: alerts that exist already."""
    if reading.says(_ALERT_NOUN) and not reading.says(_DIGEST_NOUN):
        if reading.says(_STOP) and not reading.limits and not reading.says("quando|when|if|se"):
            return "unwatch"
        if reading.says(
            "stop watching|stop monitoring|stop tracking|stop alerting|stop notifying|don't alert*|dont alert*|para de avisar|para de monitorar|pare de avisar|pare de monitorar|deixa de monitorar|nao me avisa mais|nao avisa mais|nao precisa mais avisar"
        ):
            return "unwatch"
        if (
            reading.says(_LIST)
            and not reading.limits
            and not reading.says(_WHEN)
            and reading.says(
                "alerts|watches|notifications|alarms|trackers|alertas|avisos|monitoramentos|notificacoes|alarmes|monitorando|watching|tracking|monitoring|monitored|alert|alerta|acompanhando"
            )
            and not reading.says(
                "set an|create*|criar|cria|add|new|novo|set up an|make|bota|coloca|quero um"
            )
        ):
            return "watches"
    if reading.says(
        "stop watching|stop alerting|stop notifying|stop pinging|stop tracking|stop monitoring|stop telling|stop warning|no longer watch|don't ping|don't notify|unsubscribe me from|para de me avisar|parar de avisar|parar de monitorar|para de acompanhar|nao quero mais ser avisad*|nao me avise mais|nao monitora mais|nao monitore mais"
    ):
        return "unwatch" if not reading.says(_DIGEST_NOUN) else None
    return None


def _watch(reading: Reading) -> str | None:
    """3. "tell me when or if a price ..."."""
    if reading.says(_DIGEST_NOUN) and reading.says(_REPEATED):
        return None
    if (
        reading.says(_TELL)
        and reading.says(_WHEN)
        and (
            reading.subject
            or reading.limits
            or reading.sums
            or reading.providers
            or reading.says(_PRICE)
        )
    ):
        if reading.looks_back or (
            reading.says("tell me|me fala|me diz|me diga|me conta")
            and not (
                reading.limits
                or reading.says(
                    "drop*|fall*|goes|go|hits|rises|below|under|cair*|baixar|chegar|subir|passar|available|disponive*|aparecer|appears|changes|mudar"
                )
            )
        ):
            return None
        return "watch"
    if reading.says(_WATCH) and (reading.cards or reading.limits or reading.has("memory_gb")):
        return "watch"
    if (
        reading.says(_TELL)
        and reading.limits
        and reading.cards
        and not reading.says(_REPEATED)
        and reading.says("alert*|ping|warn|notify|avis*|notific*")
    ):
        return "watch"
    return None


def _digest(reading: Reading) -> str | None:
    """4. A message with prices at a repeated time; stopping and listing them."""
    noun = reading.says(_DIGEST_NOUN)
    when = reading.draft.found.get("schedule")
    if noun and reading.says(_STOP) and (when is None or when.time is None) and not reading.limits:
        return "digest_stop"
    if (
        reading.says(_STOP)
        and reading.says(
            "weekly*|daily*|monthly*|semana*|diari*|mensa*|monday*|friday*|segunda*|sexta*|every|toda*"
        )
        and reading.says(
            "post|posts|posting|sending|message*|update*|email*|mensage*|envio*|manda*|enviar|price*|preco*|atualizac*"
        )
    ):
        return "digest_stop"
    if (
        noun
        and not reading.says(_REPEATED)
        and not reading.has("schedule")
        and reading.says(_LIST)
        and reading.says(
            "digests|summaries|reports|scheduled|resumos|relatorios|boletins|agendad*|programad*|active|ativ*|digest|which|quais|standing|configurad*|subscriptions"
        )
        and not reading.cards
    ):
        return "digests"
    if (
        reading.says("scheduled|agendad*|programad*|recurring|recorrentes")
        and noun
        and reading.says(_LIST)
        and not reading.has("schedule")
    ):
        return "digests"
    if (
        reading.says(_REPEATED)
        and reading.says(_SEND)
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
    if noun and (reading.says(_REPEATED) or (reading.has("schedule") or reading.has("every"))):
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


def _sources(reading: Reading) -> str | None:
    if (
        reading.says(_SOURCES)
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
        reading.says(_SOURCES)
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
        "buy our own|buy our|buying our|buy or rent|rent or buy|comprar nossas|comprar ou alugar|alugar ou comprar|comprar um servidor|buy a server|on-prem*"
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
        and (reading.subject or reading.says(_PRICE) or reading.providers or reading.says(_HISTORY))
        and not reading.paid
    ):
        return "history"
    if reading.says(_HISTORY) and (reading.subject or reading.says(_PRICE)):
        if (
            reading.providers == 1
            and not reading.cards
            and not reading.says(_PRICE)
            and not reading.says(_GPU_WORDS)
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
        "do we need|do i need|do we really|do i really|really need|should we|should i|is it worth|vale a pena|compensa|precisa mesmo|preciso mesmo|precisamos mesmo|faz sentido|overkill|exagero|on cpu|on a cpu|on cpus|em cpu|na cpu|sem gpu|without a gpu|without gpu*|need a gpu|need gpus|preciso de gpu|preciso de uma gpu|precisa de gpu|mesmo de gpu|can we just|can i just|makes sense|make sense|buy or rent|rent or buy|devo|devemos|spot safe|use spot|usar spot|worth"
    )
    what = reading.says(
        "what gpu*|which gpu*|what card*|which card*|how many|how much vram|how much memory|what do i need|what do we need|fit|fits|cabe|cabem|qual gpu|quais gpus|que gpu|que placa|qual placa|quantas|quanta memoria|quanta vram|what hardware|which hardware"
    )
    if asks_need and not what:
        return None
    if what or not reading.has("hours"):
        if not what and reading.cards and reading.says(_SUPERLATIVE) and not reading.says(_FIT):
            return None
        return "fit"
    return "fit" if reading.says(_FIT) and not reading.says(_ESTIMATE) else None


def _advise(reading: Reading) -> str | None:
    """8. A recommendation; one named provider's safety or background is `provider`."""
    found = reading.draft.found
    one_seller = reading.providers == 1 and not found.get("exclude_providers")
    against = reading.has("_billings") or reading.has("_tiers")
    if reading.paid and (
        reading.says(_ADVISE)
        or reading.says(
            "pay*|pag*|quoted|quote|offered|offer|oferecer*|oferta|cobr*|fechar|deal|cotac*|ok|okay|good|bad|bom|boa|high|low|alto|baixo|normal|market|mercado|list price|negociar|negotiat*|accept|aceit*"
        )
    ):
        return "advise"
    if reading.says(
        "overpay*|pagando caro|pagando demais|pagar caro|paying too much|fair|justo|caro demais|ripped off|good deal"
    ) and (reading.cards or reading.paid or reading.sums):
        return "advise"
    asks_seller = reading.says(_PROVIDER)
    safety = reading.says(_SAFETY)
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
    if reading.says(_ADVISE):
        if (
            reading.cards
            and not reading.says(_NEED_VERBS)
            and reading.says("affordable")
            and not against
        ):
            return None
        if (
            reading.says(_SUPERLATIVE) or reading.providers > 1 or reading.cards > 1
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
        "should we|should i|shall we|is it worth|worth it|worth reserving|worth paying|worth buying|vale a pena|compensa|do we need|do i need|do we really|do i really|really need|preciso mesmo|precisa mesmo|precisamos mesmo|faz sentido|does it make sense|make sense|makes sense|overpaying|recommend*|recomenda*|which is better|qual e melhor|better to|e melhor|seria melhor|good idea|boa ideia|devo|devemos|deveriamos|deveria|advice|is it better|better off|o que e melhor|overkill|exagero|on cpu|em cpu|sem gpu|without a gpu|safe for|safe to|arriscad*|risky|wait for|wait until|esperar|single provider|um so provedor|rent or buy|buy or rent|comprar ou alugar|alugar ou comprar|go with|viable"
    )


def _provider(reading: Reading) -> str | None:
    if (
        reading.providers == 1
        and not reading.cards
        and not reading.has("memory_gb")
        and not reading.has("hours")
    ):
        if reading.says(_PROVIDER) and not reading.says(
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
    if reading.says(_COMPARE) or reading.says("or|ou"):
        return "compare"
    if reading.says(_PRICE) and not reading.says("cheapest|mais barat*|lowest"):
        return "compare"
    if reading.cards > 1 and not reading.says(_SUPERLATIVE) and not reading.has("hours"):
        return "compare"
    if reading.providers > 1 and not reading.says(_SUPERLATIVE) and not reading.has("hours"):
        return "compare"
    return None


def _estimate(reading: Reading) -> str | None:
    """10. A length of time with a GPU."""
    if reading.has("hours") and (
        reading.subject or reading.has("count") or reading.says(_ESTIMATE)
    ):
        return "estimate"
    return None


def _ranking(reading: Reading) -> str | None:
    """11. A superlative or a price ceiling; otherwise a price word; a bare GPU."""
    if reading.says(_SUPERLATIVE) or reading.has("max_price") or reading.limits:
        if (
            reading.subject
            or reading.providers
            or reading.limits
            or reading.has("tier")
            or reading.has("region")
            or reading.has("billing")
            or reading.says(_PRICE)
        ):
            return "cheapest"
    if reading.says(_PRICE) and (reading.subject or reading.providers):
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
    if reading.says(_GREETING):
        words = _pattern(_GREETING).sub(" ", reading.text + " ").split()
        left = [word for word in words if word not in _GREETING_FILL and word.isalpha()]
        if not left:
            return "greeting"
    return None


def _help(reading: Reading) -> str | None:
    if reading.cards or reading.has("model") or reading.providers:
        return None
    if reading.says(_HELP) and not reading.has("hours") and not reading.sums:
        if reading.says(_PRICE) and not reading.says(
            "what can you*|what do you*|o que voce*|o que vc*|how do i use|como uso|como usar|commands|comandos"
        ):
            return None
        if (
            reading.says("help me|me ajuda|can you help|pode me ajudar|options|need help")
            and (reading.subject or reading.says(_SUPERLATIVE))
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
    """"in europe?", "spot": a filter for the conversation's last question, and nothing else."""
    if not any(reading.has(name) for name in ("region", "regions", "billing", "tier", "count", "exclude_providers")):
        return None
    from bot.understanding.vocabulary import KNOWN

    return None if any(word not in KNOWN for word in reading.rest.split() if len(word) > 2) else "cheapest"


RULES: tuple[Rule, ...] = (
    ("1 command word", _command),
    ("2 out of scope", _scope),
    ("what stands already", _watches),
    ("greeting", _small_talk),
    ("what the bot can do", _help),
    ("3 watch", _watch),
    ("4 digest", _digest),
    ("where prices come from", _sources),
    ("5 budget", _budget),
    ("6 history", _history),
    ("7 fit", _fit),
    ("8 advise or provider", _advise),
    ("9 compare", _compare),
    ("one provider alone", _provider),
    ("10 estimate", _estimate),
    ("11 cheapest or price", _ranking),
    ("a filter alone", _filter_alone),
    ("a workload alone", _lone_advice),
)


def decide(reading: Reading) -> tuple[str, str]:
    """The intent and the rule that decided it; anything else is out of scope."""
    for name, rule in RULES:
        intent = rule(reading)
        if intent:
            return intent, name
    return "out_of_scope", "nothing else"


__all__ = ["COMMAND_WORDS", "RULES", "Reading", "decide", "padded"]
