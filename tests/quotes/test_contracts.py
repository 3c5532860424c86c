"""Sixty contracts put together from clauses whose reading is known, in three languages."""

from __future__ import annotations

import random

import pytest

from bot.quotes import interpret
from bot.quotes.clauses import clauses, sentences

Said = dict[str, dict[str, tuple[str, ...]]]
EN: Said = {
    "auto_renewal": {"present": ("This Agreement renews automatically for successive periods of twelve months.", "The Order shall be extended for further terms of one year each unless either party objects in time, and such successive terms follow without a new order."), "negated": ("This Agreement shall not renew automatically.", "The term expires at its end without any renewal.", "Any renewal requires a written agreement of both parties.")},
    "notice": {"present": ("Either party may prevent renewal by giving at least sixty (60) days' written notice.", "Notice of termination must be given no later than 90 days before the end of the term."), "negated": ("The Order ends by itself; no notice is required to terminate it.",)},
    "price_rise": {"present": ("Provider may increase the fees once a year by up to 5%.", "Fees are adjusted every January in line with the CPI."), "negated": ("Prices are fixed for the whole term.", "There shall be no price increase during the term.")},
    "take_or_pay": {"present": ("Customer shall pay the committed amount regardless of usage.", "Any shortfall against the minimum commitment is invoiced at the end of the quarter."), "negated": ("There is no minimum commitment.", "Customer pays only for the hours it has actually used.")},
    "idle_billing": {"present": ("Stopped instances are billed at the full rate.", "Fees continue to accrue while nodes are powered off."), "negated": ("No charges apply while an instance is stopped.", "Idle nodes are not billed.")},
    "sla_credits": {"present": ("If availability falls below 99.9%, Customer receives a credit of 10% of the monthly fee.", "Missed service levels entitle Customer to service credits."), "negated": ("No service credits are granted.", "Customer is not entitled to any service credits for downtime.")},
    "sla_cap": {"present": ("Service credits shall not exceed 25% of the monthly fee.", "The maximum total of credits in any month is 30% of fees."), "negated": ("Service credits are not capped.",)},
    "data_return_deletion": {"present": ("Upon termination Provider shall return all Customer data and delete its copies within 30 days.", "Customer may export its data for 60 days after expiry, then Provider deletes it."), "negated": ("Provider has no obligation to return or export data after termination.",)},
    "sub_processors": {"present": ("Provider may engage sub-processors listed on its website.", "Provider shall not engage a new sub-processor without prior consent of Customer."), "negated": ("Provider does not use sub-processors.", "Provider shall not engage any sub-processors.")},
    "termination_convenience": {"present": ("Customer may terminate this Agreement for convenience.", "Either party may terminate at any time without cause."), "negated": ("Neither party may terminate this Agreement for convenience.", "There is no right of termination for convenience.")},
    "liability_cap": {"present": ("Provider's aggregate liability shall not exceed the fees paid in the previous twelve months.", "Total liability of either party is limited to USD 500,000."), "negated": ("Provider's liability is unlimited.",)},
    "switching_exit": {"present": ("Provider offers exit assistance for ninety days.", "Provider shall assist Customer in migrating to another provider."), "negated": ("Provider has no obligation to give migration assistance.",)},
}  # fmt: skip
PT: Said = {
    "auto_renewal": {"present": ("O contrato será renovado automaticamente por iguais períodos.", "O prazo prorroga-se automaticamente por períodos iguais e sucessivos."), "negated": ("O contrato não será renovado automaticamente.", "A prorrogação dependerá apenas de acordo escrito, sem renovação automática.")},
    "notice": {"present": ("A parte que não desejar renovar deverá comunicar por escrito com antecedência mínima de 60 (sessenta) dias.", "A rescisão exige aviso prévio de 30 dias."), "negated": ("O contrato encerra-se no término sem necessidade de aviso prévio.",)},
    "price_rise": {"present": ("Os preços serão reajustados anualmente pelo IPCA.", "O valor mensal poderá ser aumentado em até 8% a cada ano."), "negated": ("Os preços são fixos durante toda a vigência.", "Não haverá reajuste de preços.")},
    "take_or_pay": {"present": ("O consumo mínimo será devido integralmente.", "O valor contratado é devido independentemente do uso."), "negated": ("Não há consumo mínimo.", "A contratante paga apenas pelas horas efetivamente utilizadas.")},
    "idle_billing": {"present": ("As instâncias desligadas continuam sendo cobradas.", "A capacidade ociosa é faturada pela tarifa cheia."), "negated": ("Não haverá cobrança por instâncias paradas.",)},
    "sla_credits": {"present": ("Em caso de indisponibilidade serão concedidos créditos de serviço.",), "negated": ("Não serão concedidos créditos de serviço.",)},
    "sla_cap": {"present": ("Os créditos de serviço são limitados a 20% da fatura mensal.", "Os créditos não excederão 30% da mensalidade."), "negated": ("Não há limite para os créditos de serviço.",)},
    "data_return_deletion": {"present": ("Encerrado o contrato, os dados serão devolvidos e eliminados em 30 dias.",), "negated": ("A contratada não tem obrigação de devolver os dados após o término.",)},
    "sub_processors": {"present": ("A contratada poderá contratar suboperadores.",), "negated": ("A contratada não utilizará suboperadores.",)},
    "termination_convenience": {"present": ("Qualquer das partes poderá rescindir o contrato a qualquer tempo, sem justa causa.",), "negated": ("Nenhuma das partes poderá rescindir o contrato imotivadamente.", "É vedada a rescisão por conveniência.")},
    "liability_cap": {"present": ("A responsabilidade total da contratada é limitada ao valor pago nos últimos 12 meses.",), "negated": ("A responsabilidade da contratada é ilimitada.",)},
    "switching_exit": {"present": ("A contratada prestará apoio à migração para outro fornecedor.",), "negated": ("A contratada não prestará assistência à migração.",)},
}  # fmt: skip
ES: Said = {
    "auto_renewal": {"present": ("El contrato se renovará automáticamente por períodos iguales.", "El plazo se prorroga por tácita reconducción."), "negated": ("El contrato no se renovará automáticamente.", "Cualquier prórroga requiere acuerdo por escrito.")},
    "notice": {"present": ("La parte que no desee renovar deberá comunicarlo con 60 días de antelación.", "La resolución exige un preaviso de 30 días."), "negated": ("El contrato termina a su vencimiento sin necesidad de preaviso.",)},
    "price_rise": {"present": ("Los precios se actualizarán cada año según el IPC.", "El proveedor podrá incrementar las tarifas hasta un 5% anual: las tarifas aumentarán en enero."), "negated": ("Los precios serán fijos durante todo el plazo.", "No habrá incremento de precios.")},
    "take_or_pay": {"present": ("El consumo mínimo se facturará en todo caso.", "El importe comprometido se paga independientemente del uso."), "negated": ("No hay consumo mínimo.", "El cliente paga únicamente por las horas utilizadas.")},
    "idle_billing": {"present": ("Las instancias detenidas se facturan a la tarifa completa.",), "negated": ("No se cobrarán las instancias detenidas.",)},
    "sla_credits": {"present": ("Si la disponibilidad baja del 99,9% el cliente recibirá créditos de servicio.",), "negated": ("No se otorgarán créditos de servicio.",)},
    "sla_cap": {"present": ("Los créditos de servicio no podrán superar el 20% de la factura mensual.",), "negated": ("Los créditos de servicio no están limitados a ningún tope.",)},
    "data_return_deletion": {"present": ("A la terminación, el proveedor devolverá los datos y suprimirá sus copias en 30 días.",), "negated": ("El proveedor no tiene obligación de devolver los datos tras la terminación.",)},
    "sub_processors": {"present": ("El proveedor podrá recurrir a subencargados.", "El proveedor no contratará subencargados sin autorización previa."), "negated": ("El proveedor no utiliza subencargados.",)},
    "termination_convenience": {"present": ("El cliente podrá resolver el contrato en cualquier momento.",), "negated": ("Ninguna de las partes podrá resolver el contrato por conveniencia.",)},
    "liability_cap": {"present": ("La responsabilidad total del proveedor se limitará a lo pagado en los últimos doce meses.",), "negated": ("La responsabilidad del proveedor será ilimitada.",)},
    "switching_exit": {"present": ("El proveedor prestará asistencia a la migración durante 60 días.",), "negated": ("El proveedor no prestará asistencia a la migración.",)},
}  # fmt: skip
OTHER = {
    "en": ("MASTER SERVICES AGREEMENT", "The parties agree as follows.", "Each party shall keep confidential information secret.", "This Agreement is governed by the laws of Ireland."),
    "pt": ("CONTRATO DE PRESTAÇÃO DE SERVIÇOS", "As partes ajustam o seguinte.", "As partes guardarão sigilo das informações confidenciais.", "Fica eleito o foro de São Paulo."),
    "es": ("CONTRATO DE SERVICIOS", "Las partes acuerdan lo siguiente.", "Las partes guardarán confidencialidad.", "El contrato se rige por la ley española."),
}  # fmt: skip


