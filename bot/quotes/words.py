"""What sellers call things, in English, Portuguese and Spanish: patterns and no logic."""

from __future__ import annotations

import re


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_GPU = r"(?:(?:NVIDIA\s)?(?:H100|H200|H20|B200|B300|GB200|GB300|GH200|A100|L40S|L40|L4|MI300X|MI325X|MI355X|A10G?|T4|V100|4090|5090|A6000|SXM\d?)|GPUs?|accelerators?|cards?|chips?|placas?|aceleradora?s?|tarjetas?|acelerador(?:es)?|unidad(?:e|es)? de GPU)(?!\w)"
NODE = r"(?:(?:\d{1,2}\s*[x×-]?\s*(?:GPU|H\d00|B\d00|A100|MI\d{3}X|L40S|placas|tarjetas)\w*\s*[- ]?)?(?:nodes?|servers?|machines?|hosts?|boxes|box|instances?|VMs?|bare[- ]metal(?:\s(?:nodes?|servers?))?|racks?|systems?|sistemas?|chassis|nós|nó|nodos?|servidor(?:es)?|máquinas?|maquinas?|instâncias?|instancias?|equipos?)(?:\s?\(?(?:of|de|with|com|con|x|×)?\s?\d{1,2}\s*[x×]?\s*(?:GPUs?|placas|tarjetas|H\d00|B\d00|A100)\w*\)?)?)(?!\w)"
_HOUR = r"(?:hours?|hourly|hrs?|horas?|horári[oa]|hr|h)(?!\w)"
_MONTH = r"(?:months?|monthly|mo|mth|mês|mes|meses|mensal|mensais|mensual(?:es)?|mensualidad)(?!\w)"
_JOIN = r"[\s\u00a0]*(?:[-–·•./*x×]|\bper\b|\bpor\b|\ban?\b|\bde\b|\bal\b|\bao\b|\by\b|\be\b|\band\b)?[\s\u00a0]*"
UNITS = {
    "gpuhour": rf"(?:GPUh|{_GPU}{_JOIN}{_HOUR}|{_HOUR}{_JOIN}{_GPU})",
    "gpumonth": rf"{_GPU}{_JOIN}{_MONTH}|{_MONTH}{_JOIN}{_GPU}",
    "gpuyear": rf"{_GPU}{_JOIN}(?:years?|ano|año)(?!\w)",
    "nodehour": rf"{NODE}{_JOIN}{_HOUR}|{_HOUR}{_JOIN}{NODE}",
    "nodemonth": rf"{NODE}{_JOIN}{_MONTH}|{_MONTH}{_JOIN}{NODE}",
    "other": r"(?:v?CPU|GBs?|GiB|TBs?|TiB|MB|PB|Gbps|Mbps|IPv?[46]?|IPs?|address(?:es)?|tokens?|kWh|kW|seats?|users?|usuários?|usuarios?|ports?|portas?|puertos?|requests?|images?|cores?|snapshots?|tickets?|endpoints?|images?|engineer|día de retraso|incident|licen[cs]es?|licenças?|licencias?)(?!\w)",
    "node": NODE,
    "gpu": _GPU,
    "all": r"(?:(?:whole |entire |full )?clusters?|(?:the )?(?:whole |entire )(?:lot|order|deployment|block)|lote|bloque|bloco|in total|em total|no total|en total|total|all (?:the )?GPUs?|todas as (?:GPUs|placas)|todas las (?:GPUs|tarjetas)|conjunto|fleet)(?!\w)",
    "term": r"(?:(?:the )?(?:whole|full|entire|total|initial|todo o|todo el|toda a|toda la|todo)?\s?(?:terms?|contract(?: term| period| value)?|período|prazo(?: total)?|plazo(?: total)?|vigência|vigencia|contrato|TCV))(?!\w)",
    "hour": _HOUR,
    "day": r"(?:days?|daily|dias?|días?|diári[oa]|diari[oa])(?!\w)",
    "week": r"(?:weeks?|weekly|semanas?|semanal)(?!\w)",
    "month": _MONTH,
    "quarter": r"(?:quarters?|quarterly|trimestres?|trimestral)(?!\w)",
    "year": r"(?:years?|yearly|annum|annual(?:ly)?|yr|anos?|anual|años?)(?!\w)",
}
FROM = _any(
    r"(?:\bfrom|\bstarting (?:at|from)|\bstarts? at|\bas low as|\ba partir de|\bdesde|\bfrom only|\bmin\.|\bat least|\bat or above|\bno less than|\bnot less than|>=?|≥)\s*(?:apenas\s|only\s|just\s|sólo\s)?$"
)
ABOUT = _any(
    r"(?:~|≈|=|\babout|\baround|\bapprox\.?|\bapproximately|\broughly|\bcirca|\bca\.|\bcerca de|\baprox\.?|\baproximadamente|\bequiv\w*(?:\sto|\sa)?|\bou seja,?|\bi\.e\.,?|\bes decir,?|\bo sea,?|\bwhich is|\bequals?|\bequivale\w* a)\s*\(?\s*$"
)
DOLLAR_SIGNS = {
    "MXN": _any(r"\bMXN\b", r"pesos mexicanos", r"moneda nacional", r"\bM\.N\."),
    "CAD": _any(r"\bCAD\b", r"Canadian dollars"),
    "AUD": _any(r"\bAUD\b", r"Australian dollars"),
    "SGD": _any(r"\bSGD\b"),
    "COP": _any(r"\bCOP\b", r"pesos colombianos"),
    "CLP": _any(r"\bCLP\b", r"pesos chilenos"),
    "ARS": _any(r"\bARS\b", r"pesos argentinos"),
    "NZD": _any(r"\bNZD\b"),
    "HKD": _any(r"\bHKD\b"),
}

