"""Trails that were never in a database: entries, seals over them, and bundles of some."""

import hashlib
import uuid

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ..lib.evidence import bundle_making, bundle_text, leaf, merkle, seal
from ..lib.evidence.levels import Levels

VERSION = '{"flow":{"code":"orders"},"format":"x","policy":{"name":"Strict"}}'
VERSION_DIGEST = bundle_text.text_digest(VERSION)


def key_of(name):
    """The same name gives the same key."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())


def public(key):
    return key.public_key().public_bytes_raw().hex()


class Trail:
    """A trail with `sizes` entries in its seals, one seal each; a new key after `rotated` seals."""

    def __init__(self, sizes, key="one", rotated=None):
        self.instance = str(uuid.UUID(bytes=hashlib.sha256(key.encode()).digest()[:16]))
        self.key = key_of(key)
        self.lines, self.leaves, self.seals, self.of = {}, {}, {}, {}
        frontier, previous, total, entry = merkle.Frontier(), "", 0, 0
        for number, size in enumerate(sizes, 1):
            if number == rotated:
                self.key = key_of(f"{key} rotated")
            ids = list(range(entry + 1, entry + size + 1))
            entry += size
            total += size
            hashes = [leaf.leaf_hash(self._line(each, number)) for each in ids]
            for each in ids:
                self.of[each] = number
            self.leaves[number] = seal.pack_leaves(ids, hashes)
            text = seal.Statement(
                instance=self.instance, epoch=1, after=0, number=number, kind="range",
                low=str(number * 10), high=str(number * 10 + 10), count=size,
                first=ids[0] if ids else 0, last=ids[-1] if ids else 0, total=total,
                root=merkle.root(hashes).hex(), previous=previous, log=frontier.root().hex(),
                sealed_at=f"2026-03-01T08:{number % 60:02}:00.000000Z", key=public(self.key),
            ).text()  # fmt: skip
            self.seals[number] = bundle_making.Sealed(text, seal.sign(self.key, text))
            frontier.append(seal.digest(text))
            previous = seal.digest(text).hex()

    def _line(self, entry, number):
        row = dict.fromkeys(leaf.COLUMNS)
        row |= {
            "id": str(entry),
            "ts": str(1_772_352_000_000_000 + entry),
            "txid": str(number * 10 + entry % 10),
            "act": "message.sent",
            "outcome": "ok",
            "actor_kind": "worker",
            "version_digest": VERSION_DIGEST,
            "details": '{"attempts":1}',
        }
        self.lines[entry] = leaf.line([row[name] for name in leaf.COLUMNS])
        return self.lines[entry]

    def bundle(self, entries, head=None, against=(), signed_by=None, **changes):
        head = head or len(self.seals)
        log = Levels([seal.digest(self.seals[number].statement) for number in range(1, head)])
        made = bundle_making.make(
            instance=self.instance,
            about={"kind": "message", "title": "PurchaseOrder P00012"},
            made={"at": "2026-03-01T09:00:00Z", "by": "Ada Auditor", "reason": "Yearly audit"},
            facts={"messages": [{"uuid": str(uuid.UUID(int=7)), "state": "done"}]},
            versions=[
                {
                    "title": "Orders v1",
                    "digest": VERSION_DIGEST,
                    "text": VERSION,
                    "parts": [
                        {
                            "part": "policy",
                            "digest": bundle_text.part_digest({"name": "Strict"}),
                        }
                    ],
                }
            ],
            entries=[(self.lines[entry], self.of[entry]) for entry in entries],
            seals=self.seals,
            head=head,
            proofs=bundle_making.Proofs(self.leaves.get),
            log=log,
            against=against,
        )
        return bundle_text.sign(signed_by or self.key, made | changes)