def contract(number: int) -> tuple[str, dict[str, str]]:
    rng = random.Random(f"contract {number}")
    lang = ("en", "pt", "es")[number % 3]
    said = {"en": EN, "pt": PT, "es": ES}[lang]
    title, *others = OTHER[lang]
    truth: dict[str, str] = {}
    lines = list(others)
    for name, ways in said.items():
        status = rng.choice(["present", "present", "negated", "absent"])
        if name == "sla_cap" and truth.get("sla_credits") == "negated":
            status = "absent"
        if name == "sla_credits" and status == "absent":
            status = "present"  # a cap of credits speaks of credits
        if name == "notice" and truth.get("auto_renewal") == "negated" and status == "negated":
            status = "absent"
        truth[name] = status
        if status != "absent":
            lines.append(rng.choice(ways[status]))
    rng.shuffle(lines)
    return title + "\n\n" + "\n".join(
        f"{spot}. {line}" for spot, line in enumerate(lines, 1)
    ), truth


def test_clauses_are_found_and_negations_understood() -> None:
    right = wrong = missed = 0
    faults = []
    for number in range(60):
        text, truth = contract(number)
        found = clauses(text)
        for name, status in truth.items():
            got = found[name]["status"]
            if got == status:
                right += 1
                continue
            faults.append((number, name, status, got, found[name]["sentences"]))
            missed += status != "absent"
            wrong += got != "absent"
    assert right / (right + missed) >= 0.95, faults
    assert right / (right + wrong) >= 0.95, faults


