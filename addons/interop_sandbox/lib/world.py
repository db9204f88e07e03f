"""The demo world in plain data: companies, people, goods and what may be told to whom.

All of it is invented. Article and location numbers begin with 952, the prefix that GS1 keeps for
examples (GS1 General Specifications, "GS1 Prefix 952"), so they can belong to nobody.
"""

from __future__ import annotations

from dataclasses import dataclass

from odoo.addons.interop_document.lib.gs1 import check_digit

SUPPLIER_CODE = "meridian"
SUPPLIER_SHORT = "Meridian"

# Where the partner sends its answers, below Odoo's own address. `{account}` is a company's code.
CALLBACK_PATH = f"/interop/v1/in/{SUPPLIER_CODE}-{{account}}/{{account}}-order-answers"


def number_952(rest: str) -> str:
    """A 13-digit GTIN or GLN of the example prefix with its check digit; `rest` has 9 digits."""
    return "952" + rest + check_digit("952" + rest)


@dataclass(frozen=True, slots=True)
class Company:
    code: str  # the partner's name for us, and part of the connector's code
    name: str
    gln: str
    street: str
    account_number: str

    @property
    def short(self) -> str:
        return self.code.upper()


@dataclass(frozen=True, slots=True)
class Person:
    login: str  # also the first password
    name: str
    role: str
    groups: tuple[str, ...]
    areas: tuple[str, ...]
    companies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Product:
    code: str
    name: str
    gtin: str
    supplier_code: str
    price: float
    storage: str = "ambient"
    lot: bool = False
    shelf_life: int = 0
    device: bool = True


@dataclass(frozen=True, slots=True)
class Decision:
    """One rule of a policy: `path`, what happens to it, the mask's pattern, and why."""

    path: str
    action: str = "send"
    pattern: str | None = None
    reason: str | None = None


COMPANIES = (
    Company(
        "nmc", "Northfield Medical Center", number_952("100000001"), "12 Harbour Road", "C-20931"
    ),
    Company("nd", "Northfield Diagnostics", number_952("100000002"), "14 Harbour Road", "C-20932"),
)

SUPPLIER = Company(
    SUPPLIER_CODE, "Meridian Medical Supply", number_952("200000001"), "88 Foundry Lane", ""
)

# Invented people. The buyer and the operator serve both companies (shared services).
BOTH = ("nmc", "nd")
PEOPLE = (
    Person(
        "buyer",
        "Nadia Okafor",
        "Buyer",
        ("purchase.group_purchase_user", "interop_base.group_user"),
        ("purchasing",),
        BOTH,
    ),
    Person(
        "finance",
        "Martin Hale",
        "Finance reviewer of Northfield Medical Center",
        ("interop_base.group_finance_reviewer",),
        (),
        ("nmc",),
    ),
    Person(
        "operator",
        "Jun Sato",
        "Integration operator",
        ("interop_base.group_operator",),
        ("purchasing", "finance", "warehouse"),
        BOTH,
    ),
    Person(
        "manager",
        "Elena Brandt",
        "Integration manager",
        ("interop_base.group_manager", "purchase.group_purchase_manager"),
        (),
        BOTH,
    ),
    Person(
        "approver",
        "Ingrid Solheim",
        "Approves what others propose; configures nothing",
        ("interop_base.group_approver",),
        ("purchasing",),
        BOTH,
    ),
    Person(
        "reader",
        "Priya Raman",
        "May read what messages show to partners, with a reason",
        ("interop_base.group_payload_reader",),
        ("purchasing",),
        BOTH,
    ),
    Person(
        "privacy",
        "Maren Holt",
        "Privacy officer: answers persons, may also read content in the clear",
        ("interop_base.group_clear_reader", "interop_privacy.group_privacy_officer"),
        ("purchasing",),
        BOTH,
    ),
    Person(
        "auditor",
        "Ruth Castellan",
        "Auditor: asks what was disclosed, read and changed; reads no content",
        ("interop_base.group_auditor",),
        ("purchasing", "finance", "warehouse"),
        BOTH,
    ),
    Person(
        "diagnostics",
        "Tomas Lind",
        "Buyer of Northfield Diagnostics only",
        ("purchase.group_purchase_user", "interop_base.group_operator"),
        ("purchasing", "finance"),
        ("nd",),
    ),
)

