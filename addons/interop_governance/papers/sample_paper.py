"""The index of a random sample to be read by people: what was drawn, from what, by which seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .paper import BAD, FAINT, HEADING, KICKER, MONO, SMALL, TITLE, gap, pairs, paper, table, text


def sample_paper(told: Mapping[str, str], rows: Sequence[Mapping[str, str]]) -> bytes:
    """The PDF of a sample's index; `told` and `rows` as `interop.evidence.sample` gives them."""
    story = [
        text("RANDOM AUDIT SAMPLE", KICKER),
        text(told["name"], TITLE),
        gap(2),
        pairs(
            [
                ("Reason", told["reason"]),
                ("Period", told["period"]),
                ("Drawn by", told["drawn"]),
                ("Drawn from", f"{told['population']} messages"),
                ("Their ids", text(f"SHA-256 {told['population_digest']}", MONO)),
                ("Auditor's words", told["seed_given"]),
                ("Newest seal then", told["seal"]),
                ("Seed", text(told["seed"], MONO)),
            ]
        ),
        gap(2),
        text(
            "The seed is the SHA-256 of the line “interop-evidence-sample/1”, the seal's digest "
            "(hexadecimal), a line feed and the auditor's words. Drawn are the messages with the "
            "smallest SHA-256 of seed, line feed and message id. So nobody can have picked, and "
            "the draw can be repeated.",
            FAINT,
        ),
        text("Drawn", HEADING),
        table(
            [("No.", 6), ("Document", 32), ("Flow", 22), ("State", 10), ("evidence.json", 40)],
            [
                [
                    row["position"],
                    text(f"{row['document']} {row['number']}\n{row['message']}", SMALL),
                    row["flow"],
                    row["state"],
                    text(row["sha256"], MONO) if row["sha256"] else text(row["problem"], BAD),
                ]
                for row in rows
            ],
        ),
    ]
    return paper(story, f"Random sample: {told['name']}", f"Seed {told['seed']}", told["name"])
