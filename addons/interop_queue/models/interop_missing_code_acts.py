from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.interop_audit.lib.entry import AuditRow
from odoo.addons.interop_document.lib.crosswalk_suggestions import suggest
from odoo.addons.interop_document.lib.lookup import OUT

from ..engine.settle import tell
from ..engine.transaction import run

EVERY = 1_000_000
# So many pairs are looked at for suggestions; a longer crosswalk has none of its own.
PAIRS = 5000


class InteropMissingCodeActs(models.AbstractModel):
    """Mapping a code, or deciding that it will not be, and running the messages again.

    Who may edit the crosswalk may map its codes. That messages run again then is the queue's own
    act and needs no further right: they were held by nothing but the code, and nothing of them is
    shown. The audit trail says for each who had mapped it.
    """

    _name = "interop.missing.code.acts"
    _description = "Unmapped Code: Acts"

    def write(self, vals):
        if not self.env.su and not vals.keys() <= {"ours", "theirs", "own_company"}:
            raise UserError(self.env._("Fill in the other side's code; nothing else is changed."))
        return super().write(vals)

    def _map(self, answer: str | bool) -> None:
        """Make the entry that translates this code to `answer`. The messages run after the commit,
        when everybody who fails for it at this moment can see the entry."""
        self.ensure_one()
        answer = (answer or "").strip()
        if not answer:
            return
        if self.withheld:
            raise UserError(
                self.env._(
                    "This code is not kept here. Add it in the crosswalk itself; then the messages "
                    "run again by themselves."
                )
            )
        crosswalk = self.crosswalk_id
        crosswalk.check_access("write")
        # Two who map the same code: the second starts again here and then meets the first's entry.
        crosswalk._touch()
        lookup = self.env["interop.crosswalk"]._lookup(self.company_id.id)
        if lookup.compiled(crosswalk.code).knows(self.code, self.way, lookup.today):
            raise UserError(
                self.env._("Somebody has mapped this code meanwhile. Reload the list to see it.")
            )
        ours, theirs = (self.code, answer) if self.way == OUT else (answer, self.code)
        self._keep_way_back(answer)
        self.env["interop.crosswalk.entry"].create(
            {
                "crosswalk_id": crosswalk.id,
                "ours": ours,
                "theirs": theirs,
                "company_id": self.own_company and self.company_id.id,
                # An earlier entry of the pair has ended, or it would have been found.
                "valid_from": self._had_entry(ours, theirs) and lookup.today,
            }
        )
        self.sudo().write(
            {
                "answer": answer,
                "state": "mapped",
                "mapped_at": fields.Datetime.now(),
                "mapped_by_id": self.env.uid,
                "reason": False,
            }
        )
        self._note("crosswalk.code_mapped", {"messages": self.waiting})

    def _keep_way_back(self, answer: str) -> None:
        """What `answer` is translated to today stays so: a further code for it is no doubt."""
        entries = self.crosswalk_id.entry_ids
        today = fields.Date.context_today(self)
        fold = self.crosswalk_id._rules().fold
        side = "theirs" if self.way == OUT else "ours"
        same = entries.filtered(
            lambda entry: fold(entry[side]) == fold(answer) and entry._entry().holds_on(today)
        )
        if len(same) == 1 and not same.preferred:
            same.preferred = True

    def _had_entry(self, ours: str, theirs: str) -> bool:
        fold = self.crosswalk_id._rules().fold
        return any(
            (fold(entry.ours), fold(entry.theirs)) == (fold(ours), fold(theirs))
            for entry in self.crosswalk_id.entry_ids
        )

    def action_take_suggestion(self) -> dict:
        """Map each of these codes to what is suggested for it, and tell what that does."""
        self.crosswalk_id.check_access("write")
        chosen = self.filtered(lambda missing: missing.suggestion and missing.state != "mapped")
        if not chosen:
            raise UserError(self.env._("There is no suggestion for what was chosen."))
        for missing in chosen:
            missing._map(missing.suggestion)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": chosen._tell_rerun(),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_ask_ignore(self) -> dict:
        """Open the dialog that asks why these will not be mapped."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Ignore codes"),
            "res_model": "interop.missing.code.ignore",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_code_ids": self.ids},
        }

    def action_ignore(self, reason: str) -> None:
        """Take them off the list; `reason` is kept. Their messages stay dead letters."""
        self.crosswalk_id.check_access("write")
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why: others will wonder."))
        chosen = self.filtered(lambda missing: missing.state == "open")
        chosen.sudo().write({"state": "ignored", "reason": reason})
        chosen._note("crosswalk.code_ignored", {"reason": reason})

    def action_reopen(self) -> None:
        """Put ignored codes on the list again."""
        self.crosswalk_id.check_access("write")
        chosen = self.filtered(lambda missing: missing.state == "ignored")
        chosen.sudo().write({"state": "open", "reason": False})
        chosen._note("crosswalk.code_reopened", {})

    def action_view_messages(self) -> dict:
        """Open the messages that wait for these codes."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "interop_queue.interop_message_action"
        )
        ids = self.message_ids.ids
        return action | {"domain": [("id", "in", ids), ("state", "=", "dead")], "context": {}}

    def _note(self, act: str, details: dict) -> None:
        self.env["interop.audit"]._record_many(
            [
                AuditRow(
                    act=act,
                    res_model=self._name,
                    res_id=missing.id,
                    company_id=missing.company_id.id,
                    area_id=missing.crosswalk_id.area_id.id or None,
                    details={"crosswalk": missing.crosswalk_id.code, "way": missing.way, **details},
                )
                for missing in self
            ]
        )

    # -- running again -------------------------------------------------------------------------

    @api.model
    def _rerun(self, message_ids: list[int]) -> None:
        """Run these dead letters again, as the queue's own act: all their codes are mapped."""
        cr = self.env.cr
        causes = {row["message_id"]: row for row in run(cr, "codes_of", ids=message_ids)}
        changed = [row["id"] for row in run(cr, "redrive", ids=message_ids)]
        run(cr, "count_rerun", ids=changed)
        run(cr, "forget_missing", ids=message_ids)
        messages = self.env["interop.message"].sudo().browse(changed)
        messages.invalidate_recordset()
        self.env["interop.audit"]._record_many(
            [
                AuditRow(
                    act="message.redriven",
                    actor_kind="worker",
                    company_id=message.company_id.id or None,
                    area_id=message.area_id.id or None,
                    res_model="interop.message",
                    res_id=message.id,
                    subject=message.uuid,
                    details={
                        "reason": "codes mapped",
                        "codes": causes[message.id]["codes"],
                        "mapped_by": causes[message.id]["mapped_by"],
                    },
                )
                for message in messages
            ]
        )
        tell(self.env, messages._outcomes())

    @api.depends("state")
    def _compute_told(self) -> None:
        for missing in self:
            missing.told = missing.state == "mapped" and missing._tell_rerun()

    def _tell_rerun(self) -> str:
        self.env.flush_all()
        waiting = [row["message_id"] for row in run(self.env.cr, "waiting_for", ids=self.ids)]
        count = len(run(self.env.cr, "all_codes_known", ids=waiting, limit=EVERY))
        left = len(waiting) - count
        told = {
            0: self.env._("Mapped."),
            1: self.env._("Mapped. 1 message runs again."),
        }.get(count) or self.env._("Mapped. %(number)s messages run again.", number=count)
        if left:
            told = self.env._("%(told)s %(left)s still wait for other codes.", told=told, left=left)
        return told

    # -- suggestions ---------------------------------------------------------------------------

    @api.depends("code", "way", "state", "crosswalk_id")
    def _compute_suggestion(self) -> None:
        by_place = defaultdict(self.browse)
        for missing in self:
            missing.suggestion = False
            if missing.code and missing.state != "mapped":
                by_place[missing.crosswalk_id, missing.way] |= missing
        for (crosswalk, way), codes in by_place.items():
            here = self._pairs([("crosswalk_id", "=", crosswalk.id)], way)
            elsewhere = []
            if crosswalk.kind != "other":
                others = [
                    ("crosswalk_id.kind", "=", crosswalk.kind),
                    ("crosswalk_id", "!=", crosswalk.id),
                ]
                elsewhere = self._pairs(others, way)
            for missing in codes:
                missing.suggestion = suggest(missing.code, here, elsewhere)

    def _pairs(self, domain: list, way: str) -> list[tuple[str, str]]:
        names = ["ours", "theirs"] if way == OUT else ["theirs", "ours"]
        entries = self.env["interop.crosswalk.entry"]
        rows = entries.search_read(domain, names, limit=PAIRS, order="id desc")
        return [(row[names[0]], row[names[1]]) for row in rows]
