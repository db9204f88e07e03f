"""An evidence bundle to be read by people: who did what when, and how it can be verified."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from reportlab.platypus import Flowable

from odoo.addons.interop_audit.lib.evidence import leaf

from .paper import (
    BAD,
    BODY,
    FAINT,
    HEADING,
    KICKER,
    MONO,
    SMALL,
    SUBHEADING,
    TITLE,
    gap,
    pairs,
    paper,
    table,
    text,
    together,
)  # fmt: skip

Values = Mapping[str, Any]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

KINDS = {
    "message": "Chosen messages",
    "record": "All messages about one business document",
    "person": "All messages that the blind index knows for one person. Who it is stands nowhere.",
}
PARTS = {
    "flow": "Flow",
    "document_type": "Document type",
    "mapping": "Mapping",
    "policy": "Policy",
    "connector": "Connector",
    "guard": "Last look",
    "residency": "Countries data may go to",
}


def bundle_paper(bundle: Values, digest: str, label: Callable[[str], str] | None = None) -> bytes:
    """The PDF of a bundle. `digest`: of evidence.json; `label`: what people call an act."""
    story = [*_Paper(bundle, digest, label or readable).parts()]
    title = f"Evidence: {bundle['about']['title']}"
    return paper(story, title, f"evidence.json SHA-256 {digest}", title)


def readable(act: str) -> str:
    """An act in words, where nobody registered any.

    >>> readable("message.content_read")
    'Message content read'
    """
    words = act.replace(".", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def rows_of(bundle: Values) -> list[dict[str, str | None]]:
    """The entries of a bundle, column by column, in the order of time."""
    rows = [
        dict(zip(leaf.COLUMNS, leaf.values(each["line"].encode()), strict=True))
        | {"seal": str(each["seal"])}
        for each in bundle["entries"]
    ]
    return sorted(rows, key=lambda row: (int(row["ts"] or 0), int(row["id"] or 0)))


class _Paper:
    def __init__(self, bundle: Values, digest: str, label: Callable[[str], str]) -> None:
        self.bundle = bundle
        self.digest = digest
        self.label = label
        self.statements = {
            each["number"]: json.loads(each["statement"]) for each in bundle["seals"]
        }
        self.head = self.statements[bundle["head"]]

    def parts(self) -> Iterator[Flowable]:
        yield from self._title()
        yield from self._timeline()
        yield from self._messages()
        yield from self._exceptions()
        yield from self._digests()
        yield from self._versions()
        yield from self._proof()
        yield from self._verify()

    def _title(self) -> Iterator[Flowable]:
        about, made = self.bundle["about"], self.bundle["made"]
        entries, seals = len(self.bundle["entries"]), len(self.statements)
        yield text("EVIDENCE BUNDLE", KICKER)
        yield text(about["title"], TITLE)
        yield gap(2)
        rows = [
            ("What it covers", KINDS[about["kind"]]),
            ("Asked for by", f"{made['by']} (user {made['by_id']}), {_time(made['at'])}"),
            ("Reason", made["reason"]),
            (
                "Contains",
                f"{entries} entries of the audit trail, each with its proof; {seals} seals; "
                f"{about['messages']} messages; {len(self.bundle['versions'])} published versions. "
                "No content of documents.",
            ),
            ("Newest seal", f"{self.bundle['head']}, made {_time(self.head['sealed_at'])}"),
        ]
        if about["withheld"]:
            rows.append(
                (
                    "Not in it",
                    f"{about['withheld']} entries of companies or business areas that "
                    f"{made['by']} may not see.",
                )
            )
        if self.bundle["unsealed"]:
            rows.append(("Not sealed yet", f"{self.bundle['unsealed']} entries, left out."))
        if made.get("sample"):
            rows.append(("Random sample", made["sample"]))
        yield pairs(
            [
                *rows,
                ("Bundle", text(made["id"], MONO)),
                ("Installation", text(self.bundle["instance"], MONO)),
                ("Public key", text(self.bundle["key"], MONO)),
                ("evidence.json", text(f"SHA-256 {self.digest}", MONO)),
            ]
        )

    def _timeline(self) -> Iterator[Flowable]:
        yield text("What happened", HEADING)
        yield text("Times are UTC, by the database's clock.", FAINT)
        yield table(
            [("Time", 17), ("Who", 18), ("What", 21), ("Outcome", 9), ("Facts", 28), ("Entry", 7)],
            [
                [
                    _micros(row["ts"]),
                    text(_who(row), SMALL),
                    text(self.label(row["act"] or ""), SMALL),
                    text(row["outcome"], SMALL if row["outcome"] == "ok" else BAD),
                    text(_details(row["details"]), FAINT),
                    text(f"{row['id']}\nseal {row['seal']}", FAINT),
                ]
                for row in rows_of(self.bundle)
            ],
        )

    def _messages(self) -> Iterator[Flowable]:
        facts = self.bundle["facts"]
        payloads = {each["uuid"]: each for each in facts["payloads"]}
        if facts["messages"]:
            yield text("Messages and their delivery", HEADING)
        for message in facts["messages"]:
            way = "to" if message["direction"] == "out" else "from"
            kind = (
                f"{message['document_type'] or 'Message'} {message['business_key'] or ''}".strip()
            )
            times = [
                f"{name} {_time(message[key])}"
                for name, key in (
                    ("accepted", "accepted_at"),
                    ("sent", "sent_at"),
                    ("answered", "answered_at"),
                    ("ended", "ended_at"),
                    ("content purged", "purged_at"),
                )
                if message[key]
            ]
            yield together(
                text(f"{kind} {way} {message['system']}", SUBHEADING),
                text(message["uuid"], MONO),
                text(
                    f"Flow {message['flow']}, connector {message['connector']}, area "
                    f"{message['area']}. State: {message['state']}. {'; '.join(times)}.",
                    SMALL,
                ),
                *self._tries(payloads.get(message["payload"])),
            )

    def _tries(self, payload: Values | None) -> Iterator[Flowable]:
        if payload is None:
            return
        number = payload["control_number"]
        yield text(
            f"Payload {payload['uuid']}, {payload['state']}, {payload['size'] or 0} bytes"
            + (f", control number {number}" if number else "")
            + (f", from {payload['remote_addr']}" if payload["remote_addr"] else ""),
            FAINT,
        )
        if payload["attempts"]:
            yield table(
                [("Try", 6), ("Began", 22), ("Took", 10), ("Outcome", 12), ("Status", 9), ("", 41)],
                [
                    [
                        str(each["number"] or ""),
                        _time(each["started_at"]),
                        f"{each['milliseconds']} ms",
                        text(each["outcome"], SMALL if each["outcome"] == "ok" else BAD),
                        str(each["status"] or ""),
                        text(each["failure"], FAINT),
                    ]
                    for each in payload["attempts"]
                ],
            )

    def _exceptions(self) -> Iterator[Flowable]:
        exceptions = self.bundle["facts"]["exceptions"]
        if exceptions:
            yield text("Exceptions that people had to decide", HEADING)
            yield table(
                [("No.", 8), ("Kind", 18), ("Area", 18), ("State", 14), ("Decision", 42)],
                [
                    [
                        str(each["number"]),
                        readable(each["kind"]),
                        each["area"],
                        readable(each["state"]),
                        _decision(each),
                    ]
                    for each in exceptions
                ],
            )

    def _digests(self) -> Iterator[Flowable]:
        facts = self.bundle["facts"]
        rows = [
            [
                text(f"{each['kind']}\n{owner['uuid']}", SMALL),
                str(each["size"]),
                _time(each["sealed_at"]),
                text(each["digest"], MONO),
            ]
            for owner in [*facts["messages"], *facts["payloads"]]
            for each in owner["digests"]
        ]
        if rows:
            yield text("What was sent and received", HEADING)
            yield text(
                "Keyed digests: the installation can tell by them whether a document is the one "
                "that travelled, also when its content is purged. No content is guessed by them.",
                FAINT,
            )
            columns = [("What, and whose", 38), ("Bytes", 8), ("Sealed at", 20), ("Digest", 44)]
            yield table(columns, rows)

    def _versions(self) -> Iterator[Flowable]:
        if self.bundle["versions"]:
            yield text("Versions in force", HEADING)
            yield text("Their whole text is in evidence.json, under these digests.", FAINT)
        for each in self.bundle["versions"]:
            yield together(
                text(each["title"], SUBHEADING),
                text(
                    f"Published {_time(each['published_at'])} by {each['published_by'] or '?'}",
                    SMALL,
                ),
                text(f"SHA-256 {each['digest']}", MONO),
                table(
                    [("Part", 16), ("Called", 34), ("SHA-256", 50)],
                    [
                        [
                            PARTS.get(part["part"], part["part"]),
                            part["name"] or "",
                            text(part["digest"], MONO),
                        ]
                        for part in each["parts"]
                    ],
                ),
            )

    def _proof(self) -> Iterator[Flowable]:
        inside: dict[int, int] = {}
        for each in self.bundle["entries"]:
            inside[each["seal"]] = inside.get(each["seal"], 0) + 1
        yield text("Seals", HEADING)
        yield text(
            f"Seal {self.bundle['head']} is the newest; its signature vouches for all before it.",
            FAINT,
        )
        yield table(
            [("Seal", 8), ("Made", 22), ("In it", 8), ("Of these", 9), ("Merkle root", 53)],
            [
                [
                    str(number),
                    _time(statement["sealed_at"]),
                    str(statement["count"]),
                    str(inside.get(number, 0)),
                    text(statement["root"], MONO),
                ]
                for number, statement in sorted(self.statements.items())
            ],
        )

    def _verify(self) -> Iterator[Flowable]:
        steps: Sequence[str] = (
            "1. Get the installation's public key and, better still, an anchor (a seal kept "
            "outside the database) from somebody who does not depend on whoever gave you this "
            "bundle.",
            "2. Run the stand-alone verifier with them; it needs Python and the package "
            "cryptography, no Odoo and no network. README.txt in the archive has the command.",
            "3. Compare the SHA-256 of evidence.json with the one at the foot of these pages.",
        )
        yield together(
            text("How to verify this", HEADING),
            *(text(step, BODY) for step in steps),
            gap(1.5),
            text(
                "It proves that every entry in it stood in the trail when its seal was made, "
                "unchanged since, and that the seals are of one history. That there are no other "
                "entries about the same is told by whoever made the bundle; only a verification of "
                "the whole trail proves it. States, times of tries and digests of content are "
                "vouched for by the signature of the bundle.",
                FAINT,
            ),
        )


def _time(moment: str | None) -> str:
    """ISO 8601 to the second.

    >>> _time("2026-03-01T08:30:12.000123Z")
    '2026-03-01 08:30:12'
    """
    return (moment or "")[:19].replace("T", " ")


def _micros(ts: str | None) -> str:
    at = _EPOCH + timedelta(microseconds=int(ts or 0))
    return f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03}"


def _who(row: Mapping[str, str | None]) -> str:
    kinds = {"user": "", "system": "Odoo", "worker": "the engine", "partner": "partner"}
    kind = kinds.get(row["actor_kind"] or "", row["actor_kind"] or "")
    name = row["actor_name"] or ""
    who = f"{name} ({kind})" if name and kind else name or kind.capitalize()
    return f"{who}\n{row['remote_addr']}" if row["remote_addr"] else who


def _details(details: str | None) -> str:
    facts = json.loads(details) if details else {}
    return "\n".join(
        f"{key}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        for key, value in facts.items()
    )


def _decision(exception: Values) -> str:
    if not exception["decision"]:
        return "not decided"
    who = exception["decided_by"] or "by itself"
    return f"{readable(exception['decision'])}, {who}, {_time(exception['decided_at'])}"
