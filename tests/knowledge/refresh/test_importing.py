"""Imports as finance people keep their lists: converted where a column says so, asked about by line."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from conftest import NOW

from knowledge.prices.currencies import exchange
from knowledge.prices.offer import Offer, OfferFilter
from knowledge.prices.store import Store
from knowledge.refresh.importing import HEADER, NOT_NEEDED, Imported, ImportFault, import_csv
from knowledge.refresh.spreadsheet import FigureFault, figure

ROW = {
    "provider": "lambda", "instance_type": "quote-8x", "accelerator": "H100", "memory_gb": "80",
    "count": "8", "form_factor": "SXM", "vcpus": "", "ram_gb": "", "region": "us-east-1",
    "country": "US", "billing": "on-demand", "price_usd_per_hour": "18.80", "as_of": "2026-11-20",
    "source_url": "https://q.example/x",
}  # fmt: skip
SMALL = ROW | {"instance_type": "quote-1x", "count": "1", "price_usd_per_hour": "2.40"}


def sheet(folder: Path, *rows: dict[str, str], delimiter: str = ",", coding: str = "utf-8") -> Path:
    path = folder / "quotes.csv"
    header = list(rows[0])
    lines = [header, *([row.get(name, "") for name in header] for row in rows)]
    quoted = [
        delimiter.join(f'"{cell}"' if delimiter in cell else cell for cell in line)
        for line in lines
    ]
    path.write_bytes("\r\n".join(quoted).encode(coding))
    return path


def brought(store: Store, path: Path, **more: Any) -> list[Offer]:
    import_csv(path, store, **{"source": "mine", "owner": None, "now": NOW, **more})
    return [one for one in store.offers(OfferFilter()) if one.source == "mine"]


def asked(store: Store, path: Path, **more: Any) -> str:
    """What is asked about the file; nothing was changed."""
    before = store.version()
    with pytest.raises(ImportFault) as fault:
        import_csv(path, store, **{"source": "mine", "owner": None, "now": NOW, **more})
    assert store.version() == before
    return str(fault.value)


def renamed(row: dict[str, str], old: str, new: str, value: str) -> dict[str, str]:
    return {
        new if name == old else name: value if name == old else one for name, one in row.items()
    }


@pytest.mark.parametrize(
    ("column", "value", "usd"),
    [
        ("price_usd_per_month", "13724", 18.80),
        ("price_usd_per_year", "164688", 18.80),
        ("price_usd_per_gpu_hour", "2.35", 18.80),
        ("price_usd_per_gpu_per_month", "1715.5", 18.80),
        ("price_per_hour", "$18.80", 18.80),
        ("Price per month", "13,724.00", 18.80),
    ],
)
def test_a_column_says_what_its_price_is_for(
    store: Store, tmp_path: Path, column: str, value: str, usd: float
) -> None:
    """A month is a twelfth of a year; a price for a card is multiplied."""
    row = renamed(ROW, "price_usd_per_hour", column, value)
    (offer,) = brought(store, sheet(tmp_path, row))
    assert offer.price_usd_per_hour == pytest.approx(usd)


def test_a_months_figure_in_the_hours_column_is_asked_about(store: Store, tmp_path: Path) -> None:
    """By its line, with what it would be."""
    said = asked(store, sheet(tmp_path, SMALL, ROW | {"price_usd_per_hour": "13724"}))
    assert "quotes.csv:3:" in said
    assert "price of a month it is $2.35 a GPU-hour" in said
    assert "price_usd_per_month" in said
    assert "quotes.csv:2: USD 0.0001" in asked(
        store, sheet(tmp_path, SMALL | {"price_usd_per_hour": "0.0001"})
    )


@pytest.mark.parametrize(
    ("memory", "gb"),
    [
        ("640", 80),
        ("81920", 80),
        ("81920 MiB", 80),
        ("80 GB", 80),
        ("80GiB", 80),
        ("655360 MiB", 80),
    ],
)
def test_the_memory_of_all_cards_and_mebibytes_are_recognised(
    store: Store, tmp_path: Path, memory: str, gb: float
) -> None:
    (offer,) = brought(store, sheet(tmp_path, ROW | {"memory_gb": memory}))
    assert offer.memory_gb == gb


def test_memory_that_no_card_has_is_refused(store: Store, tmp_path: Path) -> None:
    assert "quotes.csv:2: memory_gb: no H100 has 48 GB" in asked(
        store, sheet(tmp_path, ROW | {"memory_gb": "48"})
    )


@pytest.mark.parametrize(
    "written", ["20261120", "20/11/2026", "20.11.2026", "20-11-2026", "2026/11/20", "2026-11-20"]
)
def test_days_are_read_as_people_write_them(store: Store, tmp_path: Path, written: str) -> None:
    (offer,) = brought(store, sheet(tmp_path, ROW | {"as_of": written}))
    assert offer.as_of.date().isoformat() == "2026-11-20"


def test_a_day_that_may_be_two_is_decided_by_the_others_or_asked_about(
    store: Store, tmp_path: Path
) -> None:
    both = brought(
        store, sheet(tmp_path, ROW | {"as_of": "05/11/2026"}, SMALL | {"as_of": "20/11/2026"})
    )
    assert {one.as_of.date().isoformat() for one in both} == {"2026-11-05", "2026-11-20"}
    assert "may be two days" in asked(store, sheet(tmp_path, ROW | {"as_of": "05/11/2026"}))
    assert "is no day" in asked(store, sheet(tmp_path, ROW | {"as_of": "1763596800"}))
    assert "1970" in asked(store, sheet(tmp_path, ROW | {"as_of": "1970-08-23"}))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"accelerator": "A100 MIG 3g.40gb"}, "a part of a card"),
        ({"instance_type": "A100-2g.20gb"}, "a part of a card"),
        ({"provider": "azure", "instance_type": "Standard_NV12ads_A10_v5", "accelerator": "A10", "count": "1", "memory_gb": "24"}, "a part of a card"),
        ({"provider": "azure", "instance_type": "Standard_NV6ads_A10_v5", "accelerator": "A10", "count": "1", "memory_gb": "4"}, "no A10 has 4 GB"),
        ({"provider": "azure", "instance_type": "Standard_ND96isr_H100_v5", "count": "12"}, "it holds 8x H100"),
        ({"count": "0.25"}, "count"),
    ],
)  # fmt: skip
def test_slices_and_wrong_counts_are_refused(
    store: Store, tmp_path: Path, changed: dict[str, str], said: str
) -> None:
    """By the same rules as those of feeds."""
    assert said in asked(store, sheet(tmp_path, ROW | changed))


def test_one_machine_at_two_prices_is_asked_about(store: Store, tmp_path: Path) -> None:
    dearer = ROW | {"price_usd_per_hour": "22.80"}
    said = asked(store, sheet(tmp_path, ROW, SMALL, dearer))
    assert "quotes.csv:4: line 2 states the same machine at $18.80 and this one at $22.80" in said
    done = import_csv(sheet(tmp_path, ROW, ROW), store, source="mine", owner=None, now=NOW)
    assert done == Imported(1, 1, 0, 0, ("line 3 repeats line 2; it is kept once",))


def test_one_price_for_every_size_is_asked_about(store: Store, tmp_path: Path) -> None:
    rows = [
        ROW | {"instance_type": f"{n}x_H100_SECURE", "count": str(n), "price_usd_per_hour": "2.79"}
        for n in (1, 2, 4, 8)
    ]
    assert "1x and 2x and 4x and 8x H100 cost the same $2.79" in asked(
        store, sheet(tmp_path, *rows)
    )


@pytest.mark.parametrize(
    ("currency", "price", "code"),
    [
        ("EUR", "18.80", "EUR"),
        ("brl", "100.50", "BRL"),
        ("R$", "100.50", "BRL"),
        ("", "18.80 €", "EUR"),
    ],
)
def test_another_currency_becomes_dollars_by_the_dated_rate(
    store: Store, tmp_path: Path, currency: str, price: str, code: str
) -> None:
    """And the offer says how."""
    row = renamed(ROW, "price_usd_per_hour", "price_per_hour", price) | {"currency": currency}
    (offer,) = brought(store, sheet(tmp_path, row))
    rate = exchange(code, store)
    assert rate is not None
    assert offer.price_usd_per_hour == pytest.approx(
        float(price.split(maxsplit=1)[0]) * rate.usd_per_unit
    )
    assert offer.fx is not None
    assert offer.fx.startswith(f"{code} 1 = USD")
    assert rate.day.isoformat() in offer.fx


def test_a_currency_without_a_rate_or_against_its_sign_is_refused(
    store: Store, tmp_path: Path
) -> None:
    assert "no rate for XXX" in asked(store, sheet(tmp_path, ROW | {"currency": "XXX"}))
    assert "beside the currency" in asked(
        store, sheet(tmp_path, ROW | {"currency": "USD", "price_usd_per_hour": "€18.80"})
    )
    assert "not in dollars" in asked(store, sheet(tmp_path, ROW | {"price_usd_per_hour": "€18.80"}))


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_semicolons_and_decimal_commas_are_read(store: Store, tmp_path: Path, coding: str) -> None:
    """As spreadsheets of half the world write them."""
    rows = (ROW | {"price_usd_per_hour": "18,80", "instance_type": "máquina"},
            SMALL | {"price_usd_per_hour": "2,40", "vcpus": "1.024"})  # fmt: skip
    found = brought(store, sheet(tmp_path, *rows, delimiter=";", coding=coding))
    assert sorted(one.price_usd_per_hour for one in found) == [2.4, 18.8]
    assert {one.instance_type for one in found} == {"máquina", "quote-1x"}
    assert {one.vcpus for one in found} == {None, 1024}


def test_a_figure_of_two_readings_is_asked_about(store: Store, tmp_path: Path) -> None:
    row = renamed(ROW, "price_usd_per_hour", "price_usd_per_month", "13,724")
    assert "may be read as 13.724 or 13724" in asked(store, sheet(tmp_path, row))


@pytest.mark.parametrize(
    ("cell", "commas", "text", "currency"),
    [
        ("1.234,56", True, "1234.56", None),
        ("1,234.56", None, "1234.56", None),
        ("R$ 12,50", True, "12.50", "BRL"),
        ("2,35 €", None, "2.35", "EUR"),
        ("1.234", True, "1234", None),
        ("1.234", None, "1.234", None),
        ("1.234.567", True, "1234567", None),
        ("12 345,6", True, "12345.6", None),
        ("USD 18.80", None, "18.80", "USD"),
        ("1e-3", None, "1e-3", None),
    ],
)
def test_figures(cell: str, commas: bool | None, text: str, currency: str | None) -> None:
    assert figure(cell, comma_for_decimals=commas) == (text, currency)


@pytest.mark.parametrize("cell", ["1,234", "abc", "1.2.3,4,5", "--5"])
def test_no_figures(cell: str) -> None:
    with pytest.raises(FigureFault):
        figure(cell, comma_for_decimals=None)


def test_a_dry_run_shows_what_would_change(store: Store, tmp_path: Path) -> None:
    brought(store, sheet(tmp_path, ROW, SMALL))
    version = store.version()
    path = sheet(tmp_path, ROW | {"price_usd_per_hour": "20"}, SMALL | {"instance_type": "other"})
    done = import_csv(path, store, source="mine", owner=None, now=NOW, dry_run=True)
    assert done[:4] == (2, 1, 1, 1)
    assert "changed: lambda quote-8x us-east-1 on-demand from $18.80 to $20.00" in done.notes
    assert store.version() == version


# -- workbooks -------------------------------------------------------------------------------

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def workbook(path: Path, rows: list[str], *, texts: list[str] | None = None, **parts: str) -> Path:
    """An XLSX by hand: `rows` are the XML of the visible sheet's rows."""
    strings = "".join(f"<si><t>{text}</t></si>" for text in texts or [])
    files = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": (
            f'<workbook {MAIN} xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
            '<sheets><sheet name="internal" sheetId="1" state="hidden" r:id="r1"/>'
            '<sheet name="prices" sheetId="2" r:id="r2"/></sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            '<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/>'
            '<Relationship Id="r2" Target="/xl/worksheets/sheet2.xml"/></Relationships>'
        ),
        "xl/sharedStrings.xml": f"<sst {MAIN}>{strings}</sst>",
        "xl/styles.xml": f'<styleSheet {MAIN}><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": f"<worksheet {MAIN}><sheetData/></worksheet>",
        "xl/worksheets/sheet2.xml": f"<worksheet {MAIN}><sheetData>{''.join(rows)}</sheetData></worksheet>",
        **parts,
    }  # fmt: skip
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    path.write_bytes(packed.getvalue())
    return path


