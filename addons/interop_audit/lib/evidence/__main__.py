"""``python3 addons/interop_audit/lib/evidence …``: the stand-alone verifier from a checkout."""

import sys
from importlib import import_module
from pathlib import Path

if not __package__:
    # Started as a folder: make it the package that it is.
    sys.path[0] = str(Path(__file__).resolve().parents[1])

sys.exit(import_module(f"{__package__ or 'evidence'}.command").main())
