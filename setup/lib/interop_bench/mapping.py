"""What a mapping costs: validating an order of 40 lines and taking it to a foreign dialect."""

from __future__ import annotations

import importlib
import time
from typing import Any

from interop_setup.layout import Layout

from . import libraries
from .figures import Goal, median, rounds
from .measures import Figures, Sizes, measure_alone
from .screening import WARM, order, order_schema

_UNITS = {"EA": "STK", "BX": "KRT", "CS": "KAR", "PK": "PAK"}
# Other names, other nesting, other dates and numbers, codes translated, prices per pack.
ROWS: tuple[dict[str, Any], ...] = (
    {"target": "Kopf.BestellNr", "source": "number", "required": True},
    {"target": "Kopf.Stand", "source": "revision", "converter": "pad",
     "arguments": {"length": 3, "fill": "0", "left": True}},
    {"target": "Kopf.Datum", "source": "ordered_at", "converter": "write_time",
     "arguments": {"pattern": "DD.MM.YYYY hh:mm", "zone": "Europe/Berlin"}},
    {"target": "Kopf.Liefertag", "source": "requested_date", "converter": "write_date",
     "arguments": {"pattern": "YYYYMMDD"}},
    {"target": "Kopf.Waehrung", "source": "currency"},
    {"target": "Kopf.Art", "constant": "220"},
    {"target": "Kopf.Vertrag", "source": "contract_number", "default": "-"},
    {"target": "Kaeufer.Name", "source": "buyer.name", "converter": "cut",
     "arguments": {"length": 35}},
    {"target": "Kaeufer.ILN", "source": "buyer.gln"},
    {"target": "Kaeufer.Ort", "source": "join(' ', [buyer.address.zip, buyer.address.city])"},
    {"target": "Lieferant.Name", "source": "supplier.name", "converter": "upper"},
    {"target": "Lieferant.Konto", "source": "supplier.account_number"},
    {"target": "Ziel.Name", "source": "ship_to.name", "converter": "ascii"},
    {"target": "Ziel.Strasse", "source": "ship_to.address.street"},
    {"target": "Ziel.Land", "source": "ship_to.address.country", "converter": "table",
     "arguments": {"codes": {"US": "USA", "DE": "DEU"}}},
    {"target": "Pos[]", "each": "lines"},
    {"target": "Pos[].Nr", "source": "line_number"},
    {"target": "Pos[].Zeile", "source": "line_id"},
    {"target": "Pos[].EAN", "source": "item.gtin", "converter": "gtin14"},
    {"target": "Pos[].Artikel.Ihre", "source": "item.supplier_item_code"},
    {"target": "Pos[].Artikel.Unsere", "source": "item.buyer_item_code"},
    {"target": "Pos[].Artikel.Text", "source": "item.name", "converter": "cut",
     "arguments": {"length": 40}},
    {"target": "Pos[].Menge", "source": "quantity", "converter": "number_text",
     "arguments": {"places": 3, "point": ","}},
    {"target": "Pos[].Einheit", "source": "uom.code", "crosswalk": "units"},
    {"target": "Pos[].Preis", "source": "unit_price.amount", "converter": "round",
     "arguments": {"places": 2}},
    {"target": "Pos[].Wert", "source": "[quantity, unit_price.amount]", "converter": "product"},
    {"target": "Pos[].Waehrung", "source": "/currency"},
    {"target": "Pos[].Netto", "source": "net_amount.amount"},
    {"target": "Pos[].Tag", "source": "requested_date", "converter": "write_date",
     "arguments": {"pattern": "DD.MM.YYYY"}},
    {"target": "Pos[].Charge", "source": "lot.required", "converter": "words",
     "arguments": {"yes": "J", "no": "N"}},
    {"target": "Pos[].Kuehl", "source": "cold_chain.condition", "when": "cold_chain.required"},
    {"target": "Summe.Netto", "source": "lines[].net_amount.amount", "converter": "sum"},
    {"target": "Summe.Zeilen", "source": "length(lines)"},
)  # fmt: skip


@measure_alone("map_ms", "Validate and map, order of 40 lines", "ms", Goal(2.0, 1.0, lower=True))
def mapping(sizes: Sizes) -> Figures:
    """Half of the runs are quicker. Schema and mapping are compiled, as in the pipeline."""
    layout = Layout.here()
    libraries.provide(layout)
    compiled = importlib.import_module("odoo.addons.interop_document.lib.mapping.compiled")
    schemas = importlib.import_module("odoo.addons.interop_document.lib.schema")
    schema = order_schema(layout.checkout)
    validator = schemas.compile_schema(schema)
    mapper = compiled.compile_mapping({"code": "rows", "direction": "out", "rows": list(ROWS)})
    document = order(schema)

    def lookup(crosswalk: str, code: str, way: str = "out", on: Any = None) -> str:
        return _UNITS.get(code, code)

    medians = []
    for _round in range(sizes.rounds):
        taken = []
        for _turn in range(WARM + sizes.screened):
            started = time.perf_counter()
            validator.check(document)
            mapper(document, lookup)
            taken.append((time.perf_counter() - started) * 1000)
        medians.append(median(taken[WARM:]))
    raw = {"ms": rounds(medians), "rows": len(ROWS), "documents_per_round": sizes.screened}
    return {"map_ms": (median(medians), raw)}
