"""What rules of the source of truth make of the differences between an order and its answer.

Pure: in go a difference and the rules in force, out comes whether a person has to be asked, what
may be written, and which rule said so. A sentence here names fields, never values.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from odoo.addons.interop_document.lib.sources import (
    APPLY,
    ASK,
    EQUAL,
    KEEP,
    WITHIN_TOLERANCE,
    Decision,
    Scoped,
    decide,
)

from .answer import Claim, Difference

ALWAYS_ASKED = "Differences of this kind are always put before a person; no rule decides them."
AT_ODDS = "The rules for its fields say different things: one takes the supplier's value, one ours."


@dataclass(frozen=True, slots=True)
class Finding:
    """What was decided about one field, and by which rule (None: there is none)."""

    claim: Claim
    decision: Decision
    scoped: Scoped | None


@dataclass(frozen=True, slots=True)
class Settled:
    """What comes of one difference.

    `outcome` is one of within tolerance, apply, keep, ask. `writes` are the parts of the line that
    rules let be written; none if somebody is asked. `why` says for `ask` why, one sentence a line.
    """

    difference: Difference
    outcome: str
    findings: tuple[Finding, ...] = ()
    writes: frozenset[str] = frozenset()
    why: str = ""

    def asked(self, why: str) -> "Settled":
        """The same difference, put before a person after all."""
        return Settled(self.difference, ASK, self.findings, why=why)


def settle(difference: Difference, rules: Mapping[str, Scoped]) -> Settled:
    """Let `rules`, by path, decide about `difference`.

    All of its fields have to be settled, or a person is asked about the whole: half a difference
    would be a puzzle. Taking one field and keeping another is for a person too.
    """
    findings = tuple(_find(claim, rules.get(claim.path)) for claim in difference.claims)
    if not findings:
        return Settled(difference, ASK, why=ALWAYS_ASKED)
    outcomes = {finding.decision.outcome for finding in findings}
    if ASK in outcomes:
        asking = (f.decision.why for f in findings if f.decision.outcome == ASK)
        return Settled(difference, ASK, findings, why="\n".join(asking))
    if {APPLY, KEEP} <= outcomes:
        return Settled(difference, ASK, findings, why=AT_ODDS)
    if APPLY in outcomes:
        writes = {f.claim.writes for f in findings if f.decision.outcome == APPLY}
        return Settled(difference, APPLY, findings, frozenset(writes - {""}))
    return Settled(difference, KEEP if KEEP in outcomes else WITHIN_TOLERANCE, findings)


def told(settled: Settled) -> tuple[Finding, ...]:
    """The findings that are worth a line: what a rule has decided without a person."""
    if settled.outcome == ASK:
        return ()
    return tuple(finding for finding in settled.findings if finding.decision.outcome != EQUAL)


def _find(claim: Claim, scoped: Scoped | None) -> Finding:
    decision = decide(
        claim.label,
        claim.ours,
        claim.theirs,
        scoped.rule if scoped else None,
        claim.currency,
        claim.base,
    )
    return Finding(claim, decision, scoped)
