"""Control numbers: by them two parties notice what is missing and what came twice.

The rules come from the standards. X12 (X12.5, ISA13): nine digits, 000000001 to 999999999, then
again from the beginning. EDIFACT (ISO 9735, 0020 and 0062): at most 14 characters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from odoo.addons.interop_base.lib.failures import BusinessError
from odoo.addons.interop_base.lib.registry import Registry

# What fits into PostgreSQL's bigint, and exactly into a JavaScript number.
HIGHEST = 99_999_999_999_999


class NumbersUsedUp(BusinessError):
    """The last number has been given, and the numbers do not begin again by themselves."""

    def __init__(self, kind: str) -> None:
        super().__init__(
            f"The control numbers of the kind {kind} are used up. Agree with the partner on where "
            "they go on, set the next number on the connector, and run the message again."
        )


@dataclass(frozen=True, slots=True)
class NumberRule:
    """Which numbers there are, and what comes after the last one.

    >>> rule = NumberRule(lowest=1, highest=999, width=4)
    >>> rule.text(7), rule.after(998), rule.after(998, 2)
    ('0007', 999, 1)
    """

    lowest: int = 1
    highest: int = 999_999_999
    width: int = 0
    """Digits with leading zeros; 0: as many as the number has."""
    wraps: bool = True
    """After the highest comes the lowest. If not, a person decides where they go on."""
    gapless: bool = False
    """Taken in the transaction that stores the payload, so that a number which is not used is
    given back; the payloads of one connector are then numbered one after the other."""
    per_document: bool = False
    """Each document of a payload has one; if not, the payload has."""

    def __post_init__(self) -> None:
        if not 0 <= self.lowest < self.highest <= HIGHEST:
            raise ValueError("A rule for control numbers needs 0 <= lowest < highest <= 14 digits.")
        if self.width and self.width < len(str(self.highest)):
            raise ValueError("The highest control number does not fit into its width.")

    def text(self, number: int) -> str:
        """As it stands in a payload; raises ValueError for one that the rule does not know."""
        if not self.lowest <= number <= self.highest:
            raise ValueError("This control number is outside its range.")
        return f"{number:0{self.width}d}" if self.width else str(number)

    def after(self, number: int, steps: int = 1) -> int:
        """The number `steps` after `number`. Beyond the highest without wrapping: highest + 1,
        which stands for "used up"."""
        if number + steps <= self.highest:
            return number + steps
        if not self.wraps:
            return self.highest + 1
        return self.lowest + (number + steps - self.lowest) % (self.highest - self.lowest + 1)

    def fits(self, number: int, count: int) -> bool:
        """Whether `count` numbers can be given from `number` on."""
        return self.wraps or number + count - 1 <= self.highest


@dataclass(frozen=True, slots=True)
class NumberKind:
    """What is numbered: an interchange, a group of it, a document in it."""

    code: str
    label: str
    rule: NumberRule


NUMBER_KINDS: Registry[NumberKind] = Registry("kind of control number")


def register_kind(code: str, label: str, rule: NumberRule | None = None) -> NumberKind:
    """Make `code` known. `rule` holds for every codec that says nothing else."""
    return NUMBER_KINDS.register(code, NumberKind(code, label, rule or NumberRule()))


register_kind("interchange", "Interchange", NumberRule(width=9, gapless=True))
register_kind("group", "Group", NumberRule(gapless=True))
register_kind("transaction", "Document", NumberRule(width=9, per_document=True))


def rules_of(codec: object) -> Mapping[str, NumberRule]:
    """Which kinds `codec` numbers, and by which rules. None for most.

    A codec names them in `numbers`; `number_rules` says where its standard differs from the kind.
    """
    own: Mapping[str, NumberRule] = getattr(codec, "number_rules", {})
    kinds: tuple[str, ...] = getattr(codec, "numbers", ())
    return {kind: own.get(kind) or NUMBER_KINDS.get(kind).rule for kind in kinds}
