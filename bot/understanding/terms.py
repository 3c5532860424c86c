"""Billing, tiers, workloads and numbers of results: words with a closed meaning."""

from __future__ import annotations

from bot.understanding.draft import Draft, Pattern, has_any

_SPOT = Pattern(
    r"(?<![a-z])(?:spots?|pre-?emptible|pre-?emptive|pre-?emptivel|pre-?emptive(?:is|l)|preemptiv[ao]s?|preemptiveis|interruptible|interrompivel|interruptivel|interruptive(?:l|is))(?![a-z])"
)
_ON_DEMAND = Pattern(
    r"(?<![a-z])(?:on[ -]?demand|pay[ -]as[ -]you[ -]go|payg|pay[ -]per[ -]use|sob[ -]?demanda|por demanda|a demanda)(?![a-z])"
)
_RESERVED = Pattern(
    r"(?<![a-z])(?:reserv(?:e|ed|es|ing|ation|ations|ar|a|ada|adas|ado|ados|as|ando|armos|amos)|commit(?:ted|ment|ments|ting|s)?|commited|comprometid[ao]s?|compromisso|"
    r"lock(?:ing|ed)?[ -]in(?! (?:risk|effect|issue|problem)s?)|lock(?:ing)? (?:in |down )?(?:a |the )?(?:price|rate|capacity|h100s?|gpus?|\x01)|"
    r"savings? plans?|cuds?|long[ -]term (?:contract|deal|commitment|agreement)|contrato de (?:longo|\d|um|dois|tres|uma)|contrato anual|annual contract|yearly contract|fixed[ -]term)(?![a-z])"
)
_SIGN = Pattern(
    r"(?<![a-z])(?:sign(?:ing|ed)?|contract(?:ing|s)?|assin(?:ar|o|amos|armos|ando)|contratar|contrato|fechar(?: um)? contrato|fechar por)(?![a-z])"
)
_LOCK_NOUN = Pattern(
    r"(?:vendor|provider|cloud|supplier|risk of|avoid|evitar|risco de|fear of|worried about|about|de|any|no)[ -]lock[ -]?in|lock-in(?= (?:risk|with|to|na|no|com|effect)|\s*$)"
)
_NOT = Pattern(
    r"(?:\b(?:not|no|non|never|without|except|excluding|but not|other than|avoid|nada de|sem|sem ser|fora|fora de|exceto|menos|tirando|nao|que nao seja)\s*-?\s*(?:on\s|at\s|a\s|the\s|em\s|for\s|using\s|as\s|os\s|de\s)?)$"
)

_TIERS = {
    "hyperscaler": Pattern(r"(?<![a-z])(?:hyper-?\s?scalers?|hiperescalador(?:es)?|hyperescalador(?:es)?|hyperscale clouds?|hyperscale|big[ -](?:three|3|clouds?)|major clouds?|nuve(?:m|ns) tradiciona(?:l|is)|(?:as )?grandes nuvens|traditional clouds?|as tres grandes|tres grandes|big tech clouds?)(?![a-z])"),
    "microcloud": Pattern(r"(?<![a-z])(?:micro[ -]?clouds?|neo[ -]?clouds?|gpu[ -]clouds?|speciali[sz]ed (?:gpu )?clouds?|specialist clouds?|alternative clouds?|alt[ -]clouds?|boutique clouds?|micro-?\s?nuve(?:m|ns)|neo-?\s?nuve(?:m|ns)|nuve(?:m|ns) (?:alternativas?|de gpus?|especializadas?))(?![a-z])"),
    "marketplace": Pattern(r"(?<![a-z])(?:market[ -]?places?|peer[ -](?:to|2)[ -]peer|p2p|mercado de gpus?)(?![a-z])"),
}  # fmt: skip

# In order: "embeddings" wins over "batch", tuning over training.
_WORKLOADS = (
    ("embeddings", r"embeddings?|embed(?:ding)?|embedar|vetoriza(?:r|cao)|vector index(?:ing)?"),
    ("classical-ml", r"xg-?boost|light-?gbm|catboost|sk-?learn|scikit(?:-learn)?|random forests?|florestas? aleatorias?|gradient boost(?:ing|ed)?|decision trees?|arvores? de decisao|logistic regressions?|linear regressions?|regress(?:ao|oes)(?: logistica| linear)?|k-?means|classical (?:ml|machine learning)|ml classico|machine learning classico|tabular(?: data)?|dados tabulares|svm"),
    ("fine-tuning", r"fine[ -]?tun(?:e|ed|es|ing|ear|ing)|finetun(?:e|ing|ear)|q?-?lora|peft|sft|ajuste fino|ajustes finos|fazer ajuste|dpo|rlhf"),
    ("rendering", r"blender|render(?:s|ing|ed|iza(?:r|cao|coes))?|rendering|octane|redshift render|v-?ray|unreal engine|3d animation"),
    ("training", r"pre-?train(?:ing|ed)?|train(?:ing|s)?|treina(?:r|mento|mentos|ndo|mos)?|trein(?:o|os|e)|pre-?treino|pre-?treina(?:r|mento)"),
    ("batch", r"batch(?:es)?|offline|bulk|em lotes?|lotes?|processamento em massa"),
    ("inference", r"infer(?:ence|encing|encia|encias|ir)|serv(?:e|ing|es|ir|indo|imos|irmos)|vllm|serving"),
    ("dev", r"(?:jupyter |colab )?note-?books?|jupyter|experiment(?:s|ing|ation|os|o|ar|acao)?|dev[ -]?(?:box(?:es)?|machine|environment|env|work|server)|devbox|development|desenvolvimento|prototyp(?:e|es|ing)|prototip(?:o|ar|agem|os)|sandbox|playground|colab|ambiente de (?:dev|desenvolvimento|testes?)|testes? rapidos?|tinker(?:ing)?|hacking around"),
)  # fmt: skip
_STEMS = {
    "embeddings": ("embed", "vetor", "vector"),
    "classical-ml": ("xg", "gbm", "catboost", "sk", "scikit", "forest", "florest", "boost", "tree", "arvore", "regress", "means", "classic", "tabular", "tabulares", "svm"),
    "fine-tuning": ("fine", "lora", "peft", "sft", "ajuste", "dpo", "rlhf"),
    "rendering": ("blender", "render", "octane", "ray", "unreal", "3d"),
    "training": ("train", "trein"),
    "batch": ("batch", "offline", "bulk", "lote", "massa"),
    "inference": ("infer", "serv", "vllm"),
    "dev": ("note", "jupyter", "experiment", "dev", "desenvol", "protot", "sandbox", "playground", "colab", "ambiente", "teste", "tinker", "hacking"),
}  # fmt: skip
_WORKLOAD_PATTERNS: list[tuple[str, tuple[str, ...], Pattern]] = []

