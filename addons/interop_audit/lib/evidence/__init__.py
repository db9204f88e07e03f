"""What makes the trail evidence: bytes of entries, Merkle trees, seals.

Pure Python and, for signatures, `cryptography`. It knows nothing of Odoo and imports only itself,
so that the stand-alone verifier is made of these very files. ``docs/evidence.rst`` has the formats
byte by byte.
"""
