"""`setup/tool oca`: the community's checks of data files, access lists and translations."""

from __future__ import annotations

import sys

from interop_setup import suite

from .programs import LAYOUT, passes, script


def program() -> int:
    folders = suite.addons(LAYOUT.checkout)
    fine = passes([script("oca-checks-odoo-module"), *folders])
    templates = sorted(LAYOUT.addons.glob("*/i18n/*.po*"))
    if templates:
        # A template is written by Odoo itself: its layout is not ours to mend.
        fine &= passes([script("oca-checks-po"), "--disable=po-pretty-format", *templates])
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(program())
