"""Checking an evidence bundle: what the trail says about one matter, with all that proves it.

A bundle holds entries of the trail as they were sealed, for each the path to the root of its seal,
the seals, for each the path to the log of the newest one (the *head*), the versions that were in
force as text, and facts of the messages. It is signed as a whole, so that nothing in it can be
changed, facts included; what stands in the trail is proved by the seals as well, without trusting
who made the bundle.

It proves that what is in it happened as it says. That nothing else happened only a verification of
the whole trail can tell. ``docs/evidence.rst`` has the format.

Knows nothing of Odoo: the stand-alone verifier is made of this file and those beside it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from . import leaf, merkle, seal
from .bundle_text import FORMAT, Values, canonical, part_digest, signed_part, text_digest
from .findings import Finding

PARTS: Final[frozenset[str]] = frozenset(
    {
        "about",
        "consistency",
        "entries",
        "facts",
        "format",
        "head",
        "instance",
        "key",
        "made",
        "seals",
        "signature",
        "unsealed",
        "versions",
    }
)


class Anchored(Protocol):
    """A seal as somebody outside the database keeps it."""

    @property
    def statement(self) -> str: ...
    @property
    def signature(self) -> bytes: ...


def verify_bundle(
    data: bytes | Mapping[str, Any],
    trusted: Collection[str],
    anchors: Iterable[Anchored | str] = (),
) -> list[Finding]:
    """Everything that is wrong with a bundle; nothing but notes if it is true.

    `data`: the file's bytes, or the object read from them. `trusted`: the public keys of the
    installation as the auditor knows them, from elsewhere (64 hexadecimal digits each). `anchors`:
    seals that the auditor holds, or lines of an anchor file; the bundle must show of one at least
    that it belongs to the same history, and of none that it does not.
    """
    found: list[Finding] = []
    try:
        check = _Check(_read(data), frozenset(key.lower() for key in trusted))
        found.extend(check.findings(anchors))
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError):
        sentence = "This is no evidence bundle, or something in it cannot be read."
        found.append(_finding("bad_statement", sentence))
    return found


def _read(data: bytes | Mapping[str, Any]) -> dict[str, Any]:
    bundle = dict(data) if isinstance(data, Mapping) else json.loads(data)
    if bundle["format"] != FORMAT or bundle.keys() != PARTS:
        raise ValueError("another format")
    if not isinstance(data, Mapping) and canonical(bundle) != bytes(data):
        raise ValueError("not in canonical form")
    return dict(bundle)


def _finding(
    code: str,
    sentence: str,
    *,
    number: int | None = None,
    entry: int | None = None,
    severity: str = "error",
) -> Finding:
    return Finding(code, severity, number, entry, sentence)


class _Check:
    """One bundle under examination. What cannot be read raises ValueError, KeyError, TypeError."""

    def __init__(self, bundle: Values, trusted: frozenset[str]) -> None:
        self.bundle = bundle
        self.trusted = trusted
        self.seals: dict[int, tuple[str, seal.Statement]] = {}
        self.head = seal.Statement.parse(self._newest()["statement"])

    def _newest(self) -> Values:
        [newest] = [each for each in self.bundle["seals"] if each["number"] == self.bundle["head"]]
        found: Values = newest
        return found

    def findings(self, anchors: Iterable[Anchored | str]) -> Iterator[Finding]:
        yield from self._signature()
        yield from self._seals()
        yield from self._entries()
        yield from self._versions()
        yield from self._anchors(anchors)

    # -- who vouches for it --------------------------------------------------------------------

    def _signature(self) -> Iterator[Finding]:
        key = self.bundle["key"]
        if not self.trusted:
            yield _finding("wrong_key", "No public key was given that this could be checked with.")
        elif key not in self.trusted:
            yield _finding("wrong_key", f"The bundle is signed with a key not trusted: {key}.")
        public = Ed25519PublicKey.from_public_bytes(_bytes(key, 32))
        try:
            public.verify(_bytes(self.bundle["signature"], 64), signed_part(self.bundle))
        except InvalidSignature:
            yield _finding("changed", "The bundle was changed after it was made and signed.")

    def _seals(self) -> Iterator[Finding]:
        for each in self.bundle["seals"]:
            text, number = each["statement"], each["number"]
            statement = seal.Statement.parse(text)
            if number in self.seals or statement.number != number:
                yield _finding("broken_chain", f"Seal {number} stands twice.", number=number)
            self.seals[number] = (text, statement)
            if not seal.verify(statement.key, text, _bytes(each["signature"], 64)):
                yield _finding("changed", f"Seal {number} is not as it was signed.", number=number)
            if self.trusted and statement.key not in self.trusted:
                yield self._foreign_key(statement)
            if statement.instance != self.bundle["instance"]:
                yield self._foreign_instance(statement)
            if number == self.head.number:
                if each["proof"]:
                    yield _finding("bad_statement", "The newest seal needs no proof.")
            elif not self._in_log(text, number, each["proof"]):
                yield _finding(
                    "broken_chain",
                    f"Seal {number} does not belong to the history of seal {self.head.number}.",
                    number=number,
                )

    def _foreign_key(self, statement: seal.Statement) -> Finding:
        number = statement.number
        if number == self.head.number:
            return _finding(
                "wrong_key", f"The newest seal, {number}, is signed with a key not trusted.",
                number=number,
            )  # fmt: skip
        # After a rotation the older seals carry an older key: the newest one vouches for them.
        return _finding(
            "wrong_key",
            f"Seal {number} was signed with another key. The newest seal vouches for it.",
            number=number,
            severity="note",
        )

    def _foreign_instance(self, statement: seal.Statement) -> Finding:
        number = statement.number
        if number == self.head.number:
            return _finding(
                "rewritten", "The newest seal is of another installation.", number=number
            )
        # A restore can give the installation another identity. The history goes on.
        return _finding(
            "restored",
            f"Seal {number} is of before the installation was given its present identity.",
            number=number,
            severity="note",
        )

    def _in_log(self, text: str, number: int, proof: Sequence[str]) -> bool:
        return merkle.verify_inclusion(
            seal.digest(text),
            number - 1,
            self.head.number - 1,
            _hashes(proof),
            bytes.fromhex(self.head.log),
        )

    # -- what happened -------------------------------------------------------------------------

    def _entries(self) -> Iterator[Finding]:
        before, places = 0, set()
        for each in self.bundle["entries"]:
            line, number, index = each["line"].encode(), each["seal"], each["index"]
            entry = leaf.entry_id(line)
            if entry == before:
                yield _finding("inserted", f"Entry {entry} stands twice.", entry=entry)
            elif entry < before:
                yield _finding("reordered", f"Entry {entry} is out of order.", entry=entry)
            before = entry
            _text, statement = self.seals[number]
            proved = merkle.verify_inclusion(
                leaf.leaf_hash(line),
                index,
                statement.count,
                _hashes(each["proof"]),
                bytes.fromhex(statement.root),
            )
            if not proved or (number, index) in places or not _belongs(line, statement):
                yield _finding(
                    "changed",
                    f"Entry {entry} is not as it was sealed in seal {number}.",
                    number=number,
                    entry=entry,
                )
            places.add((number, index))
        if self.bundle["unsealed"]:
            yield _finding(
                "unsealed",
                f"{self.bundle['unsealed']} entries were younger than the newest seal and are not "
                "in the bundle.",
                severity="note",
            )

    def _versions(self) -> Iterator[Finding]:
        named = set()
        for each in self.bundle["entries"]:
            row = dict(zip(leaf.COLUMNS, leaf.values(each["line"].encode()), strict=True))
            named |= {row["digest"], row["version_digest"]}
        for version in self.bundle["versions"]:
            title, told = version["title"], version["digest"]
            if text_digest(version["text"]) != told:
                yield _finding("changed", f"The text of the version {title} was changed.")
                continue
            parts = json.loads(version["text"])
            for part in version["parts"]:
                if part_digest(parts[part["part"]]) != part["digest"]:
                    yield _finding("changed", f"A part of the version {title} has another digest.")
            if told not in named:
                yield _finding(
                    "unsealed",
                    f"No sealed entry in the bundle names the digest of the version {title}: only "
                    "the signature of the bundle vouches for it.",
                    severity="note",
                )

    # -- what the auditor holds ----------------------------------------------------------------

    def _anchors(self, anchors: Iterable[Anchored | str]) -> Iterator[Finding]:
        agreeing, silent = 0, []
        for anchor in (_anchored(each) for each in anchors if each):
            held = seal.Statement.parse(anchor.statement)
            agrees = self._agrees(held, anchor.statement)
            if agrees is None:
                silent.append(held.number)
            elif agrees:
                agreeing += 1
            else:
                yield self._contradicts(held, anchor)
        if silent and not agreeing:
            yield self._not_told(max(silent))

    def _agrees(self, held: seal.Statement, text: str) -> bool | None:
        """Whether an anchor is of the bundle's history; None if the bundle does not tell."""
        proofs = [each for each in self.bundle["consistency"] if each["number"] == held.number]
        if held.number in self.seals:
            return self.seals[held.number][0] == text
        if proofs:
            return all(self._is_before(text, held, proof) for proof in proofs)
        return None if held.instance == self.bundle["instance"] else False

    def _not_told(self, number: int) -> Finding:
        later = number > self.head.number
        return _finding(
            "truncated" if later else "unsealed",
            f"The anchor of seal {number} is later than the bundle (seal {self.head.number}): ask "
            "for a bundle that is made anew."
            if later
            else f"The bundle says nothing about seal {number} of the anchor: ask for a bundle "
            "that is made against it.",
            number=number,
            severity="warning",
        )

    def _contradicts(self, held: seal.Statement, anchor: Anchored) -> Finding:
        number = held.number
        signed = seal.verify(held.key, anchor.statement, anchor.signature)
        if held.key not in self.trusted or not signed:
            return _finding(
                "bad_statement",
                f"The anchor of seal {number} is of another history, but not signed with a trusted "
                "key: it proves nothing.",
                number=number,
                severity="warning",
            )
        return _finding(
            "rewritten",
            f"The anchor's seal {number} is not in the history of the bundle.",
            number=number,
        )

    def _is_before(self, text: str, held: seal.Statement, proof: Values) -> bool:
        """Whether the seal, and all that it knows before it, are the beginning of this history."""
        return self._in_log(text, held.number, proof["inclusion"]) and merkle.verify_consistency(
            held.number - 1,
            self.head.number - 1,
            bytes.fromhex(held.log),
            bytes.fromhex(self.head.log),
            _hashes(proof["consistency"]),
        )