def as_rows(*rows: dict[str, str], first: int = 1) -> list[str]:
    """Texts inline; figures and the day (20 Nov 2026 is 46346) as numbers."""
    made = []
    for number, cells in enumerate([dict(zip(rows[0], rows[0], strict=True)), *rows], first):
        xml = []
        for place, (name, cell) in enumerate(cells.items()):
            at = f"{chr(ord('A') + place)}{number}"
            if name == "as_of" and cell != "as_of":
                xml.append(f'<c r="{at}" s="1"><v>46346</v></c>')
            elif cell.replace(".", "").isdigit():
                xml.append(f'<c r="{at}"><v>{cell}</v></c>')
            elif cell:
                xml.append(f'<c r="{at}" t="inlineStr"><is><t>{cell}</t></is></c>')
        made.append(f'<row r="{number}">{"".join(xml)}</row>')
    return made


def test_a_workbook_is_read(store: Store, tmp_path: Path) -> None:
    """Its visible sheet, days and figures as they are, a title above the table left out."""
    title = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
    path = workbook(
        tmp_path / "q.xlsx", [title, *as_rows(ROW, SMALL, first=3)], texts=["Quotes of November"]
    )
    found = brought(store, path)
    assert sorted(one.price_usd_per_hour for one in found) == [2.4, 18.8]
    assert {one.as_of.date().isoformat() for one in found} == {"2026-11-20"}
    wrong = workbook(tmp_path / "w.xlsx", as_rows(ROW | {"memory_gb": "48"}, first=3))
    assert "w.xlsx:4: memory_gb" in asked(store, wrong)


