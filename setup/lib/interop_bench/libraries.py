"""The addons' own libraries, imported without Odoo: they are plain Python."""

from __future__ import annotations

import shutil
import sys

from interop_setup import suite
from interop_setup.layout import Layout


def provide(layout: Layout) -> None:
    """Let every `odoo.addons.<addon>.lib` of the checkout be imported in this process."""
    tree = layout.runtime / "bench-libraries"
    if str(tree) in sys.path:
        return
    shutil.rmtree(tree, ignore_errors=True)
    for folder in suite.addons(layout.checkout):
        if (folder / "lib").is_dir():
            place = tree / "odoo" / "addons" / folder.name
            place.mkdir(parents=True)
            (place / "lib").symlink_to(folder / "lib")
    sys.path.insert(0, str(tree))