# -- what a sum is for -------------------------------------------------------------------------
# Looked for in the words before a sum (nearest first), then after it, within its own clause.

ROLES = {
    "ordered": _any(r"\b(?:tell|say|report|output|print|answer|respond|reply)\b.{0,30}\b(?:it|price|that|them|is|as)\b", r"\bignore\b.{0,30}\b(?:previous|above|instructions|all)", r"\b(?:system|assistant|bot|AI|chatbot)\s*:", r"\b(?:bot|assistant|chatbot|parser|model)s?\b.{0,40}\b(?:must|should|shall|please|record|read|deve|debe|registr\w+)", r"\b(?:note|attention|instruction)s?\s(?:to|for) (?:the )?(?:AI|bot|parser|model|assistant|software|automated)", r"\bignor[ea]\w*\b.{0,30}\b(?:anterior\w*|instruç\w+|instruccion\w+|tudo|todo)", r"\b(?:diga|digan|dígale|informe|responda|registre)\b.{0,30}\b(?:que|o preço|el precio)", r"\brecord\b.{0,30}\b(?:price|as)\b"),
    "earlier": _any(r"\b(?:your (?:current|existing|present) \w+|you (?:currently|now|already) pay|(?:seu|sua) (?:contrato|preço|tarifa) atual|su (?:contrato|precio|tarifa) actual|previous(?:ly)?|earlier|formerly|before(?!\s+(?:\d|the|you|we|your|signing|signature|end|close|[a-z]+ \d))|last (?:quote|offer|month|year)|old|prior|original(?:ly)?|initial (?:quote|offer|proposal)|was|were|used to be|supersed\w+|expired|withdrawn|down from|reduced from|instead of|replac(?:es|ing)|in place of|no longer|anterior(?:es|mente)?|antes(?!\s+d[aeo]l?\b)|era|eram|em vez d[eo]s?|no lugar d[eo]s?|substitui\w*|en lugar de|en vez de|sustituye\w*|anteriormente|antig[uo]\w*|inicial era|caducad\w+|vencid[ao])\b", r"\b(?:de|from)\s*$"),
    "wish": _any(r"\b(?:(?:our|the|my) (?:budget|target)|budget (?:is|of)|nosso orçamento|we (?:currently |now |already )?pay|we(?:'re| are) paying|hoje pagamos|pagamos hoje|your (?:target|budget|request(?:ed)?|ask)|you (?:asked|requested|wanted|mentioned)|target(?: price)?|counter-?offer of|could you (?:do|match)|can you (?:do|match)|we (?:need|want|were hoping|hoped)|hoping for|match|seu (?:alvo|orçamento)|vocês? pediram|meta|alvo|sua contraproposta|objetivo|su (?:objetivo|presupuesto)|ustedes pidieron|(?:cannot|can't|can not|unable to|not able to) (?:go|do|offer|match|reach|meet|accept)|não (?:conseguimos|podemos|dá)|no (?:podemos|es posible))\b"),
    "rival": _any(r"\b(?:competitors?|compet(?:ing|itive) (?:offer|quote)|market (?:price|average|rate)|elsewhere|others? (?:ask|charge|offer)|average price|industry|concorrentes?|concorrência|mercado|competidor(?:es)?|competencia)\b"),
    "list": _any(r"\b(?:list(?:ed)?(?: price| rate)?|public price|catalogue price|catalog price|MSRP|rack rate|standard rate|retail|preço (?:de )?(?:lista|tabela|público)|tabela|precio (?:de )?(?:lista|tarifa|catálogo)|tarifa (?:pública|oficial)|lista)\b"),
    "overage": _any(r"\b(?:overage|excess|(?:beyond|above|over|outside|exceeding) (?:the |your |that |this )?(?:\w+ )?(?:commit\w*|reserv\w*|contract\w*|term|quota|allotment)|(?:acima|além) (?:do|da) (?:\w+ )?(?:compromiss\w*|reserv\w*|contrat\w*)|(?:por encima|más allá) (?:del?|de la) (?:\w+ )?(?:compromis\w*|reserv\w*|contrat\w*)|additional (?:usage|gpus?|hours|capacity)|extra (?:gpus?|hours|usage|capacity)|on[- ]demand (?:rate|overage|burst|expansion)|burst(?:ing)?|out[- ]of[- ]commit\w*|excedentes?|uso adicional|adicionais|fora do compromisso|horas extras|exceso|adicional(?:es)?|fuera del compromiso|expansion|month[- ]to[- ]month after|after (?:the )?(?:initial )?term|renewal (?:rate|price))\b"),
    "penalty": _any(r"\b(?:penalt(?:y|ies)|late (?:fee|payment)|liquidated|early termination|termination fee|service credits?|credits?|liability|capped? at|cap of|multa|penalidad(?:e|es)|crédito|limitad[ao] a|indeniza\w+|rescis\w+|cancel\w+ fee|insurance|seguro|restocking)\b"),
    "prepay": _any(r"\b(?:prepa(?:y|id|yment)\w*|deposit|up[- ]?front|down payment|advance payment|on signature|retainer|caução|depósito|entrada|adiantamento|sinal|antecipad[oa]|anticipo|por adelantado|fianza|garant[íi]a|fatura inicial|first invoice|pago inicial)\b"),
    "minimum": _any(r"\b(?:minimum (?:spend|invoice|charge|commit\w*|monthly|order)|min\.? (?:spend|commit)|spend commitment|consumo mínimo|fatura(?:mento)? mínim\w+|gasto mínimo|facturación mínima|pedido mínimo)\b"),
    "fx": _any(r"\b(?:exchange rate|fx(?: rate)?|conversion rate|PTAX|câmbio|taxa de câmbio|tipo de cambio|tasa de cambio|cotação do dólar)\b"),
    "tax": _any(r"\b(?:VAT|sales tax|taxes|tax|GST|IVA|ISS|ICMS|PIS|COFINS|IBS|CBS|IRRF|impostos?|tributos?|impuestos?)\b"),
    "setup": _any(r"\b(?:set[- ]?up|onboarding|one[- ](?:time|off)|installation|activation|provisioning(?: fee)?|NRC|non[- ]recurring|implementation|taxa única|cobrança única|implanta[çc][ãa]o|ativação|instalação|configuração inicial|instalación|puesta en marcha|activación|alta|pago único|cargo único|cuota de alta|implementación|aprovisionamiento|provisionamento|setup)\b"),
    "support": _any(r"\b(?:support|suporte|soporte|TAM|technical account|managed services?|serviço gerenciado|servicio gestionado|premium (?:care|services))\b"),
    "storage": _any(r"\b(?:storage|NVMe|object store|S3|file ?system|Lustre|WEKA|VAST Data|block volume|disks?|backup|snapshots?|armazenamento|discos?|almacenamiento|NFS|parallel fs)\b"),
    "egress": _any(r"\b(?:egress|bandwidth|data transfer|outbound|traffic|internet transit|saída(?: de dados)?|tráfego|tráfico|transferência|transferencia|largura de banda|ancho de banda|salida(?: de datos)?)\b"),
    "network": _any(r"\b(?:public IP|IP address(?:es)?|IPv4|elastic IP|cross[- ]?connect|VPN|load balancer|direct connect|fabric fee|InfiniBand (?:fee|surcharge|port|fabric add-?on)|networking|private link|colocation|IP pública|IP público|conexão dedicada)\b"),
    "cpu": _any(r"\b(?:CPU (?:nodes?|servers?)|head nodes?|login nodes?|control plane|management nodes?|vCPU|nós de CPU|nodos? (?:de )?CPU|nodo (?:de login|cabecera)|nó de (?:login|gerência)|kubernetes|slurm|orquestra\w+|licen[cs]\w+)\b"),
    "total": _any(r"\b(?:grand total|sub-?total|totals?|total contract value|TCV|contract value|valor total|importe total|total geral|soma|importe|extended|annual(?:ised|ized)? (?:spend|cost|value)|total do (?:período|contrato)|total del (?:periodo|contrato)|monto total|invoice amount|faturamento|monthly (?:total|invoice|cost|bill|spend))\b"),
}  # fmt: skip
OPTIONAL = _any(
    r"\b(?:optional(?:ly)?|if (?:needed|required|desired|requested)|on request|not included|can be added|add[- ]?on|available (?:for|at)|metered|pay[- ]as[- ]you[- ]go|per use|by consumption|opcional(?:es|mente|is)?|se (?:necessário|desejado|contratado)|sob demanda|si (?:se )?(?:necesita|desea|requiere)|bajo demanda|a pedido|não (?:está )?incluíd[ao]|no incluid[oa]|à parte|aparte|sob consumo|por consumo|medido|recommended|recomendad[oa]|for reference|a la carte)\b"
)
INCLUDED = _any(
    r"\b(?:includ(?:ed|es|ing|e)|incl\.?|at no (?:extra|additional)? ?(?:cost|charge)|free(?: of charge)?|no charge|no extra cost|without (?:extra|additional) (?:cost|charge)|inclus[oa]s?|incluíd[oa]s?|incluid[oa]s?|inclui|incluye[n]?|grátis|gratuit[oa]s?|sem custo(?: adicional)?|sin (?:costo|coste|cargo)(?: adicional)?|bundled|waived|isent[oa]|livre|free|gratis)\b"
)
NOT_INCLUDED = _any(
    r"\b(?:not|isn't|aren't|non|excl\w*|não|nao|no (?:est[áa]n? )?|sem|sin|without|extra|additional(?:ly)?|à parte|aparte)\s+(?:be\s+)?(?:includ\w+|inclus\w+|incluíd\w+|incluid\w+|inclui|incluye)",
    r"\b(?:billed|charged|priced) separately|cobrad[oa] (?:à parte|separadamente)|(?:se )?(?:cobra|factura)\w* (?:aparte|por separado)",
)

