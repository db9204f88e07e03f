"""A named list of interchangeable parts: transports, codecs, handlers, decisions.

Dispatch is a lookup of a code, never a chain of ``if kind == …``:

>>> colours = Registry[str]("colour")
>>> colours.register("red", "#f00")
'#f00'
>>> colours.get("red")
'#f00'
>>> colours.selection()
[('red', 'red')]
>>> colours.get("blue")
Traceback (most recent call last):
...
odoo.addons.interop_base.lib.registry.UnknownCode: There is no colour with code "blue". Known: red.
"""

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class UnknownCode(LookupError):
    """Nothing is registered under this code; the text lists what is."""


class Registry(Generic[T]):
    """Parts of one kind by their code. Filled when modules are imported, read afterwards."""

    def __init__(self, what: str) -> None:
        self.what = what
        self._items: dict[str, T] = {}

    def register(self, code: str, item: T) -> T:
        """Add ``item`` under ``code`` and return it. A code is taken once."""
        known = self._items.get(code)
        if known is not None and known is not item and not _same_part(known, item):
            raise ValueError(f'The {self.what} code "{code}" is already taken.')
        self._items[code] = item
        return item

    def unregister(self, code: str) -> None:
        """Forget ``code`` (for tests, and parts that are unloaded)."""
        self._items.pop(code, None)

    def get(self, code: str) -> T:
        """The part with this code; raises :class:`UnknownCode`."""
        try:
            return self._items[code]
        except KeyError:
            known = ", ".join(self.codes()) or "none"
            raise UnknownCode(
                f'There is no {self.what} with code "{code}". Known: {known}.'
            ) from None

    def codes(self) -> list[str]:
        return sorted(self._items)

    def selection(self) -> list[tuple[str, str]]:
        """``(code, label)`` pairs for a selection field, ordered by label."""
        pairs = [(code, str(getattr(item, "label", code))) for code, item in self._items.items()]
        return sorted(pairs, key=lambda pair: pair[1].casefold())

    def __contains__(self, code: object) -> bool:
        return code in self._items

    def __iter__(self) -> Iterator[tuple[str, T]]:
        return iter(sorted(self._items.items()))

    def __len__(self) -> int:
        return len(self._items)


def _same_part(known: object, item: object) -> bool:
    """Whether ``item`` is ``known`` again, after its module was imported a second time."""
    return (
        type(known).__module__ == type(item).__module__
        and type(known).__qualname__ == type(item).__qualname__
        and getattr(known, "__qualname__", None) == getattr(item, "__qualname__", None)
    )
