"""Clauses of a contract text: found, negated or absent, each with its sentence. No legal advice.

A negation is looked for near the words of the clause and in its own sentence; a sentence that says
it prevails ("notwithstanding", special terms) decides against a general one.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE | re.DOTALL)


class Clause(NamedTuple):
    says: re.Pattern[str]
    """Words that the clause is made of."""
    denies: re.Pattern[str]
    """Words that say the opposite outright."""
    needs: re.Pattern[str] | None = None
    """What must stand in the same sentence besides."""
    never: re.Pattern[str] | None = None
    """What a sentence about something else holds."""


_ENDING = r"terminat\w*|renew\w*|continue beyond|not continue|(?:wish\w*|intend\w*) to continue|walk away|end(?:ing)? the (?:order|agreement|contract|subscription)|leave the (?:agreement|contract)|non-renewal|cancel\w*|expir\w*|end(?:s|ing)? (?:this|the) (?:agreement|contract)|rescis\w*|rescind\w*|resil\w*|denúncia|denunci\w*|renov\w*|prorrog\w*|prórroga|encerra\w*|término|fim do (?:contrato|prazo)|resoluci\w*|resolver|finaliza\w*|vencimiento|baja|não renov\w*|no renov\w*|desist\w*|opt[- ]?out|extinç\w*|extinción|rescisión"
_DAYS = r"(?:\d{1,3}|\w+)\s*(?:\(\s*\w+\s*\)\s*)?(?:calendar |business |working )?(?:days?|months?|dias?|días?|mes(?:es)?|weeks?|semanas?)"
_PRICE = r"(?:prices?|rates?|fees?|charges|pricing|preços?|valor(?:es)?|tarifas?|precios?|mensalidades?|cuotas?|remunera\w+|importes?)"
_NO = r"(?:not|no|never|none|neither|without|nor|cannot|won't|doesn't|isn't|aren't|não|nao|nunca|jamais|nem|sem|nenhum[a]?|vedad[ao]s?|no|sin|ningun[ao]?|ningún|nunca|tampoco|prohibid[ao]s?|excluid[ao]s?|excluíd[ao]s?|excluded|waives?|renuncia\w*)"
CLAUSES: dict[str, Clause] = {
    "auto_renewal": Clause(
        _any(r"\bqued(?:a|ará|an|arán)\s+(?:\w+\s)?prorrogad\w*\b.{0,60}\b(?:tácit|salvo|anualidad|automát)", r"\b(?:renova|prorroga)-se\s+por\b", r"\bprorrogad[oa]s?\s+tácitamente", r"\btacit(?:ly)? renew\w*|\btacit renewal", r"\bauto(?:matic(?:ally)?)?[- ]?renew\w*", r"\brenew\w*\s+(?:itself\s+)?automatic\w*", r"\bautomatic(?:ally)?\s+(?:be\s+)?(?:renew\w*|extend\w*|prolong\w*|roll\w*)", r"\b(?:renew\w*|extend\w*|extension|continue\w*)\b.{0,60}\bsuccessive\b", r"\bsuccessive\b.{0,50}\b(?:renewal|terms?|periods?)\b", r"\bevergreen\b", r"(?<!hours )(?<!hours do not )(?<!credits )(?<!capacity )\brolls? (?:over|into|forward)\b(?! (?:unused|to the next month))", r"\b(?:deemed|considered|treated as)\s+(?:to be\s+)?(?:renewed|extended)\b", r"\bconsidera(?:r)?-?(?:se|-á)?[^.]{0,20}(?:renovad|prorrogad)\w*|\b(?:se )?(?:entenderá|considerará|entiende|considera)\s+(?:tácitamente\s+)?(?:renovad|prorrogad)\w*|\b(?:entende-se|entender-se-á|considerar-se-á)[^.]{0,20}(?:renovad|prorrogad)\w*", r"\b(?:shall|will)\s+(?:be\s+)?(?:renewed?|extended?|continue)\b.{0,80}\bunless\b", r"\bauto-?renova\w*", r"\brenova\w*(?:-se)?(?:-á)?\s+(?:de (?:forma|modo|pleno)\s+)?automatic\w*|\brenova\w*(?:-se)?(?:-á)?\s+(?:de forma\s+|de modo\s+)?automátic\w*|\brenovar-se-á|\bautomaticamente\s+(?:renovad\w*|prorrogad\w*)", r"\bprorroga\w*(?:-se)?(?:-á)?\s+(?:de forma\s+|por igual|automatic\w*|automátic\w*)", r"\bper[íi]odos iguais e sucessivos|\biguais e sucessivos|\bsucessivos períodos", r"\brenova(?:rá|rán|ção|ción)?\s+automátic\w*|\brenueva\w*\s+(?:de forma\s+|de manera\s+)?(?:automátic|tácit)\w*|\bautomáticamente\s+(?:renovad\w*|prorrogad\w*)|\bse\s+(?:renovará|prorrogará|renueva|prorroga)\w*\b.{0,60}(?:automátic|tácit|sucesiv|por períodos|salvo|iguales)", r"\bperíodos iguales y sucesivos|\biguales y sucesivos|\bperiodos iguales", r"\btácita (?:reconducción|recondução|prórroga)|\bprórroga (?:tácita|automática)|\brecondução tácita|renovação tácita|renovación tácita"),
        _any(r"\b(?:renewal|extension)\b[^.]{0,20}\bat\b[^.]{0,30}\b(?:option|discretion)\b|\b(?:renovación|renovação|prórroga|prorrogação)\b[^.]{0,20}\b(?:a opción|a critério|a discreción|a elección)\b", r"^(?!.*(?:automat|automát|unless|salvo|a menos|deemed|tácit|successive|sucesiv|exceto|excepto|entender|avoid|prevent|evitar|impedir|notif|notice|aviso|opor|opon|oposi|oppos|opt)).*\b(?:renew\w*|extend\w*|renov\w*|prorrog\w*|prórroga)\b[^.]{0,60}\b(?:in writing|written agreement|mutual|signed|mediante|termo aditivo|por escrito|de común acuerdo|acuerdo|acordo|assinad\w*|firmad\w*)", r"\b(?:automatic renewal|auto-?renewal|renovação automática|renovación automática|prórroga (?:tácita|automática))\b[^.]{0,40}\b(?:excluded|waived|disapplied|excluíd\w*|excluid\w*|afastad\w*|descartad\w*|does not apply|não se aplica|no se aplica)", r"\b(?:sin que|sem que)\s+(?:quepa|proceda|haya|caiba|haja)\b[^.]{0,20}\b(?:prórroga|renov\w*|prorrog\w*)", r"\b(?:not|never|no)\s+(?:be\s+)?(?:renewed|extended)\b(?![^.]{0,20}\bmore than)", r"\b(?:renewals?|extensions?)\s+(?:is|are|shall)\s+(?:not|never)\s+(?:be\s+)?automatic\w*", r"\b(?:no|never)\b[^.]{0,40}\brenew\w*\b[^.]{0,60}\b(?:without|unless|order|agree\w*|consent)", r"\b(?:não|no)\s+(?:será|serão|serán)\s+(?:objeto de\s+)?(?:renova\w*|prorrog\w*|prórroga)", r"\b(?:vedad\w*|exclu[ií]d\w*|prohibid\w*|afastad\w*)[^.]{0,20}(?:prorroga\w*|prórroga|renova\w*)", r"\b(?:renew\w*|extend\w*|renova\w*|prorrog\w*|renueva\w*|renovarse)\b[^.]{0,50}\b(?:only|solely|exclusively|apenas|somente|únicamente|solo|sólo|unicamente|exclusivamente)\b", r"\bonly\b[^.]{0,40}\b(?:renew\w*|extend\w*)\b[^.]{0,50}\b(?:agree\w*|writing)", r"\b(?:expires?|ends?|terminates?|encerra\w*|termina\w*|finaliza\w*|expira\w*|extingue\w*)\b[^.]{0,60}\b(?:without|sem|sin)\b[^.]{0,30}\b(?:renew\w*|renov\w*|prorrog\w*|prórroga|extension)", r"\bany (?:renewal|extension) (?:requires|shall require|must be agreed|is subject)", r"\bqualquer (?:renovação|prorrogação)[^.]{0,30}(?:depende|exig|requer|mediante)", r"\bcualquier (?:renovación|prórroga)[^.]{0,30}(?:requ|depend|mediante|exig)", r"\b(?:no|sem|sin|não há|no hay|without)\s+(?:any\s+)?(?:automatic|tacit|auto)?\s*-?(?:renewal|renovação|renovación|prórroga|prorrogação|tácita reconducción)"),
    ),
    "notice": Clause(
        _any(rf"\bavis\w+\b.{{0,30}}\b{_DAYS}\b", rf"\b{_DAYS}\b.{{0,60}}\b(?:notice|notif\w+|aviso|preaviso|antecedência|antelación|anticipación|anteced\w+)\b", rf"\b(?:notice|notif\w+|aviso|preaviso|antecedência|antelación|anticipación|comunica\w*|written|por escrito)\b.{{0,90}}\b{_DAYS}\b", rf"\b(?:unless|salvo|salvo que|a menos que|exceto se)\b.{{0,120}}\b{_DAYS}\b.{{0,30}}\b(?:before|prior|antes|previo)", rf"\b(?:at least|no later than|not later than|até|pelo menos|al menos|con|com|no mínimo|mínimo de)\b.{{0,20}}\b{_DAYS}\b.{{0,40}}\b(?:before|prior to|ahead of|antes d|previos?|de antel)", rf"\b{_DAYS}\s+(?:in advance|ahead|de antecedência|de antelación)\b", rf"\bnotices?\b.{{0,40}}\b{_DAYS}\b"),
        _any(r"\b(?:no|without|sem|sin)\s+(?:any\s+|prior\s+|written\s+|necessidade de\s+|necesidad de\s+|previo\s+|prévio\s+)*(?:notice|aviso(?: prévio)?|preaviso|notificação|notificación)(?:\s(?:period|prévia|previa))?\s*(?:is|are|being|será|é|es)?\s*(?:required|needed|necess\w+|exigid\w*|applies|period)?"),
        needs=_any(rf"\b(?:{_ENDING})"),
        never=_any(r"\bmaintenance|manutenção|mantenimiento|sub-?processors?|subencargad|suboperador|price (?:change|increase)|increase .{0,40}(?:price|fees|rates)|suspend|breach|violação|incumplimiento|inadimpl|incident|delete|delet|elimin|apag|supres|return of|export|devol|audit|cure|remed(?:y|iat)|reajust|aumentar|incrementar|security|pay(?:ment)? within|invoice"),
    ),
    "price_rise": Clause(
        _any(rf"\b(?:actualizar|revisar|incrementar|aumentar|ajustar|reajustar|atualizar|modificar|subir|elevar|corrigir)\b.{{0,40}}\b{_PRICE}\b", rf"\b(?:increas\w*|rais\w*|adjust\w*|escalat\w*|uplift|index\w*|revis\w*|chang\w*|modif\w*)\b.{{0,70}}\b{_PRICE}\b", rf"\b{_PRICE}\b.{{0,90}}\b(?:increas\w*|rais\w*|adjust\w*|escalat\w*|uplift|index\w*|revis\w*|ris(?:e|es|ing)|go(?:es)? up|climbs?|var[ií]a\w*|reajust\w*|aument\w*|corrig\w*|atualizad\w*|incrementa\w*|ajust\w*|actualiza\w*|subir\w*|modificad\w*)\b", r"\b(?:escalator|uplift|reajuste|correção monetária|incremento anual|indexación|indexação|ajuste anual|revisión (?:anual )?de precios)\b", r"\bthen[- ]current (?:list )?(?:price|rate)s?|\blist prices? (?:then )?in (?:force|effect)|preços? (?:de lista )?(?:então )?vigentes?|precios? (?:de lista )?(?:entonces )?vigentes?|\b(?:IPCA|IGP-M|CPI|IPC|HICP)\b"),
        _any(rf"\b{_PRICE}\b.{{0,40}}\b(?:guaranteed|protected|garantid\w*|garantizad\w*|cerrad\w*|irreajust\w*)\b", r"\birreajust[áa]ve\w*|\bpric(?:e|ing) (?:guarantee|protection|hold|lock)", rf"\b{_PRICE}\b.{{0,50}}\b(?:not (?:be )?(?:chang\w*|increas\w*|adjust\w*|rais\w*|vary|revis\w*)|não (?:sofrer\w*|ter\w*|ser\w*) (?:\w+ )?(?:reajust\w*|altera\w*|aument\w*|varia\w*)|no (?:sufrir\w*|tendr\w*|experimentar\w*|ser\w*) (?:\w+ )?(?:variaci\w*|revis\w*|aument\w*|increment\w*|modifica\w*))", rf"\b{_PRICE}\b.{{0,60}}\b(?:fixed|firm|locked|held|unchanged|fix[ao]s?|firmes?|fij[ao]s?|congelad\w*|inalterad\w*|invariable\w*|remain the same)\b", rf"\b(?:fixed|firm|locked|fix[ao]s?|fij[ao]s?)\b[- ](?:in )?{_PRICE}\b", r"\b(?:sem|sin|without|no|não haverá|no habrá)\s+(?:any\s+|qualquer\s+|ningún\s+)?(?:reajuste|price (?:increase|adjustment|change|escalat\w*)s?|increase|incremento|aumento|ajuste|escalator|uplift|indexation|revisión)\b"),
        never=_any(r"\bliability|responsab|credit|quota|capacity (?:increase|change)|number of GPUs|aumento de capacidade|service levels? may"),
    ),
    "take_or_pay": Clause(
        _any(r"\b(?:faturad|facturad|cobrad|pag)\w*\s+(?:integralmente|íntegramente|na totalidade|en su totalidad|por completo)\b|\b(?:utilizad|usad|consumid)[ao]s?\s+(?:ou não|o no)\b|\b(?:used|consumed)\s+or not\b|\bwhether used or unused\b", r"\b(?:con independencia|independentemente|independientemente|independente)\b.{0,12}\b(?:uso|consumo|utiliza\w+)", r"\b(?:cobrança|cuota|quantidade|cantidad)\s+mínima\b|\bminimum quantity\b", r"\b(?:invoiced|billed|charged|payable)\b.{0,40}\birrespective\b", r"\btake[- ]or[- ]pay\b", r"\bminimum\s+(?:\w+\s+){0,2}(?:commit\w*|spend|consumption|purchase|fee|charge|usage)\b", r"\b(?:committed|commitment)\b.{0,60}\b(?:payable|due|owed|paid|invoiced)\b.{0,60}\b(?:regardless|whether or not|irrespective|even if)\b", r"\b(?:regardless|irrespective) of (?:\w+\s){0,3}(?:usage|use|consumption|utili[sz]ation)\b", r"\bshortfall\b", r"\bnon-?cancel\w*able\b", r"\b(?:owes?|owed|pays?|payable|due|charged|billed|invoiced)\b.{0,90}\b(?:whether or not|even if|regardless|irrespective)\b", r"\b(?:monthly|annual|minimum|quarterly) commitment\b.{0,40}\bin full\b", r"\bunused (?:hours|capacity|gpu|credits|amounts?)[^.]{0,60}\b(?:charged|billed|forfeit\w*|lost|payable|invoiced|expire)", r"\b(?:franquia|quota|cuota|volume|volumen|parcela)\s+(?:\w+\s+)?(?:mínim[oa]|compromet\w+|contratad\w+)\b", r"\b(?:ainda que|mesmo que|aunque|aun cuando|aun si|incluso si) (?:não|no)\b.{0,30}\b(?:us[eoa]\w*|utili[czs]\w*|consum\w*)", r"\b(?:consumo|compromisso|compromiso|faturamento|facturación|gasto|franquia|volume|volumen)\s+mínim[oa]\b", r"\bindependentemente d[oae]\s+(?:uso|consumo|utiliza\w+)|\bindependientemente de[l]?\s+(?:uso|consumo|la utilización)|\bcon independencia de[l]?\s+(?:uso|consumo)", r"\bpay\b.{0,60}\b(?:whether or not|even if)\b.{0,40}\b(?:used?|consum\w*|utili[sz]e\w*)\b", r"\bmesmo que não (?:utiliz|consum)\w*|\baunque no (?:se\s+)?(?:utilice|consuma|use)\w*|\bhaya o no utilizado|utilize ou não"),
        _any(r"\b(?:billed|charged|invoiced|pays?|cobrad\w*|faturad\w*|factura\w*|paga\w*)\s+(?:solely|only|exclusively|apenas|somente|únicamente|solo|sólo|exclusivamente)\s+(?:on|for|by|por|pel[ao]s?|según|conforme|lo)\b", r"\bnothing\b.{0,30}\b(?:oblig\w*|requires?)\b.{0,50}\bminimum\b", r"\b(?:não haverá|no habrá|não existe|no existe|sem|sin)\s+(?:\w+\s)?(?:cobrança|faturamento|facturación|consumo|cuota|quantidade|cantidad|obligación|compra)\b.{0,20}\bmínim\w*", r"\b(?:no|without(?: any)?|sem|sin|não há|no hay|no existe|free of|no se exige|não se exige|no existe obligación de|não existe obrigação de|under no obligation to \w+)\s+(?:any\s+|a\s+|un\s+|um\s+)?(?:volume |volumen |consumo )?(?:minimum|take[- ]or[- ]pay|consumo mínimo|compromisso mínimo|compromiso mínimo|mínimo|obrigação de consumo|faturamento mínimo|gasto mínimo|facturación mínima|shortfall)", r"\b(?:pays?|charged|billed|invoiced|paga\w*|cobrad\w*|factura\w*)\s+(?:only|solely|apenas|somente|únicamente|sólo|solo)\s+(?:for|por|pel[ao]s?|o|lo)\b[^.]{0,50}\b(?:us\w*|consum\w*|utiliz\w*)"),
        never=_any(r"\bstopped|\bidle|powered off|paus|parad[ao]s?|deslig|detenid|apagad|inactiv|ocios"),
    ),
    "idle_billing": Clause(
        _any(r"\b(?:suspensão|suspensión|desligamento|apagado|pausa)\b", r"\bsuspended\b|\bpowered[- ]off\b|\bdormant\b|\bnot in use\b", r"\b(?:stopped|idle|powered[- ](?:off|down)|shut ?down|paused|suspended instances?|not running|inactive|hibernated|unused (?:instances?|nodes?|gpus?))\b", r"\b(?:parad[ao]s?|desligad[ao]s?|ocios[ao]s?|inativ[ao]s?|suspens[ao]s?|não utilizad[ao]s?|pausad[ao]s?)\b", r"\b(?:detenid[ao]s?|apagad[ao]s?|inactiv[ao]s?|parad[ao]s?|ocios[ao]s?|pausad[ao]s?|no utilizad[ao]s?|suspendid[ao]s?)\b"),
        _any(r"\b(?:não|no)\s+(?:incid\w*|se devengan?|devenga\w*|genera\w*|gera\w*|haverá|habrá)\b", r"\b(?:no|not|never|não|no se|sem|sin|nem)\s+(?:\w+\s){0,4}(?:charge\w*|bill\w*|invoic\w*|cobr\w*|fatura\w*|factura\w*|fee|custo|costo|cargo)\b", r"\b(?:billing|charges?|metering|fees?)\s+(?:is\s+|are\s+)?(?:paus\w*|stops?|suspended|cease\w*|ends?)\b", r"\b(?:não|no)\s+(?:se\s+|geram?\s+|generan?\s+|devengan?\s+|são\s+|son\s+)(?:cobran\w*|cobrad\w*|factura\w*|fatura\w*|cargo|custo|coste|tarifa)", r"\b(?:free of charge|gratuit\w*|isent\w*|exent\w*|sem custo|sin costo|sin coste|sin cargo|stops? accruing|cease\w*)\b"),
        needs=_any(r"\b(?:charg\w*|bill\w*|invoic\w*|fee|fees|pay\w*|accru\w*|cobr\w*|fatura\w*|factura\w*|devid\w*|pag\w*|deveng\w*|tarif\w*|incur\w*)\b"),
    ),
    "sla_credits": Clause(
        _any(r"\bcredits?\b.{0,70}\b(?:capped|cap of|not exceed)\b.{0,40}\bfees?\b", r"\bservice credits?\b", r"\bcredits?\b.{0,40}\b(?:fees|invoice|bill)\b.{0,20}\b(?:month|quarter)", r"\bsoma dos créditos|\btotal de (?:los )?créditos|\bcréditos\b.{0,60}\bmensalidade", r"\b(?:SLA|disponibilidad|nivel de servicio|indisponibilidad)\b.{0,100}\b(?:abono|bonificaci[óo]n|descuento|compensaci[óo]n)\w*|\b(?:abonos?|bonificaci[óo]n\w*)\b.{0,30}\b(?:SLA|disponibilidad|nivel)", r"\b(?:SLA|disponibilidade|nível de serviço|indisponibilidade)\b.{0,100}\b(?:abatimento|desconto|bonificação)", r"\bcredits?\b.{0,60}\b(?:uptime|availab\w*|monthly fee|downtime|SLA|outage|service level)\b", r"\b(?:uptime|availab\w*|SLA|downtime|outage|service level)\b.{0,140}\bcredit(?:s|ed)?\b", r"\bcréditos?\b.{0,30}\bservi[çc]i?o?s?\b|\bcréditos?\b.{0,80}\b(?:disponibili\w*|SLA|indisponibil\w*|fatura|factura|mensal|mensual|nivel)\b|\b(?:disponibili\w*|SLA|indisponibil\w*|nível de serviço|nivel de servicio)\b.{0,140}\bcréditos?\b"),
        _any(r"\b(?:no|without(?: any)?|sem|sin|nenhum|ningún|neither)\s+(?:entitlement to\s|direito a\s|derecho a\s|any\s)?(?:service\s+)?(?:credits?|créditos?)\b", r"\b(?:not|não|no)\s+(?:be\s+|is\s+|are\s+|terá\s+|tendrá\s+|haverá\s+|habrá\s+|se\s+|serão\s+|existe\w*\s+|hay\s+|há\s+|receive\s+|grant\w*\s+|give rise to\s+|gera\w*\s+|genera\w*\s+|entitled to\s+|concede\w*\s+|otorga\w*\s+|offer\w*\s+|provide\w*\s+|direito a\s+|derecho a\s+|any\s+)*(?:service\s+)?(?:credits?|créditos?)\b"),
        never=_any(r"\bcredit (?:card|check|line|limit)|cart[ãa]o de crédito|tarjeta de crédito|promotional credits?|prepaid credits?|unused credits"),
    ),
    "sla_cap": Clause(
        _any(r"\bcréditos?\b.{0,80}\b(?:limitam-se|se limitan|limitando-se)\b", r"\bcredits?\b.{0,60}\b(?:are |is )?limited to\b", r"\b(?:no month|no event|any month)\b.{0,30}\bcredits?\b.{0,20}\b(?:total|exceed)\w*\b", r"\bcréditos?\b.{0,80}\b(?:não (?:ultrapassar\w*|superar\w*)|no (?:rebasar\w*|superar\w*))", r"\babonos?\b.{0,80}\b(?:no (?:podrán )?(?:rebasar\w*|superar\w*|exceder\w*)|máximo|tope|limitad\w*)", r"\bcredits?\b.{0,120}\b(?:shall not exceed|will not exceed|may not exceed|not exceed|capped|cap of|maximum|limited to|up to a maximum|in no event exceed|never exceed|do not exceed)\b", r"\b(?:maximum|cap|limit|total|aggregate)\b.{0,60}\bcredits?\b.{0,60}\b\d", r"\bcréditos?\b.{0,120}\b(?:limitad[oa]s?|não (?:poderão |podem |poderá )?exceder\w*|não excederão|no (?:podrán |podrá |pueden )?(?:exceder\w*|superar\w*)|no excederán|máximo|teto|tope|até o limite|hasta un máximo|limite)\b", r"\b(?:máximo|teto|tope|limite|límite)\b.{0,50}\bcréditos?\b"),
        _any(r"\b(?:uncapped|unlimited|not capped|no cap|not subject to (?:a |any )?(?:cap|limit|maximum)|without (?:a |any )?(?:cap|limit|maximum)|sem (?:limite|teto)|sin (?:límite|tope)|ilimitad[oa]s?|não (?:há|estão sujeitos a|têm|são limitad\w+) (?:limite|teto|um teto)?|no (?:hay|tienen|están sujetos a|están limitad\w+) (?:límite|tope|un tope)?)\b"),
        needs=_any(r"\bcredits?\b|\bcréditos?\b|\babonos?\b"),
        never=_any(r"\bcredit card|tarjeta de crédito|cartão de crédito"),
    ),
    "data_return_deletion": Clause(
        _any(r"\b(?:return\w*|delet\w*|destroy\w*|eras\w*|export\w*|retriev\w*|download\w*|wip\w*|purg\w*)\b.{0,90}\b(?:data|content|materials?)\b", r"\b(?:data|content)\b.{0,110}\b(?:return\w*|delet\w*|destroy\w*|eras\w*|export\w*|retriev\w*|download\w*|wip\w*|purg\w*)\b", r"\b(?:devolv\w*|devoluç\w*|elimin\w*|exclu(?:são|ir|irá|ídos)\w*|apag\w*|export\w*|destru\w*|recuper\w*)\b.{0,90}\bdados\b|\bdados\b.{0,110}\b(?:devolv\w*|devoluç\w*|elimin\w*|exclu(?:são|ir|irá|ídos)\w*|apag\w*|export\w*|destru\w*|recuper\w*)\b", r"\b(?:giv\w+ back|hand\w* (?:back|over))\b.{0,60}\b(?:data|content)", r"\b(?:devolv\w*|devoluc\w*|devolución|elimin\w*|suprim\w*|supresión|borr\w*|export\w*|destru\w*|recuper\w*)\b.{0,90}\bdatos\b|\bdatos\b.{0,110}\b(?:devolv\w*|devolución|elimin\w*|suprim\w*|supresión|borr\w*|export\w*|destru\w*|recuper\w*)\b"),
        _any(r"\bno\b.{0,12}\b(?:duty|responsibility|dever|deber)\b.{0,40}\b(?:retain|return|keep|store|export|conserv|reten|devolv|guard)\w*", r"\b(?:no|not|não|no)\s+(?:\w+\s){0,3}(?:obligation|oblig\w+|obrigaç\w+|obrigad\w+|required|responsib\w*|responsab\w*|oblig\w+)\b.{0,60}\b(?:return|giv\w+ back|hand|delet|export|retain|devolv|elimin|conserv|apag|borr|suprim|reten)\w*", r"\b(?:will|shall|does|do|may)\s+not\s+(?:be (?:obliged|required) to\s+)?(?:return|delete|export|provide)\b"),
        needs=_any(r"\b(?:terminat\w*|expir\w*|end of|expiry|after the (?:agreement|contract|term)|upon request|at the end|rescis\w*|término|encerra\w*|fim d[oe]|final d[oe]l?|terminación|terminad[oa]|finalizad[oa]|concluíd[oa]|extint[oa]|findo|finaliza\w*|resolución|extinç\w*|extinción|vencimiento|conclu\w*|cese|exit|saída)\b"),
        never=_any(r"\bexport control|control(?:es)? de exporta|egress"),
    ),
    "sub_processors": Clause(
        _any(r"\bsub-?\s?processors?\b|\bsub-?contract\w* (?:the )?processing", r"\bsub-?operador(?:es)?\b|\bsuboperador\w*|\bsub-?processador(?:es)?\b", r"\bsub-?encargad[oa]s?\b|\bsubprocesador(?:es)?\b"),
        _any(r"\b(?:no se permite|não é permitid\w*|não será permitid\w*|se prohíbe|queda prohibid\w*|é vedad\w*|fica vedad\w*|prohibited|not permitted)\b.{0,80}\bsub-?(?:encargad|operador|processador|procesador|processor)\w*", r"\b(?:no|without(?: any)?|sem|sin|nenhum|ningún)\s+(?:use of\s|any\s|uso de\s)?(?:sub-?\s?processors?|sub-?operador\w*|sub-?encargad\w*|sub-?processador\w*|subprocesador\w*)\b"),
    ),
    "termination_convenience": Clause(
        _any(r"\b(?:walk away|leave|exit|withdraw)\b.{0,60}\b(?:at any time|for any reason|without cause)\b", r"\bterminate early\b", r"\b(?:terminat\w*|cancel\w*|end)\b.{0,110}\b(?:for (?:its |their )?convenience|without cause|for any (?:or no )?reason|at any time|without (?:giving )?(?:a )?reason)\b", r"\b(?:convenience)\b.{0,60}\bterminat\w*", r"\b(?:rescind\w*|rescis\w*|resili\w*|encerrar|cancelar|denunciar)\b.{0,110}\b(?:imotivad\w*|sem (?:justa )?(?:causa|motivo|justificativa)|a qualquer (?:tempo|momento)|por conveniência|independentemente de (?:motivo|causa))|\b(?:rescisão|resilição|denúncia)\s+(?:imotivad\w*|por conveniência|unilateral)|\bimotivadamente", r"\b(?:resolver|rescindir|terminar|cancelar|desistir|resoluci\w*|terminaci\w*|poner fin|resolución|terminación|rescisión)\b.{0,110}\b(?:por conveniencia|sin (?:expresión de )?(?:causa|motivo)|en cualquier momento|sin necesidad de (?:causa|motivo)|anticipadamente sin)"),
        _any(r"\b(?:termina\w*|resci\w*|resol\w*)\b[^.]{0,80}\b(?:only|solely|solo|sólo|únicamente|somente|apenas)\b[^.]{0,40}\b(?:cause|breach|causa|incumplimiento|inadimplemento)\b", r"\b(?:only|solely)\b[^.]{0,30}\bterminat\w*[^.]{0,40}\bcause\b", r"\b(?:no|neither|not|cannot|may not)\b.{0,40}\b(?:terminate|termination|cancel\w*)\s+early\b", r"\b(?:no|neither party (?:may|has|shall)|may not|cannot|shall not|not be entitled|no right|não (?:poderá|poderão|pode|podem|há|cabe|é permitid\w*|terá direito)|vedada|no (?:podrá|podrán|puede|pueden|cabe|se admite|hay|tendrá derecho)|ninguna de las partes podrá|nenhuma das partes poderá|without (?:a |any )?right)\b.{0,90}\b(?:convenience|without cause|conveniência|conveniencia|imotivad\w*|sin causa|sem (?:justa )?causa|anticipada|antecipada|at any time|a qualquer (?:tempo|momento)|en cualquier momento|prior to the end|before the end|sem motivo|sin motivo|unilateral\w*)", r"\b(?:convenience|conveniência|conveniencia|imotivad\w*)\b.{0,60}\b(?:excluded|not permitted|not available|is waived|não (?:é|são|será) (?:permitid|admitid)\w*|vedad\w*|excluíd\w*|no (?:está|se) (?:permit|admit)\w*|excluid\w*)"),
    ),
    "liability_cap": Clause(
        _any(r"\b(?:no event|neither|not|never)\b.{0,60}\bliabilit\w*\b.{0,40}\bexceed", r"\b(?:liabilit\w*|liable)\b.{0,160}\b(?:not exceed|limited to|capped|cap\b|exceed(?:ing)? (?:the )?(?:fees|amount)|maximum|in excess of|limit(?:ation)? of)\b", r"\b(?:limitation|cap|limit) (?:of|on) (?:\w+\s){0,2}liabilit\w*", r"\bresponsabilidade\b.{0,160}\b(?:limitad\w*|não (?:poderá |irá )?exceder\w*|não excederá|não ultrapassará|limite|máxim\w*|teto)\b|\blimite de responsabilidade|\blimitação de responsabilidade", r"\bresponsabilidad\b.{0,160}\b(?:limitad\w*|limitará|no (?:podrá )?(?:exceder\w*|superar\w*)|no excederá|no superará|límite|máxim\w*|tope)\b|\blímite de responsabilidad|\blimitación de responsabilidad"),
        _any(r"\b(?:liabilit\w*|responsabilidade|responsabilidad)\b.{0,60}\b(?:unlimited|uncapped|not (?:be )?(?:limited|capped)|without limit(?:ation)?|ilimitad\w*|não (?:é|será|está|fica) (?:limitad\w*|sujeit\w*)|no (?:está|estará|es|será|queda) (?:limitad\w*|sujet\w*)|sem limite|sin límite|no cap)\b", r"\b(?:unlimited|uncapped|ilimitada)\s+(?:liability|responsabili\w*)|\b(?:no|without(?: any)?|sem|sin)\s+(?:cap|limit(?:ation)?|limite|límite|limitação|limitación)\s+(?:of|on|de|à|a la|da)\s+(?:\w+\s){0,2}(?:liability|responsabili\w*)"),
        never=_any(r"\b(?:fraud|death|personal injury|gross negligence|wil?lful|dolo|culpa grave|fraude|muerte|morte)\b(?!.{0,200}\b(?:aggregate|total|12 months|twelve|doze|doce)\b)"),
    ),
    "switching_exit": Clause(
        _any(r"\bswitch(?:ing)?\b.{0,80}\b(?:provider|service|charges?|cloud|assist\w*|fees?)\b", r"\b(?:exit|transition|migration|off-?boarding|hand-?over)\s+(?:assistance|support|plan|services?|period|help)\b", r"\b(?:assist\w*|support|help|cooperat\w*)\b.{0,70}\b(?:migrat\w*|transition|switch\w*|mov(?:e|ing)|transfer\w*)\b", r"\b(?:Data Act|data portability)\b", r"\b(?:portabilidade|mudança de (?:prestador|provedor|fornecedor)|troca de (?:prestador|provedor|fornecedor)|plano de saída|período de transição|assistência (?:à|na|de) (?:migração|transição|saída)|apoio (?:à|na) (?:migração|transição)|migra(?:r|ção) para outro)\b", r"\b(?:portabilidad|cambio de (?:proveedor|prestador)|plan de salida|período de transición|periodo de transición|asistencia (?:a la|en la|para la|de) (?:migración|transición|salida)|apoyo (?:a|en) la (?:migración|transición)|migra(?:r|ción) a otro)\b"),
        _any(r"\b(?:no|not|não|sem|sin)\s+(?:\w+\s){0,4}(?:obligation|obliged|obrig\w+|oblig\w+)\b.{0,60}\b(?:assist\w*|support|migrat\w*|transition|switch\w*|exit|migra\w+|transi\w+|portab\w+)", r"\b(?:no|not|não|sem|sin)\s+(?:\w+\s){0,4}(?:assist\w*|support|asistencia|assistência|apoio|apoyo|switching|exit|transition|migration|portabilidad\w*|portability)\b"),
        never=_any(r"\bno (?:egress|data transfer|exit|switching) (?:fees?|charges?)\b"),
    ),
}  # fmt: skip
_FINE = re.compile(
    r"\b(?:(?:serão|sejam|depois|posteriormente) (?:\w+ )?excluíd\w*|without penalty|sin penali[zs]aci\w*|sem (?:multa|penalidade|ônus)|(?:neither|no) party['’]?s? (?:\w+ ){0,3}liabilit\w* (?:will|shall|may|can)|not (?:increase|raise|adjust)\w*.{0,40}by more than|não (?:\w+ ){0,2}(?:reajust|aument)\w*.{0,30}(?:mais de|acima de)|no (?:\w+ ){0,2}(?:increment|aument|sub)\w*.{0,30}más del?|não são cumulativ\w*|no son acumul\w*|not cumulative|in no (?:month|event)|não (?:ultrapassará|superará)|no rebasar\w*|si ninguna parte se opone|se nenhuma (?:das partes )?|if neither party|unless neither|do(?:es)? not roll over|not (?:less|fewer|later|more|earlier|limited to|only)|no (?:less|fewer|later|more|earlier|menos|más|mais)(?: than)?|no(?:t)? exceed\w*|shall not exceed|não (?:exced\w*|menos|inferior|superior|mais|apenas|só|obstante|poderão exceder|poderá exceder|ultrapass\w*)|no (?:exced\w*|superar\w*|superará|inferior|superior|obstante|sólo|solo|podrán exceder|podrá exceder|podrán superar|podrá superar|pueden superar|pueden exceder|rebasar\w*)|whether or not|without (?:limitation|limiting|prejudice|undue delay|charge|(?:giving )?(?:a )?(?:cause|reason))|sem (?:prejuízo|limitação|custo|justa causa|causa|motivo|demora)|sin (?:perjuicio|limitación|coste|costo|causa|motivo|demora|expresión)|non-?renew\w*|non-?cancel\w*|not to renew|(?:wish\w*|intend\w*|elects?|decid\w*) (?:to )?not (?:to )?renew|(?:de|em|a|deseja\w*|decid\w+|quiser) não (?:se )?renov\w*|(?:de|desea\w*|decid\w+|quiera) no (?:se )?renov\w*|does not affect|if not|se não|si no|even if not|not running|not used|unused|mesmo que não|aunque no|no utilizad\w*|não utilizad\w*|notwithstanding|in excess of)\b",
    re.IGNORECASE,
)
_UNLESS_LEFT = re.compile(
    r"\b(?:unless|except|save|salvo|exceto|a menos|a não ser|excepto)\b", re.IGNORECASE
)
_CONSENT = re.compile(
    r"\b(?:without|sem|sin)\b.{0,30}\b(?:consent|approval|authori[sz]ation|notice|consentimento|autorização|aprovação|aviso|consentimiento|autorización|aprobación|notificar|informing|informar)|\b(?:unless|except|salvo|exceto|excepto)\b",
    re.IGNORECASE,
)
_PREVAILS = re.compile(
    r"\b(?:notwithstanding|in deviation from|by way of derogation|derogat\w+|deviat\w+|supersed\w+|prevails?|overrid\w+|instead of (?:section|clause)|special terms?|shall not apply|does not apply|do not apply|is deleted|are deleted|is disapplied|não obstante|em derrogação|prevalec\w+|condições (?:especiais|particulares)|não se aplica\w*|fica (?:excluíd|afastad|sem efeito)\w*|no obstante|en derogación|condiciones (?:particulares|especiales)|no se aplica\w*|no será de aplicación|no aplica\w*|queda (?:excluid|sin efecto)\w*|a diferencia de|contrariamente|em vez d|ao contrário)\b",
    re.IGNORECASE,
)
_STRIKES = re.compile(
    r"\b(?:shall not apply|does not apply|do not apply|is deleted|are deleted|is disapplied|is waived|não se aplica\w*|fica (?:excluíd|afastad|sem efeito)\w*|no se aplica\w*|no será de aplicación|no aplica\w*|queda (?:excluid|sin efecto)\w*|is (?:hereby )?removed|suprimid\w*)\b",
    re.IGNORECASE,
)
_HYPOTHETICAL = re.compile(
    r"^\s*(?:(?:does|do|is|are|can|could|what|please (?:confirm|tell|explain)|will you|we (?:ask|would like)|ask (?:whether|if))\b.*\?|.*\?\s*$)",
    re.IGNORECASE | re.DOTALL,
)
_SPLIT = re.compile(
    r"(?<=[.;!?])(?<!\bNo\.)(?<!\bInc\.)(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bLtd\.)(?<!\bart\.)(?<!\bArt\.)(?<!\bn\.)(?<!\bp\.)(?<!\bS\.A\.)(?<!\bapprox\.)(?<!\d\.)\s+(?=[A-ZÁÉÍÓÚÀÂÊÔÃÕÇÑ0-9(\"“¿¡§•-])|\n\s*\n|\n(?=\s*(?:\(?\d{1,2}(?:\.\d{1,2})*[.)]?\s|[-*•§]\s|\(?[a-z]\)\s|#|(?:Section|Clause|Article|Cláusula|Artigo|Artículo)\s))"
)


def sentences(text: str) -> list[tuple[int, str]]:
    """(offset, sentence) of a text; each sentence is a piece of it, line ends and all."""
    out, at = [], 0
    for match in [*_SPLIT.finditer(text), None]:
        end = match.start() if match else len(text)
        piece = text[at:end]
        left = len(piece) - len(piece.lstrip())
        heading = re.match(r"\s*[^\n.;:,!?]{2,40}\n(?=\s*[A-ZÁÉÍÓÚ])", piece)
        if heading and piece[heading.end() :].strip():
            left = (
                heading.end() + len(piece[heading.end() :]) - len(piece[heading.end() :].lstrip())
            )
        if piece.strip():
            out.append((at + left, piece[left:].rstrip()))
        at = match.end() if match else end
    return out


def clauses(text: str) -> dict[str, dict[str, Any]]:
    """Every clause's `status` (present, negated, absent) and its `sentences`."""
    parts = sentences(text)
    out: dict[str, dict[str, Any]] = {}
    for name, clause in CLAUSES.items():
        yes: list[str] = []
        no: list[str] = []
        for _, sentence in parts:
            verdict = _verdict(sentence, clause)
            if verdict is True:
                yes.append(sentence)
            elif verdict is False:
                no.append(sentence)
        over = [sentence for sentence in no if _PREVAILS.search(sentence)]
        if over or (no and not yes):
            out[name] = {"status": "negated", "sentences": over or no}
        elif yes:
            out[name] = {"status": "present", "sentences": yes}
        else:
            out[name] = {"status": "absent", "sentences": []}
    return out