def _belongs(line: bytes, statement: seal.Statement) -> bool:
    """Whether a seal that says this can hold the entry, whatever its root."""
    row = dict(zip(leaf.COLUMNS, leaf.values(line), strict=True))
    entry, low, high = int(row["id"] or 0), int(statement.low), int(statement.high)
    if not statement.first <= entry <= statement.last:
        return False
    if statement.kind == "bridge":
        return low < entry <= high
    return low <= int(row["txid"] or 0) < high and entry > statement.after


def _hashes(proof: Sequence[str]) -> list[bytes]:
    return [_bytes(each, merkle.HASH_BYTES) for each in proof]


def _bytes(text: str, size: int) -> bytes:
    """Hexadecimal in its one form: `bytes.fromhex` takes capitals and spaces as well."""
    data = bytes.fromhex(text)
    if len(data) != size or data.hex() != text:
        raise ValueError("not the hexadecimal form of so many bytes")
    return data


@dataclass(frozen=True, slots=True)
class _Line:
    statement: str
    signature: bytes


def _anchored(anchor: Anchored | str) -> Anchored:
    """An anchor as it is, or from a line of an anchor file."""
    if not isinstance(anchor, str):
        return anchor
    told = json.loads(anchor)
    return _Line(told["statement"], bytes.fromhex(told["signature"]))
