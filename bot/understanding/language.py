"""Which language the answer must be written in: that of the function words."""

from __future__ import annotations

from bot.language import Lang

_PT = frozenset(
    """qual quais quanto quanta quantos quantas custa custam custo custos custaria preco precos mais barata barato baratas baratos
    onde consigo na nas nos em do da dos das de pra pro para por que com sem uma um ou os as ao aos sob tem esta estao tao sao
    meu minha nosso nossa preciso precisa precisamos vale pena compensa avisa avise avisar resumo historico ajuda menor melhor
    valor comparar compara compare-se entre monitorar monitora orcamento estimar estimativa fornecedor provedor nuvem como quando
    se cair abaixo acima durante meses mes ano anos semana semanas dia dias hora horas hoje agora ola oi bom boa obrigado
    obrigada valeu voce voces eu ela isso esse essa esses essas aqui la mesmo faz sentido da fazer rodar treinar servir alugar aluguel
    contratar reservar assinar quero queria gostaria posso pode podemos consigo conseguimos estamos estou pagando caro cara
    toda todo todas todos segunda terca quarta quinta sexta sabado domingo manda envia cancela para parar remove remover tira
    tirando exceto lista listar mostra mostrar me ultimos ultimas ultimo ultima tendencia subiu caiu variou placa placas
    dolares dolar mil reais gasto gastar cabe cabem dura duram rende fala conta confiavel seguro segura risco quebrar falir dona dono
    num numa pelo pela pelos pelas sobre ate muito pouco seria ter temos nao sim ja ainda so tambem depois antes brasil alemanha
    europa eua japao franca e tirar apaga desliga alerta alertas alguem gente ficar fica saber sei tudo noticia previsao tempo piada
    escreve escreva senha ignore as-regras demanda barateou encareceu preemptiva maquina maquinas servidor nuvens micronuvem
    micronuvens semestre trimestre quinzena duzia melhores opcoes oferta ofertas sair sai saem aluga alugam cade bora beleza
    fonte fontes origem atualizados atualizado comparando comparativo diferenca versus-a frente usar uso compra comprar proprias
    manter migrar trocar mudar nesse nessa neste nesta desse dessa agendados agendado ativos ativas quero-um pausa pausar retoma
    por-hora historia evolucao media mediana monitoramento cobra cobram cobrando negociar fechar fecho preemptivel reservada reservado
    custando tenho usando chega-a passa acha achar acho encontra encontrar pertence pertencem pegam pega quem foi foram era eram teve tiveram tinha vai vao vou vamos seu seus sua suas dele dela deles delas outro outra outros outras algum alguma alguns algumas nenhum nenhuma cada apenas dentro existe existem disponivel disponiveis funciona funcionam custou custaram dizer diz diga fui fez fazem deu dao perto entao assim porque comprou aumentou diminuiu qualquer quaisquer dá tá pros pras cadê voce's""".split()
)  # fmt: skip
_EN = frozenset(
    """the a an is are was were of for in on at to from by with without what whats what's which who where when why how much many
    cheapest cheap cheaper lowest price prices pricing cost costs compare comparing between best deal deals rent renting rents
    hire get give show find list tell me us our my we i you your it its it's this that these those and or but not any some can could
    should would do does did need want be been being have has had will under over below above than per hour hours day days week
    weeks month months year years last past trend history watch unwatch alert ping when if every monday tuesday wednesday thursday
    friday send post help hello hi hey thanks please pls worth really overpaying paying pay reserve reserved reserving buy own
    provider about safe risk bankrupt estimate budget fit run running train training serve fine tuning model machine machines
    on-demand demand weekly daily monthly digest digests watches sources source joke weather write ignore print going rate available
    right now currently there here least most more less one two three four eight single nodes node only anywhere europe germany
    good morning old fresh come stop cancel remove delete good luck long last does doesn't don't aren't into across around""".split()
)  # fmt: skip
# Words of both, or of neither for certain: they decide nothing.
_BOTH = frozenset(
    "a as no me do use compare status total spot gpu gpus cloud on-demand data e o os us in is it ok pro".split()
)
_WEAK_PT = frozenset("e o a no os as de do me se para com compare".split())


def of(folded: str, raw: str) -> bool:
    """True for Portuguese. Text with no words of either language is English."""
    words = [word.strip(".,;:!?\"'()") for word in folded.split()]
    portuguese = sum(1 for word in words if word in _PT and word not in _BOTH)
    english = sum(1.0 for word in words if word in _EN and word not in _PT and word not in _BOTH)
    shared = (word for word in words if word in _EN and word in _PT and word not in _BOTH)
    english += 0.5 * sum(1 for _ in shared)
    if portuguese != english:
        return portuguese > english
    if portuguese or english:
        return any(char in "ãõçáéíóúâêôà" for char in raw.lower())
    accents = any(char in "ãõçáéíóúâêôà" for char in raw.lower())
    weak = sum(1 for word in words if word in {"no", "e", "o", "do"})
    return accents or (weak > 0 and len(words) > 1)


def of_words(text: str) -> Lang:
    """The language of these words, English where they do not tell."""
    return "pt" if of(text.lower(), text) else "en"


def leaning(text: str, reads: Lang | None) -> Lang | None:
    """`reads`, the language of the person's platform, where the words themselves do not tell."""
    # With one Portuguese word added, English wins only by evidence of its own.
    if reads == "pt" and of(f"{text.lower()} qual", text):
        return reads
    return None