# -- headings of tables and labels of lines ----------------------------------------------------

LABELS = {
    "number": _any(
        r"^(?:quote|quotation|proposal|offer|order form|proposta|orçamento|cotação|cotización|oferta|propuesta|presupuesto|reference|ref\.?|referência|referencia|our ref\.?|folio)\s*(?:no\.?|n[ºo°]\.?|number|nr\.?|núm\.?|número|#|id|ref\.?|reference)?\.?$",
        r"^(?:n[ºo°]\.?|no\.)$",
        r"^(?:número|n[ºo°]|number|no\.) (?:da |de |de la |of )?(?:quote|proposta|cotação|cotización|oferta|proposal|orçamento)$",
    ),
    "seller": _any(
        r"^(?:(?:seller|vendor|provider|supplier|company|cloud(?: provider)?|fornecedor|provedor|vendedor|empresa|proveedor|contratada|operator|service provider|bidder|from seller|issued by|emitid[oa] por)(?: name)?)$"
    ),
    "reseller": _any(
        r"^(?:reseller|partner|distributor|revenda|revendedor|distribuidor|parceiro|socio|broker|sold by|sold through|via)$"
    ),
    "machine": _any(
        r"^(?:instance(?: type)?|machine(?: type)?|node(?: type| model)?|server(?: type| model)?|flavou?r|shape|sku|model of server|tipo de instância|tipo de instancia|máquina|servidor|nodo|nó|configuration|configuração|configuración|plan|plano|host|node (?:configuration|spec))$"
    ),
    "card": _any(
        r"^(?:gpus?|gpu (?:type|model)|accelerators?|cards?|placas?|modelo(?: d[ae] (?:placa|gpu|la gpu))?|acelerador(?:a|es)?|tarjetas?|tipo de (?:gpu|placa|tarjeta)|model|product|produto|producto|item|ítem|line item|description|descrição|descripción|service|serviço|servicio|concept|concepto|resource|recurso|gpu description|hardware|gpu/card)$"
    ),
    "low": _any(
        r"^(?:tier |volume |gpu |from )?(?:min(?:imum|\.)?|from|lower)(?: (?:of )?(?:gpus?|qty|quantity|units|bound))$"
    ),
    "high": _any(
        r"^(?:tier |volume |gpu )?(?:max(?:imum|\.)?|to|up to|upper)(?: (?:of )?(?:gpus?|qty|quantity|units|bound))$"
    ),
    "gpus_per": _any(
        r"^(?:gpus?\s?(?:per|por|/|x)\s?(?:node|server|machine|host|nó|servidor|nodo|máquina|instance)|placas por (?:nó|servidor)|tarjetas por (?:nodo|servidor))$"
    ),
    "nodes": _any(
        r"^(?:(?:qty\.? |quantity |number |no\. |# |num\.? |n[ºo°] |qtd\.? |cantidad |quantidade )?(?:of |de )?(?:nodes?|servers?|machines?|hosts?|nós|nodos?|servidores|máquinas|instances|instâncias|instancias))$",
        r"^(?:node|server) (?:count|qty|quantity)$",
    ),
    "volume": _any(
        r"^(?:volume|tier|band|range|faixa|volume tier|commitment (?:level|tier)|tramo|nível|nivel|escala|gpu range|quantity (?:band|range|tier)|faixa de (?:volume|quantidade)|rango)$"
    ),
    "count": _any(
        r"^(?:qty\.?|quantity|count|units|uds?\.?|unds?\.?|unid\.?|pcs\.?|pzas?\.?|piezas|peças|# ?(?:of )?gpus?|gpu (?:count|qty|quantity)|(?:number|no\.?|num\.?) of (?:gpus|cards|accelerators)|qtde?\.?|quantidade|quant\.?|cant\.?|cantidad|unidades|n[ºo°] (?:de )?(?:gpus|placas|tarjetas)|número de (?:gpus|placas|tarjetas)|gpus? (?:total|in all|em total)|total gpus|gpus contratadas|qtd\.? (?:de )?gpus?|cant\.? (?:de )?gpus?)$"
    ),
    "memory": _any(
        r"^(?:memory|vram|gpu memory|memória|memoria|mem\.?|hbm|gpu mem|memory per gpu|memória por gpu|memoria por gpu)(?: \(?gb\)?)?$"
    ),
    "form": _any(
        r"^(?:form ?factor|form|formato|factor de forma|fator de forma|interface|socket)$"
    ),
    "interconnect": _any(
        r"^(?:interconnect|fabric|network(?:ing)?|interconexão|interconexión|rede|red|cluster network|backend network|malha|gpu network|fábrica|conectividade|conectividad|rede de cluster|network fabric|east-west network)$"
    ),
    "place": _any(
        r"^(?:regions?|sites?|locations?|data ?cent(?:er|re)s?(?: location)?|região|regiões|regiao|local|localidade|localização|região/local|ubicación|ubicacion|región|sede|emplazamiento|lugar|availability zone|zone|place|país|country|dc|centro de datos|facility|hosting location)$"
    ),
    "billing": _any(
        r"^(?:billing(?: type| model| kind)?|pricing model|purchase (?:option|model)|modelo de (?:cobrança|contratação|cobro|contratación)|modalidade|modalidad|tipo de contratação|tipo de contratación|type|commitment type|facturación|cobrança|contract type|tipo)$"
    ),
    "term": _any(
        r"^(?:(?:contract|commitment|commit|reservation|lease) (?:months|years)|(?:contract |initial |commitment |lease |minimum |rental |committed )?(?:term|period|duration|commitment|commit|length)(?: length)?(?: \(?(?P<unit>months?|years?|weeks?|days?|mo)\)?)?|months|term months|prazo(?: contratual| do contrato)?|vigência|vigencia|meses|plazo(?: contractual)?|duración|duracion|duração|período(?: contratado)?|periodo|compromiso|compromisso|permanência|permanencia)(?: \(?(?:months|meses|mo|mos)\)?)?$"
    ),
    "start": _any(
        r"^(?:(?:service |contract |delivery |billing |estimated |planned |commencement )?start(?:s|ing)?(?: date)?|available(?: from)?|availability(?: date)?|ready(?: date)?|delivery(?: date)?|commencement(?: date)?|go[- ]live|início(?: (?:do contrato|previsto|da vigência))?|inicio(?: (?:del contrato|previsto|del servicio))?|data de início|fecha de inicio|disponível em|disponible desde|entrega|ready for service|RFS)$"
    ),
    "list_price": _any(
        r"\b(?:list|rack|catalogue|retail|msrp|tabela|lista|standard)\b.{0,12}(?:price|rate|preço|precio|tarifa)?|(?:preço|precio|tarifa) (?:de )?(?:lista|tabela)|^(?:list)$"
    ),
    "net_price": _any(
        r"\b(?:net|final|discounted|your|our|special|offered|quoted|negotiated|líquido|liquido|neto|final|proposto|ofertado|com desconto|con descuento)\b.{0,6}(?:unit )?(?:price|rate|preço|precio|tarifa)|(?:preço|precio|tarifa|valor) (?:unitário |unitario )?(?:líquido|final|neto|proposto|ofertado|com desconto|con descuento)"
    ),
    "discount": _any(r"^(?:discount|disc\.?|desconto|descuento|dto\.?|desc\.?|rebate)\s*\(?%?\)?$"),
    "total": _any(
        r"^(?:.*\b)?(?:total|totals|subtotal|extended|ext\.|amount|importe|valor total|monto|line total|tcv)\b.*$"
    ),
    "price": _any(
        r"\b(?:unit price|price|rate|fee|cost|charge|tariff|preço|preco|valor unit\w*\.?|valor|taxa|tarifa|precio|costo|coste|cuota|mensalidade|mensualidad|p\. ?unit\.?|vlr\.? unit\w*\.?)\b",
        r"(?:US\$|USD|EUR|€|R\$|\$|BRL|MXN|GBP|£)\s*(?:/|per|por)",
        r"^\$/",
    ),
    "setup": _any(
        r"^(?:.*\b)?(?:set-?up|one-?time|nrc|installation|instalação|instalación|ativação|activación|implantação)\b.*$"
    ),
    "valid": _any(
        r"^(?:(?:quote |offer |proposal )?(?:valid(?:ity)?(?: until| through| to| thru| till)?|expir(?:es|y|ation)(?: date)?|good (?:until|through)|validade(?: da proposta)?|válid[ao] até|válid[ao] hasta|vigente hasta|validez(?: de la oferta)?|vence(?: el)?|vencimento|offer expires|valid date|vigencia de la (?:oferta|cotización)|expira(?: em| el)?))$"
    ),
    "date": _any(
        r"^(?:(?:quote |issue |offer |proposal )?date(?: of (?:issue|quote|offer))?|dated|issued(?: on)?|data(?: da proposta| de emissão)?|emissão|emitid[ao] em|fecha(?: de emisión| de la oferta| de cotización)?|emisión|sent)$"
    ),
    "sla": _any(
        r"^(?:sla|uptime|availability(?: sla)?|disponibilidade|disponibilidad|service level|nível de serviço|nivel de servicio|uptime sla|sla (?:uptime|%))(?: \(?%\)?)?$"
    ),
    "notice": _any(
        r"^(?:notice(?: period)?(?: \(?days\)?)?|aviso(?: prévio)?(?: \(?dias\)?)?|preaviso(?: \(?d[ií]as\)?)?|termination notice|non-renewal notice|cancellation notice|prazo de aviso|pré-aviso|plazo de preaviso)$"
    ),
    "renewal": _any(
        r"^(?:(?:auto[- ]?)?renewals?|renovação(?: automática)?|renovación(?: automática)?|prórroga|prorrogação|auto-?renew)$"
    ),
    "price_rise": _any(
        r"^(?:price (?:adjustment|increase|rise|change|escalat\w+|protection|revision)|escalat(?:or|ion)|uplift|indexation|reajuste(?: anual)?|correção|ajuste (?:anual|de precios?)|incremento(?: anual)?|indexación|revisión de precios|price hold|annual (?:uplift|increase|adjustment))$"
    ),
    "prepay": _any(
        r"^(?:pre-?pay(?:ment)?|deposit|up-?front(?: payment)?|advance(?: payment)?|down payment|adiantamento|entrada|sinal|pré-?pagamento|pagamento antecipado|caução|anticipo|prepago|pago (?:anticipado|por adelantado)|depósito|payment terms?|payment|condições de pagamento|forma de pagamento|pagamento|condiciones de pago|forma de pago|pago|antecipação)$"
    ),
    "minimum": _any(
        r"^(?:min(?:imum|\.)?(?: (?:commit(?:ment)?|order|usage|quantity|spend|gpus|use|consumption|block))?|moq|mínimo|compromisso mínimo|consumo mínimo|pedido mínimo|quantidade mínima|compromiso mínimo|cantidad mínima|uso mínimo)$"
    ),
    "tax": _any(
        r"^(?:tax(?:es)?|vat|gst|iva|impostos?|tributos|impuestos?|sales tax|tax treatment|iss|vat/tax)(?: \(?%\)?)?$"
    ),
    "currency": _any(r"^(?:currency|moeda|moneda|divisa|ccy)$"),
    "storage": _any(
        r"^(?:storage(?: incl(?:uded|\.))?(?: \(?TB\)?)?|included storage(?: \(?TB\)?)?|armazenamento(?: incluído| incluso)?(?: \(?TB\)?)?|almacenamiento(?: incluido)?(?: \(?TB\)?)?|nvme|disk|disco)$"
    ),
    "egress": _any(
        r"^(?:egress(?: included)?(?: \(?TB\)?)?|included egress(?: \(?TB\)?)?|bandwidth|data transfer|saída(?: de dados)?(?: incluída)?(?: \(?TB\)?)?|tráfego|tráfico|salida(?: de datos)?(?: incluida)?(?: \(?TB\)?)?|transferencia|transferência)$"
    ),
    "support": _any(r"^(?:support(?: level| tier| plan)?|suporte|soporte)$"),
    "host": _any(
        r"^(?:host(?: included)?|cpu/?ram|cpu and ram|host (?:cpu|resources)|vcpus?|ram|included in (?:the )?price|included|incluído|incluso|incluido|inclusions|includes|inclui|incluye)$"
    ),
    "unit": _any(
        r"^(?:unit|uom|price unit|billing unit|unidade|unidad|per|unit of measure|basis|pricing unit|rate unit|unidade de (?:cobrança|medida)|unidad de (?:cobro|medida)|und\.?|un\.?)$"
    ),
}
BILLING = {
    "spot": _any(
        r"\b(?:spot|preemptible|pre-emptible|interruptible|preemptíve(?:l|is)|preemptiv[ao]s?|interrumpibles?|interrompíve(?:l|is))\b"
    ),
    "on-demand": _any(
        r"\b(?:on[- ]?demand|pay[- ]as[- ]you[- ]go|PAYG|sob demanda|bajo demanda|a demanda)\b"
    ),
    "reserved": _any(
        r"\b(?:reserved?|reservations?|reservas?|reservad[ao]s?|committed(?: use)?|dedicated reservation|savings plan|reserva)\b"
    ),
}
FORMS = (
    ("SXM", _any(r"\bSXM\d?(?!\w)")),
    ("NVL", _any(r"\bNVL(?!\w|72|\d|ink)")),
    ("PCIe", _any(r"\bPCI-?e(?: Gen\d)?(?!\w)", r"\bPCI Express\b")),
    ("OAM", _any(r"\bOAM\b")),
)
INTERCONNECT = re.compile(
    r"(?:(?:NVIDIA |Mellanox )?(?:Quantum-?2 )?(?:\d{1,2}\s?[x×]\s?)?(?:\d[\d.,]*\s?(?:Gb(?:it)?/?s|Gbps|Gb|G|Tbps|Tb/s)\s)?(?:(?:NDR|HDR|XDR|EDR)(?:\s?\d{3})?\s)?(?:non-blocking\s)?(?:InfiniBand(?:\s(?:NDR|HDR|XDR)(?:\s?\d{3})?)?|\bIB\b(?:\s(?:NDR|HDR|XDR)\d{0,3})?|RoCE(?:\s?v2)?|Spectrum-X(?: Ethernet)?|EFA(?:v\d)?(?!\w)|Ethernet|GPUDirect-TCPX|Slingshot)(?:\s(?:NDR|HDR|XDR)(?:\s?\d{3})?)?(?:[ (]+\d[\d.,]*\s?(?:Gb(?:it)?/?s|Gbps|G\b|Tbps|Tb/s)(?:\s(?:per|por)\s(?:GPU|node|nó|nodo))?\)?)?)"
    r"|\b(?:NDR|HDR|XDR)\s?\d{3}\b(?:\sInfiniBand)?|\bNVLink(?:\s?\d(?:\.0)?)?\b",
    re.IGNORECASE,
)
