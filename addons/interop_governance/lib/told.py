"""What can be told of a document whose content is gone: its fields, how sensitive, what was done.

The names come from the shape that the audit trail points to, titles and sensitivities from the
document type in the version that was in force: both are immutable.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from odoo.addons.interop_base.lib.registry import UnknownCode
from odoo.addons.interop_document.lib.fields import Field, walk_fields
from odoo.addons.interop_document.lib.sensitivity import Sensitivity
from odoo.addons.interop_policy.lib.actions import ACTIONS
from odoo.addons.interop_queue.lib.shape import TAKEN

#: Nothing is known of a field that a version's document type does not have.
UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Told:
    """One field that a document had."""

    path: str
    title: str
    sensitivity: str
    """Name of its class, or `unknown`."""
    action: str

    @property
    def done(self) -> str:
        """What was done about it, in words."""
        return action_word(self.action)

    @property
    def class_word(self) -> str:
        return self.sensitivity.capitalize()

    @property
    def rank(self) -> int:
        """How sensitive it is, as a number; what is not known counts as the most sensitive."""
        if self.sensitivity == UNKNOWN:
            return len(Sensitivity)
        return Sensitivity.parse(self.sensitivity)


class Kind:
    """The fields of one document type as it was published."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        fields = walk_fields(schema) if schema else ()
        self._fields = {field.path: field for field in fields}
        self._titles = Counter(field.title for field in fields if field.is_leaf)

    def told(self, shape: Iterable[tuple[str, str]]) -> list[Told]:
        """The fields of a shape, the most sensitive first, then as the document type has them."""
        order = {path: place for place, path in enumerate(self._fields)}
        found = [self._told(path, action) for path, action in shape]
        return sorted(found, key=lambda each: (-each.rank, order.get(each.path, 0), each.path))

    def _told(self, path: str, action: str) -> Told:
        field = self._fields.get(path)
        if field is None:
            return Told(path, path, UNKNOWN, action)
        return Told(path, self._title(field), field.sensitivity.name, action)

    def _title(self, field: Field) -> str:
        """The field's own title; if others have the same, with that of the group around it."""
        title = field.title or field.path
        around = self._fields.get(field.path.rpartition(".")[0])
        if around is None or self._titles[field.title] < 2:
            return title
        return f"{around.title or around.path}: {title}"


def action_word(action: str) -> str:
    """What people read for what was done about a field.

    >>> action_word("send")
    'Sent'
    >>> action_word("taken")
    'Received'
    """
    if action == TAKEN:
        return "Received"
    try:
        return ACTIONS.get(action).outcome
    except UnknownCode:
        return action


def summary(fields: Iterable[Told], most: int = 12) -> str:
    """The fields in one line: titles, and what was done where that is not just sending.

    >>> summary([Told("a", "Name", "personal", "mask"), Told("b", "Number", "internal", "send")])
    'Name (masked), Number'
    """
    names = []
    for each in fields:
        plain = each.action in ("send", TAKEN)
        names.append(each.title if plain else f"{each.title} ({each.done.lower()})")
    left = len(names) - most
    return ", ".join(names[:most]) + (f" and {left} more" if left > 0 else "")