_LIMIT = Pattern(
    r"\btop\s?-?(\d{1,3})\b|\b(\d{1,2})\s(?=(?:cheapest|best|lowest|least|opcoes|options|offers|ofertas|mais barat|melhores|menores|providers|provedores|results|resultados|deals|quotes))"
    r"|\b(?:as|os)\s+(\d{1,2}|duas|tres|quatro|cinco|dez)\s+(?=(?:\x01\s+)?(?:mais barat|opcoes|melhores|menores|ofertas))|\b(two|three|four|five|ten)\s(?=cheapest|best|lowest)"
)


def find_limit(draft: Draft) -> None:
    from bot.understanding.numbers import value

    if not has_any(
        draft.rest,
        (
            "top",
            "cheap",
            "best",
            "low",
            "least",
            "op",
            "offer",
            "ofert",
            "barat",
            "melhor",
            "menor",
            "provid",
            "result",
            "deal",
            "quote",
        ),
    ):
        return
    match = _LIMIT.search(draft.rest)
    if match:
        number = value(next(group for group in match.groups() if group), pt=draft.pt)
        draft.found["limit"] = int(number or 5)
        draft.take_match(match)


_AT_PT = Pattern(r"\bno\s+$")


def _negated(draft: Draft, start: int) -> bool:
    """A word of exclusion stands before it; in Portuguese "no marketplace" means "at"."""
    lead = draft.rest[:start]
    return _NOT.search(lead) is not None and not (draft.pt and _AT_PT.search(lead))


def find_billing(draft: Draft) -> None:
    """`billing`, left out when two kinds are set against each other; `exclude_billing`."""
    if "lock" in draft.rest:
        draft.rest = _LOCK_NOUN.sub(" ", draft.rest)
    kinds: list[str] = []
    excluded: list[str] = []
    for kind, pattern, stems in (
        ("on-demand", _ON_DEMAND, ("demand", "pay")),
        ("spot", _SPOT, ("spot", "empti", "interr")),
        (
            "reserved",
            _RESERVED,
            (
                "reserv",
                "commit",
                "lock",
                "saving",
                "cud",
                "contract",
                "compro",
                "contrat",
                "term",
                "agreement",
            ),
        ),
    ):
        if not has_any(draft.rest, stems):
            continue
        while True:
            match = pattern.search(draft.rest)
            if not match:
                break
            (excluded if _negated(draft, match.start()) else kinds).append(kind)
            draft.take_match(match)
    if not kinds and not excluded and "hours" in draft.found and _SIGN.search(draft.rest):
        kinds.append("reserved")
    kinds = list(dict.fromkeys(kinds))
    if len(kinds) == 1:
        draft.found["billing"] = kinds[0]
    elif len(kinds) > 1:
        draft.found["_billings"] = len(kinds)
    if excluded:
        keep = tuple(kind for kind in dict.fromkeys(excluded) if kind not in kinds)
        if keep:
            draft.found["exclude_billing"] = keep


def find_tier(draft: Draft) -> None:
    tiers: list[str] = []
    excluded: list[str] = []
    if not has_any(
        draft.rest, ("cloud", "scal", "nuve", "market", "mercado", "p2p", "peer", "grandes", "big")
    ):
        return
    for tier, pattern in _TIERS.items():
        while True:
            match = pattern.search(draft.rest)
            if not match:
                break
            (excluded if _negated(draft, match.start()) else tiers).append(tier)
            draft.take_match(match)
    tiers = list(dict.fromkeys(tiers))
    if len(tiers) == 1:
        draft.found["tier"] = tiers[0]
    elif len(tiers) > 1:
        draft.found["_tiers"] = len(tiers)
    if excluded:
        keep = tuple(tier for tier in dict.fromkeys(excluded) if tier not in tiers)
        if keep:
            draft.found["exclude_tiers"] = keep


def find_workload(draft: Draft) -> None:
    if not _WORKLOAD_PATTERNS:
        _WORKLOAD_PATTERNS.extend(
            (name, _STEMS[name], Pattern(rf"(?<![a-z])(?:{words})(?![a-z])"))
            for name, words in _WORKLOADS
        )
    for name, stems, pattern in _WORKLOAD_PATTERNS:
        if not has_any(draft.rest, stems):
            continue
        if pattern.search(draft.rest):
            draft.found.setdefault("workload", name)
            draft.rest = pattern.sub(" ", draft.rest)
