"""`setup/tool types`: mypy --strict of every addon's lib/ and of setup/lib.

The addons' `lib/` folders are shown to mypy without the rest of their addon, as parts of the
namespace `odoo.addons`. So an import that reaches into models cannot even be resolved.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from interop_setup import suite
from interop_setup.console import Word

from .programs import LAYOUT, passes, script


def program() -> int:
    tree = _namespace(LAYOUT.runtime / "types")
    mypy: list[Word] = [script("mypy"), "--strict", "--no-error-summary"]
    packages = [
        word
        for folder in sorted((tree / "odoo" / "addons").glob("*"))
        for word in ("-p", f"odoo.addons.{folder.name}.lib")
    ]
    fine = True
    if packages:
        fine &= passes([*mypy, *packages], MYPYPATH=str(tree))
    own = LAYOUT.checkout / "setup" / "lib"
    names = sorted(path.parent.name for path in own.glob("*/__init__.py"))
    scripts = sorted(own.glob("*.py"))
    fine &= passes([*mypy, *(word for name in names for word in ("-p", name))], MYPYPATH=str(own))
    if scripts:
        fine &= passes([*mypy, *scripts], MYPYPATH=str(own))
    return 0 if fine else 1


def _namespace(tree: Path) -> Path:
    shutil.rmtree(tree, ignore_errors=True)
    for folder in suite.addons(LAYOUT.checkout):
        if (folder / "lib").is_dir():
            place = tree / "odoo" / "addons" / folder.name
            place.mkdir(parents=True)
            (place / "lib").symlink_to(folder / "lib")
    return tree


if __name__ == "__main__":
    sys.exit(program())
