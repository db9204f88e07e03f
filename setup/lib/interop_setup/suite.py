"""The addons of the checkout, what they need, and a digest of what an installation depends on."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

UMBRELLA = "interop_suite"
_NOT_INSTALLED = {"tests", "readme", "i18n", "__pycache__"}
_NOT_INSTALLED_SUFFIXES = {".rst", ".md", ".pyc", ".html", ".toml"}


def addons(checkout: Path) -> list[Path]:
    """The folders of the addons below `addons/`."""
    return sorted(path.parent for path in (checkout / "addons").glob("*/__manifest__.py"))


def manifest(folder: Path) -> dict[str, Any]:
    """An addon's manifest."""
    found = ast.literal_eval((folder / "__manifest__.py").read_text())
    assert isinstance(found, dict)
    return found


def module_names(checkout: Path) -> list[str]:
    """Every module of the checkout, the umbrella included."""
    umbrella = [UMBRELLA] if (checkout / "__manifest__.py").exists() else []
    return [folder.name for folder in addons(checkout)] + umbrella


def foundation(checkout: Path, module: str = "") -> list[str]:
    """The modules of Odoo itself that an addon (or, without a name, all of them) stands on."""
    own = set(module_names(checkout))
    chosen = beneath(checkout, module) if module else own
    needed = {name for each in chosen for name in _depends(checkout, each)}
    return sorted((needed | {"base"}) - own)


def beneath(checkout: Path, module: str) -> set[str]:
    """The addons of this checkout that a module stands on, itself included."""
    own = set(module_names(checkout))
    found: set[str] = set()
    ahead = [module]
    while ahead:
        name = ahead.pop()
        if name in own and name not in found:
            found.add(name)
            ahead += _depends(checkout, name)
    return found


def _depends(checkout: Path, module: str) -> list[str]:
    folder = checkout if module == UMBRELLA else checkout / "addons" / module
    return list(manifest(folder).get("depends", ()))


def tree_digest(checkout: Path) -> str:
    """Changes whenever an installed database may no longer agree with the addons on disk."""
    digest = hashlib.sha256()
    for path in _installed_files(checkout):
        digest.update(str(path.relative_to(checkout)).encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _installed_files(checkout: Path) -> Iterator[Path]:
    yield from sorted(
        path for path in (checkout / "__manifest__.py", checkout / "__init__.py") if path.exists()
    )
    for path in sorted((checkout / "addons").rglob("*")):
        inside = path.relative_to(checkout / "addons")
        if (
            path.is_file()
            and not _NOT_INSTALLED & set(inside.parts)
            and path.suffix not in _NOT_INSTALLED_SUFFIXES
        ):
            yield path
