"""A report in words, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .trail import Report


def as_text(report: Report) -> Iterator[str]:
    """Line by line, the verdict last."""
    for finding in report.findings:
        yield f"{finding.severity:7}  {finding.code:16}  {finding.sentence}"
    yield summary(report)


def summary(report: Report) -> str:
    """One sentence: what was verified, and whether something was found."""
    if not report.seals:
        verified = "There is no seal to verify"
    else:
        verified = (
            f"{report.entries:,} entries in {report.seals:,} seals "
            f"({report.first_seal} to {report.last_seal}, the last of {report.sealed_at}) verified"
        )
        verified += f", signed by {', '.join(key[:16] + '…' for key in report.keys)}"
    against = "against no anchor"
    if report.anchors:
        against = f"against {report.anchors:,} anchors up to seal {report.highest_anchor}"
    bad = sum(finding.severity != "note" for finding in report.findings)
    verdict = "nothing found" if not bad else f"{bad} found"
    return f"{verified}, {against}: {verdict}."


def as_json(report: Report) -> dict[str, Any]:
    """All of it, for programs."""
    told = {name: getattr(report, name) for name in report.__slots__ if name != "findings"}
    return {
        **told,
        "keys": list(report.keys),
        "clean": report.is_clean,
        "findings": [finding.as_json() for finding in report.findings],
    }
