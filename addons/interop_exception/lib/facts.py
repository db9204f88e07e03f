"""What an exception compares: our value, theirs, and what lies between them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from odoo.addons.interop_document.lib.sensitivity import Sensitivity

# What a reviewer may see at most. Personal and health data never enter an exception.
REVIEWER_CLEARANCE = Sensitivity.confidential


@dataclass(frozen=True, slots=True)
class Fact:
    """One compared field.

    :param label: what the field is called for a person ("Unit price")
    :param path: its path in the document type (``lines[].unit_price.amount``); decides whether
        a reviewer may see it
    :param ours: our value as shown, e.g. ``5.00 USD``
    :param theirs: the partner's value as shown
    :param difference: what lies between, e.g. ``+0.20 USD (+4.0 %)``
    """

    label: str
    path: str
    ours: str = ""
    theirs: str = ""
    difference: str = ""


@dataclass(frozen=True, slots=True)
class ShownFact:
    """A fact after the reviewer's clearance: a hidden one has lost its values for good."""

    label: str
    path: str
    ours: str
    theirs: str
    difference: str
    hidden: bool


def show(
    facts: Iterable[Fact],
    sensitivities: Mapping[str, Sensitivity],
    clearance: Sensitivity = REVIEWER_CLEARANCE,
) -> list[ShownFact]:
    """Take the values out of every fact that a reviewer may not see.

    A path that the document type does not know counts as secret: nobody classified it.

    >>> from odoo.addons.interop_document.lib.sensitivity import Sensitivity
    >>> [fact.ours for fact in show([Fact("Price", "price", "5")], {"price": Sensitivity(1)})]
    ['5']
    >>> [fact.ours for fact in show([Fact("Price", "price", "5")], {})]
    ['']
    """
    shown = []
    for fact in facts:
        hidden = sensitivities.get(fact.path, Sensitivity.secret) > clearance
        shown.append(
            ShownFact(
                label=fact.label,
                path=fact.path,
                ours="" if hidden else fact.ours,
                theirs="" if hidden else fact.theirs,
                difference="" if hidden else fact.difference,
                hidden=hidden,
            )
        )
    return shown
