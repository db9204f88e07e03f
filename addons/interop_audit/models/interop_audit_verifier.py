from collections.abc import Callable, Collection, Iterable

from odoo import api, models

from ..lib.evidence.trail import Report, verify
from ..stored_trail import StoredTrail

PURPOSE = "audit"


class InteropAuditVerifier(models.AbstractModel):
    """Verifies the trail as the database has it. Only reads."""

    _name = "interop.audit.verifier"
    _description = "Verification of the Audit Trail"

    @api.model
    def _trusted(self, given: Iterable[str] = ()) -> list[str]:
        """The keys to believe: those given, else those of the keyring, outside the database.

        Raises :class:`KeyringError` if there are neither.
        """
        given = list(given)
        return given or list(self.env["interop.keyring"]._public_keys(PURPOSE).values())

    @api.model
    def _verify(
        self,
        *,
        trusted: Collection[str] | None = None,
        anchors: Iterable[str] = (),
        after: int = 0,
        to: int | None = None,
        with_guards: bool = True,
        progress: Callable[[StoredTrail, int], None] = lambda trail, entries: None,
    ) -> Report:
        """Verify the seals behind ``after`` up to ``to`` and all entries within them.

        ``with_guards`` looks at triggers, rules and parts of the tables, too. ``progress`` is told
        the entries done so far and may set ``stop`` of the trail: then the verification ends, and
        a later one begins where it ended (``Report.last_seal``).
        """
        trail = StoredTrail(self.env.cr, after, to)
        return verify(
            trail,
            self._trusted() if trusted is None else trusted,
            anchors=anchors,
            start=trail.start(),
            known=trail.guards() if with_guards else (),
            progress=lambda entries, _seals: progress(trail, entries),
        )

    @api.model
    def _record_act(self, report: Report) -> None:
        """A verification that leaves no record of its own is an act in the trail all the same."""
        bad = sorted({each.code for each in report.findings if each.severity != "note"})
        self.env["interop.audit"]._record(
            "audit.verify",
            outcome="found" if bad else "ok",
            details={
                "kind": "command",
                "entries": report.entries,
                "seals": report.seals,
                "first_seal": report.first_seal,
                "last_seal": report.last_seal,
                "found": bad,
            },
        )