def _verdict(sentence: str, clause: Clause) -> bool | None:
    """True: the clause stands; False: it is denied; None: the sentence is about something else."""
    flat = re.sub(r"\s+", " ", sentence)
    if len(flat) < 18 or _HYPOTHETICAL.match(flat):
        return None
    if re.fullmatch(r"(?:\(?\d+(?:\.\d+)*[.)]?\s*)?[^.;:]{3,60}", flat) and not re.search(
        r"\b(?:shall|will|may|is|are|renews?|must|can|deve\w*|pode\w*|será|é|podrá\w*|debe\w*|es|se|no|não|sem|sin|fixed|not)\b",
        flat,
        re.IGNORECASE,
    ):
        return None  # a heading
    said = list(clause.says.finditer(flat))
    if clause.needs is not None and not clause.needs.search(flat):
        said = []
    about = bool(said)
    if clause.never is not None and clause.never.search(flat):
        return None
    denied = clause.denies.search(flat)
    if denied and (about or _names(clause, denied)):
        return False
    if not about:
        return None
    if _STRIKES.search(flat):
        return False
    return any(not _negated(flat, match) for match in said)


def _names(clause: Clause, denied: re.Match[str]) -> bool:
    """Words of denial that name the clause by themselves."""
    return bool(clause.says.search(denied.group())) or clause.needs is None


