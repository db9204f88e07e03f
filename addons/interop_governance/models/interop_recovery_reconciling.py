import uuid
from collections.abc import Iterable
from typing import Any

from odoo import models
from odoo.exceptions import UserError

from odoo.addons.interop_base.lib.failures import PartnerError
from odoo.addons.interop_connector.lib.transport import TRANSPORTS, Outgoing

from .. import sql_recovery as sql
from ..lib.reconciling import AnswerError, Compared, Known, compare, keys_file, question, read_reply

# A partner that is asked answers within its endpoint's time, also for many keys.
KEYS_AT_ONCE = 500


class InteropRecoveryReconciling(models.AbstractModel):
    """Comparing the keys in doubt of one connector with what its partner has."""

    _name = "interop.recovery.reconciling"
    _description = "Recovery: Comparing Keys with a Partner"

    def _keys_file(self) -> bytes:
        """The CSV of keys in doubt, for the partner. Keys, kinds of documents and times only."""
        self.ensure_one()
        keys = self.key_ids.filtered(lambda key: key.verdict in ("doubt", "missing"))
        return keys_file(
            [
                key.key,
                key.document or "",
                f"{key.accepted_at.isoformat(timespec='seconds')}Z" if key.accepted_at else "",
            ]
            for key in keys.sorted("id")
        )

    def _compare(self, answered: list[Known]) -> Compared:
        """What an answer would mean. Changes nothing."""
        self.ensure_one()
        doubtful = {key.key for key in self.key_ids if key.verdict in ("doubt", "missing")}
        told = {known.key for known in answered}
        self.env.cr.execute(sql.OURS, {"keys": list(told)})
        ours = {row[0] for row in self.env.cr.fetchall()}
        return compare(doubtful, answered, ours)

    def _take_answer(self, compared: Compared, complete: bool, how: str) -> None:
        """Note what the partner has; once the installation is armed, act on it at once.

        `complete`: what the partner did not name it does not have. Without it, that stays in doubt.
        """
        self.ensure_one()
        line = self.sudo()
        known = line._judge("known", compared.known)
        missing = line._judge("missing", map(Known, compared.missing) if complete else ())
        lost = line._note_lost(compared.lost)
        self.recovery_id._note(
            "recovery.answer_taken",
            {
                "connector": line.connector_id.code,
                "how": how,
                "complete": complete,
                "known": len(known),
                "missing": len(missing),
                "lost": len(lost),
            },
        )
        if self.recovery_id.state == "armed":
            line._settle_known(known)
            held = missing.message_id.filtered(
                lambda message: message.state == "dead" and message.failure_class == "uncertain"
            )
            if held:
                held.sorted("id").action_redrive(
                    self.env._("The partner does not have it (recovery).")
                )

    def _judge(self, verdict: str, found: Iterable[Known]) -> models.Model:
        keys = self.env["interop.recovery.key"].sudo()
        found = list(found)
        if not found:
            return keys
        self.env.flush_all()
        self.env.cr.execute(
            sql.VERDICTS,
            {
                "verdict": verdict,
                "line": self.id,
                "keys": [known.key for known in found],
                "at": [known.at for known in found],
            },
        )
        changed = keys.browse(row[0] for row in self.env.cr.fetchall())
        self.env.invalidate_all(flush=False)
        return changed

    def _note_lost(self, found: Iterable[Known]) -> models.Model:
        noted = {key.key for key in self.key_ids if key.verdict == "lost"}
        return self.env["interop.recovery.key"].create(
            [
                {
                    "recovery_id": self.recovery_id.id,
                    "line_id": self.id,
                    "connector_id": self.connector_id.id,
                    "key": known.key,
                    "verdict": "lost",
                    "partner_at": known.at,
                }
                for known in found
                if known.key not in noted
            ]
        )

    # -- over the wire -------------------------------------------------------------------------

    def _ask_over_wire(self) -> None:
        """Ask the connector's endpoint “reconcile” about the keys in doubt.

        Raises `InteropError`: a closed fence, no such endpoint, a partner that does not answer.
        """
        self.ensure_one()
        connector = self.connector_id
        self.env["interop.fence"]._require_open(connector.environment)
        if self.recovery_id.state != "armed":
            raise UserError(
                self.env._("Nothing leaves before the installation is armed: use the file.")
            )
        endpoint = connector._resolve_endpoint(connector._technical_snapshot(), "reconcile")
        transport = TRANSPORTS.get(connector.transport)
        keys = sorted({key.key for key in self.key_ids if key.verdict in ("doubt", "missing")})
        answered: list[Known] = []
        for start in range(0, len(keys), KEYS_AT_ONCE):
            asked = keys[start : start + KEYS_AT_ONCE]
            payload = question(asked)
            reply = transport.send(
                endpoint, Outgoing(str(uuid.uuid4()), payload, "application/json")
            )
            answered += self._said(reply, set(asked))
        self.recovery_id._note("recovery.asked", {"connector": connector.code, "keys": len(keys)})
        self._take_answer(self._compare(answered), complete=True, how="http")

    def _said(self, reply: Any, asked: set[str]) -> list[Known]:
        sentence = ""
        if not reply.accepted or reply.truncated:
            sentence = self.env._("The partner's answer is cut off or no answer to the question.")
        else:
            try:
                return [known for known in read_reply(reply.body) if known.key in asked]
            except AnswerError as error:
                sentence = str(error)
        raise PartnerError(sentence)