def test_hostile_workbooks_are_refused(store: Store, tmp_path: Path) -> None:
    """In a sentence, and at once."""
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    assert "a cell in row 1,048,576" in asked(store, workbook(tmp_path / "far.xlsx", [far]))
    wide = '<row r="1"><c r="XFD1"><v>1</v></c></row>'
    assert "a cell in column 16,384" in asked(store, workbook(tmp_path / "wide.xlsx", [wide]))
    laughs = '<!DOCTYPE x [<!ENTITY a "ha">]><sst>&a;</sst>'
    bad = workbook(tmp_path / "l.xlsx", as_rows(ROW), **{"xl/sharedStrings.xml": laughs})
    assert "no workbook that can be read" in asked(store, bad)
    bomb = workbook(tmp_path / "b.xlsx", [" " * 60_000_000])
    assert "refused" in asked(store, bomb)
    cut = tmp_path / "cut.xlsx"
    cut.write_bytes(bomb.read_bytes()[:5000])
    assert "no workbook that can be read" in asked(store, cut)
    old = tmp_path / "old.xls"
    old.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500)
    assert "Save it as .xlsx" in asked(store, old)


def test_the_header_is_told(store: Store, tmp_path: Path) -> None:
    row = {name: cell for name, cell in ROW.items() if name != "price_usd_per_hour"}
    assert "misses price_usd_per_hour (or price_usd_per_month" in asked(store, sheet(tmp_path, row))
    twice = ROW | {"price_usd_per_month": "1"}
    assert "has several prices" in asked(store, sheet(tmp_path, twice))
    assert ",".join(HEADER) in asked(store, sheet(tmp_path, ROW | {"colour": "red"}))