def test_no_negated_clause_is_reported_as_present() -> None:
    for number in range(60):
        text, truth = contract(number)
        found = clauses(text)
        for name, status in truth.items():
            assert not (status == "negated" and found[name]["status"] == "present"), (
                number,
                name,
                found[name],
            )


def test_every_sentence_is_a_piece_of_the_text() -> None:
    for number in range(60):
        text, _ = contract(number)
        for one in clauses(text).values():
            assert all(sentence in text for sentence in one["sentences"])
        assert all(text[at : at + len(sentence)] == sentence for at, sentence in sentences(text))


@pytest.mark.parametrize("number", range(6))
def test_a_contract_is_told_from_a_quote(number: int) -> None:
    text, _ = contract(number)
    assert interpret.file(text.encode(), "contract.txt")["status"] == "contract"


def test_special_terms_decide_against_general_ones() -> None:
    text = (
        "SERVICES AGREEMENT\n\n1. This Agreement renews automatically for successive terms of one year.\n"
        "2. Provider may increase the fees by 7% at each renewal.\n\nSpecial terms\n"
        "Notwithstanding clause 1, this Agreement shall not renew automatically.\n"
        "In deviation from clause 2, prices are fixed for the term.\n"
    )
    found = clauses(text)
    assert found["auto_renewal"]["status"] == "negated"
    assert found["auto_renewal"]["sentences"] == [
        "Notwithstanding clause 1, this Agreement shall not renew automatically."
    ]
    assert found["price_rise"]["status"] == "negated"


def test_notice_of_maintenance_is_no_notice_of_ending() -> None:
    found = clauses("SERVICES AGREEMENT\n\nProvider gives 5 days' notice of planned maintenance.\n")
    assert found["notice"]["status"] == "absent"
