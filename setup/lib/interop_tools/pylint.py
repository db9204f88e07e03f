"""`setup/tool pylint`: the checks of pylint-odoo that are mandatory for addons."""

from __future__ import annotations

import sys

from interop_setup import suite

from .programs import LAYOUT, passes, script


def program() -> int:
    folders = suite.addons(LAYOUT.checkout)
    # Odoo must be importable: pylint looks at what the methods of a model override.
    ok = passes(
        [script("python"), "-m", "pylint", "--rcfile=.pylintrc", *folders],
        PYTHONPATH=str(LAYOUT.import_path),
    )
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(program())
