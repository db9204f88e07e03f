"""What sealing costs over the bare compression and encryption it is made of."""

from __future__ import annotations

import importlib
import json
import os
import time
import uuid
import zlib
from collections.abc import Callable

from interop_setup.layout import Layout

from . import libraries
from .figures import Goal, median, rounds
from .measures import Figures, Sizes, measure_alone

_BYTES = 10 * 1024
_WARM = 100
_PERIOD = "standard/2026-11"


def document() -> bytes:
    """10 KB of JSON as an order has it: the same names again and again, and values that differ."""
    lines: list[dict[str, object]] = []
    while len(data := json.dumps({"number": "P00042", "lines": lines}).encode()) < _BYTES:
        number = len(lines) + 1
        lines.append(
            {
                "line_number": number,
                "item": {"buyer_id": f"NF-{8800 + number * 7}", "name": f"Nitrile gloves {number}"},
                "quantity": {"value": number * 12, "unit": "box"},
                "unit_price": {"amount": f"{number * 3.17:.2f}", "currency": "USD"},
            }
        )
    return data[:_BYTES]


@measure_alone(
    "seal_over_us", "Sealing 10 KB, over bare AES-GCM and zlib", "µs", Goal(60, 30, lower=True)
)
def sealing(sizes: Sizes) -> Figures:
    """Half of the runs are quicker, for either side; they take turns, piece by piece."""
    libraries.provide(Layout.here())
    keyrings = importlib.import_module("odoo.addons.interop_base.lib.keyring")
    lib = importlib.import_module("odoo.addons.interop_vault.lib.sealing")
    aead = importlib.import_module("cryptography.hazmat.primitives.ciphers.aead")
    keyring = keyrings.Keyring(
        {"k1": os.urandom(32)}, "k1", os.urandom(32), periods={_PERIOD: os.urandom(32)}
    )
    instance, data = str(uuid.uuid4()), document()

    def ours() -> object:
        place = lib.Place(instance, str(uuid.uuid4()), "document", 1)
        return lib.seal(keyring, place, data, _PERIOD)

    def bare() -> object:
        key, nonce = aead.AESGCM.generate_key(lib.KEY_BITS), os.urandom(lib.NONCE_BYTES)
        return aead.AESGCM(key).encrypt(nonce, zlib.compress(data, lib.LEVEL), None)

    over, whole, least = [], [], []
    for _round in range(sizes.rounds):
        taken: dict[Callable[[], object], list[float]] = {ours: [], bare: []}
        for _turn in range(_WARM + sizes.sealed):
            for side, kept in taken.items():
                started = time.perf_counter()
                side()
                kept.append((time.perf_counter() - started) * 1e6)
        whole.append(median(taken[ours][_WARM:]))
        least.append(median(taken[bare][_WARM:]))
        over.append(whole[-1] - least[-1])
    raw = {
        "over_us": rounds(over),
        "sealing_us": rounds(whole),
        "bare_us": rounds(least),
        "bytes": len(data),
        "pieces_per_round": sizes.sealed,
    }
    return {"seal_over_us": (median(over), raw)}
