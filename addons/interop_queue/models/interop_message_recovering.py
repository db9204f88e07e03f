from collections.abc import Mapping
from datetime import datetime
from typing import Any

from odoo import models

from ..engine.settle import tell
from ..engine.wake import wake_after_commit
from ..lib.statements import statement


class InteropMessageRecovering(models.AbstractModel):
    """What becomes of messages after a restore, when nobody knows what left since the backup.

    For the modules above, which ask for rights and for decisions; each act leaves evidence.
    """

    _name = "interop.message.recovering"
    _description = "Message: After a Restore"

    def _hold_uncertain(self, sentence: str, details: Mapping[str, Any]) -> models.Model:
        """Set aside what may have left, as *uncertain*. Returns those changed."""
        return self._recover(
            "hold_uncertain", {"sentence": sentence}, "message.held_after_restore", details
        )

    def _settle_known(
        self, received: Mapping[int, datetime | None], details: Mapping[str, Any]
    ) -> models.Model:
        """The partner has these, since the times in `received` (by id; naive UTC): never send them
        again. Returns those changed."""
        return self._recover(
            "settle_known",
            {"at": [received.get(message.id) for message in self]},
            "message.known_to_partner",
            details,
        )

    def _recover(
        self, name: str, values: dict[str, Any], act: str, details: Mapping[str, Any]
    ) -> models.Model:
        if not self:
            return self
        cr = self.env.cr
        self.env.flush_all()
        # No lane works behind a closed fence. If one does, as after an answer that comes late, this
        # waits for it; a conflict has Odoo run the request again.
        connectors = sorted(self.sudo().connector_id.ids)
        cr.execute(statement("lock_runtimes"), {"connector_ids": connectors})
        cr.execute(statement(name), {"ids": self.ids, **values})
        changed = self.browse(row[0] for row in cr.fetchall()).sudo()
        cr.execute(statement("recount_in_flight"), {"connector_ids": connectors})
        cr.execute(statement("release_successors"), {"ids": changed.ids})
        cr.execute(statement("release_dependents"), {"ids": changed.ids})
        cr.execute(statement("forget_missing"), {"ids": changed.ids})
        self.env.invalidate_all(flush=False)
        changed._note_act(act, dict(details))
        tell(changed.env, changed._outcomes())
        wake_after_commit(self.env)
        return changed