def _negated(flat: str, match: re.Match[str]) -> bool:
    """A negation within six words before or four after, that is not part of another turn of phrase."""
    masked = _FINE.sub(lambda found: " " * len(found.group()), flat)
    left = masked[: match.start()]
    clause_start = max(left.rfind(","), left.rfind(";"), left.rfind(":"))
    before = " ".join(left.split()[-7:])
    unless = _UNLESS_LEFT.search(before)
    if unless:
        before = before[unless.end() :]
    del clause_start
    inside = masked[match.start() : match.end()]
    cut = _UNLESS_LEFT.search(inside)
    inside = inside[: cut.start()] if cut else inside
    after = " ".join(masked[match.end() :].split()[:4])
    cut = _UNLESS_LEFT.search(after)
    after = after[: cut.start()] if cut else after
    found = re.search(rf"\b{_NO}\b", f"{before} {inside}", re.IGNORECASE) or re.search(
        r"\b(?:is|are|será|é|es|são|están?|will be|shall be)\s+(?:not|no|não|excluded|excluíd\w*|excluid\w*|waived)\b|\b(?:não|no)\s+(?:é|são|será|es|está|se)\b",
        after,
        re.IGNORECASE,
    )
    if not found:
        return False
    rest = flat[match.start() :]
    return not _CONSENT.search(rest)
