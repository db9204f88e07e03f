"""What in a document points to a person: the values of its personal and health fields.

Left out is what nobody is looked up by as a whole: free text, files, and dates, which many share.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from .fields import walk_fields
from .sensitivity import Sensitivity

#: A document about more people than this is a list, and a list is looked up by its own key.
MOST = 200
_SHORTEST, _LONGEST = 4, 200

# A place of the document: its members by name, or None for a field of its own.
_Place = dict[str, "_Place"] | None


class People:
    """Finds them by the paths of one document type. Immutable, safe to share between threads."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._root: dict[str, _Place] = {}
        for field in walk_fields(schema):
            named = Sensitivity.personal <= field.sensitivity <= Sensitivity.health
            whole = not (field.free_text or field.encoded or field.format.startswith("date"))
            if field.is_leaf and named and whole:
                self._plant(field.path.replace("[]", "").split("."))

    def __bool__(self) -> bool:
        """Whether documents of this type have such fields at all."""
        return bool(self._root)

    def values(self, body: Mapping[str, Any]) -> set[str]:
        """Their values as text, at most :data:`MOST`. Whatever has an odd form is passed over."""
        found: set[str] = set()
        if self._root:
            self._gather(self._root, body, found)
        return found

    def _plant(self, names: Iterable[str]) -> None:
        *groups, last = names
        place = self._root
        for name in groups:
            inner = place.setdefault(name, {})
            if inner is None:
                return
            place = inner
        place.setdefault(last, None)

    def _gather(self, place: _Place, value: Any, found: set[str]) -> None:
        if type(value) is list:
            for item in value:
                self._gather(place, item, found)
        elif place is None:
            text = str(value).strip() if type(value) in (str, int) else ""
            if _SHORTEST <= len(text) <= _LONGEST and len(found) < MOST:
                found.add(text)
        elif type(value) is dict:
            for name, inner in place.items():
                if name in value:
                    self._gather(inner, value[name], found)