SERVICE_LOGIN = "interop-purchasing-service"
SERVICE_GROUPS = ("purchase.group_purchase_user",)

PRODUCTS = (
    Product(
        "GLOVE-NIT-M",
        "Nitrile examination gloves, size M, box of 100",
        number_952("300000001"),
        "MMS-10412",
        6.5,
    ),
    Product(
        "SYR-LL-10",
        "Syringe 10 ml, Luer lock, sterile, box of 100",
        number_952("300000002"),
        "MMS-20110",
        14.2,
        lot=True,
        shelf_life=365,
    ),
    Product(
        "REAG-TROP-I",
        "Troponin I reagent kit, 100 tests",
        number_952("300000003"),
        "MMS-70031",
        412.5,
        storage="refrigerated",
        lot=True,
        shelf_life=90,
    ),
    Product(
        "CTRL-HEM-2",
        "Haematology control, level 2, 6 × 3 ml",
        number_952("300000004"),
        "MMS-70222",
        189.0,
        storage="refrigerated",
        lot=True,
        shelf_life=45,
    ),
    Product(
        "TUBE-EDTA-3",
        "Blood collection tube, K2 EDTA, 3 ml, box of 50",
        number_952("300000005"),
        "MMS-30303",
        11.75,
        lot=True,
        shelf_life=180,
    ),
    Product(
        "MASK-FFP2",
        "Respirator FFP2, box of 20",
        number_952("300000006"),
        "MMS-10502",
        9.9,
        shelf_life=365,
    ),
    Product(
        "PCR-MIX-96",
        "PCR master mix, 96 reactions",
        number_952("300000007"),
        "MMS-70540",
        268.0,
        storage="frozen",
        lot=True,
        shelf_life=120,
    ),
    Product(
        "DISINF-1L",
        "Surface disinfectant, ready to use, 1 litre",
        number_952("300000008"),
        "MMS-50001",
        7.35,
        device=False,
    ),
)

ORDER_POLICY = (
    *(
        Decision(path)
        for path in (
            "number",
            "revision",
            "ordered_at",
            "currency",
            "requested_date",
            "contract_number",
            "incoterm",
            "buyer.*",
            "buyer.address.*",
            "bill_to.*",
            "bill_to.address.*",
            "ship_to.*",
            "ship_to.address.*",
            "supplier.*",
        )
    ),
    Decision("ship_to.contact.name", "mask", "initials", "A person's name stays with us"),
    Decision("ship_to.contact.phone", "mask", "last4", "Enough to recognise a caller"),
    Decision("ship_to.contact.email", "drop", None, "Nobody is to write to a person directly"),
    Decision("notes", "drop", None, "Free text may name patients"),
    Decision("payment_terms", "drop", None, "Stands in the contract"),
    *(
        Decision(f"lines[].{path}")
        for path in (
            "line_number",
            "line_id",
            "item.*",
            "quantity",
            "uom.*",
            "unit_price.*",
            "discount_percent",
            "taxes[].*",
            "taxes[].amount.*",
            "net_amount.*",
            "requested_date",
            "lot.*",
            "cold_chain.*",
        )
    ),
    Decision("lines[].notes", "drop", None, "Free text may name patients"),
    Decision("totals.net.*"),
    Decision("totals.tax.*"),
    Decision("totals.gross.*"),
)

ANSWER_POLICY = (
    *(
        Decision(path)
        for path in (
            "order_number",
            "order_revision",
            "supplier_reference",
            "acknowledged_at",
            "status",
            "currency",
        )
    ),
    Decision("notes", "drop", None, "Free text belongs in a call, not on the order"),
    *(
        Decision(f"lines[].{path}")
        for path in (
            "line_number",
            "status",
            "quantity_accepted",
            "quantity_backordered",
            "uom.*",
            "unit_price.*",
            "promised_date",
            "backorder_date",
            "item.*",
            "reason",
        )
    ),
)
