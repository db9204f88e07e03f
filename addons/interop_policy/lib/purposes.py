"""Why data leaves: what a flow is for, in the words of HIPAA and GDPR.

Rules may be limited to a purpose, and tokens are made per purpose, so that what was given away for
one purpose cannot be joined with what was given away for another.
"""

from dataclasses import dataclass

from odoo.addons.interop_base.lib.registry import Registry


@dataclass(frozen=True, slots=True)
class Purpose:
    """A purpose: its code, what people read, and what the law says about it."""

    code: str
    label: str
    help: str


PURPOSES: Registry[Purpose] = Registry("purpose")

for _purpose in (
    Purpose(
        "treatment",
        "Treatment",
        "Care of a patient, among those who treat (45 CFR 164.501). The minimum necessary rule "
        "does not apply to what providers exchange for it (164.502(b)(2)(i)). GDPR art. 9(2)(h).",
    ),
    Purpose(
        "payment",
        "Payment",
        "Claims, coverage, remittance (45 CFR 164.501). Minimum necessary applies. GDPR art. "
        "9(2)(h), for the financing of care.",
    ),
    Purpose(
        "operations",
        "Health care operations",
        "Quality, audits, training, administration (45 CFR 164.501). Minimum necessary applies. "
        "GDPR art. 9(2)(h), for the management of care systems.",
    ),
    Purpose(
        "supply",
        "Supply",
        "Buying, shipping and returning goods. Nothing about patients is needed, except for goods "
        "made for one. GDPR art. 6(1)(b).",
    ),
    Purpose(
        "public_health",
        "Public health",
        "Reports that authorities may ask for: diseases, device and drug events (45 CFR "
        "164.512(b)). GDPR art. 9(2)(i).",
    ),
    Purpose(
        "research",
        "Research",
        "With the person's authorisation, a waiver, or a limited data set under an agreement (45 "
        "CFR 164.512(i), 164.514(e)). GDPR art. 9(2)(j) and 89.",
    ),
    Purpose(
        "analytics",
        "Analytics",
        "Figures about many. What leaves should be de-identified (45 CFR 164.514(b)), or the "
        "receiver is bound as a business associate. GDPR art. 5(1)(b) and (c).",
    ),
    Purpose(
        "marketing",
        "Marketing",
        "Needs the person's authorisation (45 CFR 164.508(a)(3)) or consent (GDPR art. 9(2)(a)).",
    ),
):
    PURPOSES.register(_purpose.code, _purpose)
