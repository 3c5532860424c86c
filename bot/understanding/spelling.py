"""Words with one letter wrong: left out, doubled, swapped or replaced ("lowst", "cheepest")."""

from __future__ import annotations

from functools import cache

# Words that decide what is wanted; everything else is left as it was typed.
CORE = frozenset(
    "cheapest cheaper lowest price prices pricing compare comparison estimate budget history versus monthly weekly "
    "watch watches unwatch alert digest provider sources spot reserved reserve preemptible marketplace hyperscaler "
    "neocloud microcloud training embeddings should under between europe germany canada singapore "
    "barata barato baratas baratos menor preco quanto custa melhor comparar estimativa orcamento historico fornecedor "
    "monitorar resumo semanal alerta micronuvem reservada europa alemanha brasil".split()
)
_SHORTEST, _LONGEST = 5, 16


def _shorter(word: str) -> set[str]:
    return {word[:at] + word[at + 1 :] for at in range(len(word))}


@cache
def _by_deletion(known: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """Every known word under each spelling that lacks one of its letters."""
    table: dict[str, tuple[str, ...]] = {}
    for word in sorted(known):
        for less in _shorter(word):
            table[less] = (*table.get(less, ()), word)
    return table


def _swapped(left: str, right: str) -> bool:
    """One letter replaced, or two neighbours swapped; both words are of one length."""
    wrong = [at for at in range(len(left)) if left[at] != right[at]]
    if len(wrong) == 1:
        return True
    return (
        len(wrong) == 2
        and wrong[1] == wrong[0] + 1
        and left[wrong[0]] == right[wrong[1]]
        and left[wrong[1]] == right[wrong[0]]
    )


def meant(word: str, known: frozenset[str]) -> list[str]:
    """The known words that are one letter away."""
    if not _SHORTEST <= len(word) + 1 <= _LONGEST or not word.isalpha():
        return []
    table = _by_deletion(known)
    near = set(table.get(word, ()))
    for less in _shorter(word):
        if less in known:
            near.add(less)
        near.update(one for one in table.get(less, ()) if _swapped(word, one))
    return sorted(one for one in near if len(one) >= _SHORTEST)


def mend(folded: str) -> str:
    """The text with core words put right; a word that means something itself is left alone."""
    from bot.understanding.vocabulary import KNOWN

    words = folded.split(" ")
    for at, word in enumerate(words):
        if len(word) < _SHORTEST - 1 or word in KNOWN:
            continue
        bare = word.strip(".,;:!?\"'()")
        if not bare.isalpha() or bare in KNOWN or bare in _OTHERS or bare in CORE:
            continue
        right = meant(bare, CORE)
        if len(right) == 1:
            words[at] = word.replace(bare, right[0])
    return " ".join(words)


# Words near a core word that are none of it.
_OTHERS = frozenset(
    "baratos barates pried pricy pricey prized priced prize pride prince lowers lower preach custar custas custo "
    "quanta quantos quantas barato batata histories historia historica historian provided provides provider "
    "clover cover matches match catch patch watts batch comparer compared spots sport short sloth spits alerts alerted "
    "bridges gadget budgets digests mentor menos maior menores melhores melhora resumos resumir resume consumo reserves "
    "estimates estimated straining raining draining should shoulder would could source sourced resources sauces "
    "europa europe germany german canada brazil brasil europeu europeia under wonder sunder thunder udder "
    "between weakly meekly precos prece preto prego prezo custou custam custe quanto quando quarto monitora monitoras "
    "hyperscalers marketplaces neoclouds microclouds reservas reservar reservado reservados semana semanas semanais "
    "alertas alertar alerte reserver reservar reservadas prime inferentia inferences".split()
)