@pytest.mark.parametrize(
    ("column", "value", "usd"),
    [
        ("price_eur_per_month", "13724.50", 13_724.5 / 730 * 1.1172),
        ("price_brl_per_gpu_hour", "12.50", 12.5 * 8 * 0.184077),
        ("price_usd_per_gpu_month", "1715.50", 1715.5 * 8 / 730),
        ("price_gbp_per_year", "120000", 120_000 / 8760 * 1.33989),
    ],
)
def test_a_prices_column_may_name_its_currency(
    store: Store, tmp_path: Path, column: str, value: str, usd: float
) -> None:
    (one,) = brought(store, sheet(tmp_path, renamed(ROW, "price_usd_per_hour", column, value)))
    assert one.price_usd_per_hour == pytest.approx(usd, rel=1e-4)
    assert (one.fx is None) == column.startswith("price_usd")


def test_columns_that_say_nothing_may_be_left_out(store: Store, tmp_path: Path) -> None:
    bare = {name: cell for name, cell in ROW.items() if name not in NOT_NEEDED}
    (one,) = brought(store, sheet(tmp_path, bare))
    assert (one.accelerator, one.count, one.memory_gb) == ("H100", 8, None)
    assert one.region is None


def test_mebibytes_may_stand_in_the_columns_name(store: Store, tmp_path: Path) -> None:
    (one,) = brought(store, sheet(tmp_path, renamed(ROW, "memory_gb", "memory_mib", "81559")))
    assert one.memory_gb == 80


def test_a_machine_of_a_managed_service_is_refused(store: Store, tmp_path: Path) -> None:
    row = ROW | {"provider": "aws", "instance_type": "ml.p5.48xlarge", "price_usd_per_hour": "63.3"}
    assert "SageMaker" in asked(store, sheet(tmp_path, row))
