import json
import uuid
from typing import Any, Self

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.interop_audit.lib.evidence import bundle_text
from odoo.addons.interop_audit.lib.evidence.levels import Levels
from odoo.addons.interop_base.lib.failures import InteropError

from .interop_evidence_making import About

KINDS = [("message", "Messages"), ("record", "Business document"), ("person", "Person")]


class InteropEvidenceBundle(models.Model):
    """One matter's evidence, as it was given out: who asked, why, and which bytes they got.

    The file itself is not kept. Odoo's filestore is not synced to disk, and copies of evidence that
    linger are what privacy rules forbid. What cannot be read again later (states and times of
    messages at that moment) is kept here as text; entries, proofs and seals are read anew from the
    trail. So every download makes the same bytes, which the digest proves, or it fails: a trail
    that was changed meanwhile cannot give out the old evidence.
    """

    _name = "interop.evidence.bundle"
    _description = "Evidence Bundle"
    _inherit = ["interop.evidence.making"]
    _order = "id desc"
    _log_access = False

    name = fields.Char(string="About", required=True, readonly=True, help="What it is about.")
    uuid = fields.Char(
        string="Bundle id", required=True, readonly=True, index=True,
        help="By it the bundle is found in the audit trail.",
    )  # fmt: skip
    kind = fields.Selection(
        KINDS, required=True, readonly=True,
        help="About chosen messages, about all messages of a business document, or about a person, "
        "whose name is nowhere in the bundle.",
    )  # fmt: skip
    res_model = fields.Char(string="Record type", readonly=True, help="Odoo's record type.")
    res_id = fields.Many2oneReference(
        string="Record", model_field="res_model", readonly=True,
        help="The business document it was asked about.",
    )  # fmt: skip
    reason = fields.Text(readonly=True, required=True, help="Why it was asked for.")
    made_by_id = fields.Many2one(
        "res.users", string="Made by", readonly=True, ondelete="set null", help="Who asked for it."
    )
    made_at = fields.Datetime(string="Made at", readonly=True, help="When it was made.")
    company_ids = fields.Many2many(
        "res.company", readonly=True, help="The companies whose messages are in it."
    )
    area_ids = fields.Many2many(
        "interop.area", string="Business areas", readonly=True,
        help="The business areas whose messages are in it. Only who may see all of them sees it.",
    )  # fmt: skip
    message_count = fields.Integer(
        string="Messages", readonly=True, aggregator=None, help="How many messages it tells of."
    )
    entry_count = fields.Integer(
        string="Entries", readonly=True, aggregator=None,
        help="How many entries of the audit trail are in it, each with its proof.",
    )  # fmt: skip
    withheld = fields.Integer(
        readonly=True, aggregator=None,
        help="Entries about the same that belong to companies or business areas which whoever made "
        "the bundle may not see. The bundle says how many.",
    )  # fmt: skip
    unsealed = fields.Integer(
        string="Too young", readonly=True, aggregator=None,
        help="Entries that no seal covered yet when it was made. Make another one in a minute.",
    )  # fmt: skip
    seal_count = fields.Integer(
        string="Seals", readonly=True, aggregator=None, help="How many seals cover its entries."
    )
    head = fields.Integer(
        string="Newest seal", readonly=True, aggregator=None,
        help="Number of the seal whose signature vouches for everything in it.",
    )  # fmt: skip
    version_count = fields.Integer(
        string="Versions", readonly=True, aggregator=None,
        help="How many published versions of flows are in it as text.",
    )  # fmt: skip
    digest = fields.Char(
        string="SHA-256", readonly=True,
        help="Digest of evidence.json in the archive. It is printed in the PDF and stands in the "
        "audit trail.",
    )  # fmt: skip
    state = fields.Selection(
        [("made", "Made"), ("true", "Made again alike"), ("differs", "Differs")],
        string="Status", required=True, readonly=True, default="made",
        help="Made again alike: it was made anew from the trail and had the very same bytes. "
        "Differs: it cannot be made from the trail any more; verify the trail.",
    )  # fmt: skip
    checked_at = fields.Datetime(
        string="Made again at", readonly=True, help="When it was last made anew and compared."
    )
    sample_id = fields.Many2one(
        "interop.evidence.sample", readonly=True, ondelete="restrict", index="btree_not_null",
        help="The random sample that it is a part of.",
    )  # fmt: skip
    # What cannot be read again. JSON; its own digest is a part of the bundle's.
    pinned = fields.Text(
        readonly=True, groups="base.group_no_one",
        help="States and times of the messages at the time, and which entries are in it.",
    )  # fmt: skip

    # -- making --------------------------------------------------------------------------------

    @api.model
    def _make(self, about: About, reason: str, log: Levels | None = None) -> Self:
        """Make a bundle and note it in the trail. The caller sealed before, if he wanted to.

        Reads in a transaction of its own, begun now: the seals that were made a moment ago are not
        in the view of a transaction that began before. `log`: of the newest seal, if known.
        Raises UserError if there is nothing to tell.
        """
        self._require_auditor()
        reason = (reason or "").strip()
        if len(reason) < 5:
            raise UserError(self.env._("Say in a few words why the evidence is asked for."))
        made = {
            "id": str(uuid.uuid4()),
            "at": f"{fields.Datetime.now().isoformat()}Z",
            "by": self.env.user.name,
            "by_id": self.env.uid,
            "reason": reason,
            "sample": about.sample,
        }
        with self.env.registry.cursor() as cr:
            pinned = self.with_env(self.env(cr=cr))._pin(about, made)
            key = self._signing_key()
            bundle = bundle_text.sign(key, self.with_env(self.env(cr=cr))._unsigned(pinned, log))
        pinned |= {"key": bundle["key"], "signature": bundle["signature"]}
        digest = bundle_text.digest(bundle_text.canonical(bundle))
        record = self.sudo().create(
            {
                "name": about.title,
                "uuid": made["id"],
                "kind": about.kind,
                "res_model": about.record[0] if about.record else False,
                "res_id": about.record[1] if about.record else False,
                "reason": reason,
                "made_by_id": self.env.uid,
                "made_at": fields.Datetime.to_datetime(made["at"][:19].replace("T", " ")),
                "company_ids": [fields.Command.set(about.messages.company_id.ids)],
                "area_ids": [fields.Command.set(about.messages.area_id.ids)],
                "message_count": len(about.messages),
                "entry_count": len(bundle["entries"]),
                "withheld": pinned["about"]["withheld"],
                "unsealed": bundle["unsealed"],
                "seal_count": len({each["seal"] for each in bundle["entries"]}),
                "head": bundle["head"],
                "version_count": len(bundle["versions"]),
                "digest": digest,
                "pinned": json.dumps(pinned, ensure_ascii=False),
            }
        )
        self.env["interop.audit"]._record(
            "evidence.bundle",
            record=record,
            subject=record.uuid,
            digest=digest,
            company_id=record.company_ids.id if len(record.company_ids) == 1 else None,
            area_id=record.area_ids.id if len(record.area_ids) == 1 else None,
            details={
                "kind": about.kind,
                "reason": reason,
                "messages": record.message_count,
                "entries": record.entry_count,
                "seal": record.head,
            }
            | ({"record": list(about.record)} if about.record else {})
            | ({"sample": about.sample} if about.sample else {}),
        )
        return record.with_env(self.env)

    # -- making again --------------------------------------------------------------------------

    def action_check(self) -> dict[str, Any]:
        """Make it anew from the trail and compare."""
        self.ensure_one()
        self._require_auditor()
        self.check_access("read")
        try:
            self._bytes()
            state, kind = "true", "success"
            told = self.env._(
                "Made anew from the trail: the very same bytes as on %s.", self.made_at
            )
        except InteropError as failure:
            state, kind, told = "differs", "danger", failure.sentence
        self.sudo().write({"state": state, "checked_at": fields.Datetime.now()})
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": kind,
                "message": told,
                "sticky": state == "differs",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_download(self) -> dict[str, Any]:
        """The archive: the bundle, a readable PDF of it, and how to verify both."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/interop/evidence/bundle/{self.id}",
            "target": "download",
        }

    # -- guards --------------------------------------------------------------------------------

    def _require_auditor(self) -> None:
        allowed = ("interop_base.group_auditor", "interop_base.group_manager")
        if not self.env.su and not any(self.env.user.has_group(group) for group in allowed):
            raise AccessError(self.env._("Evidence is given out to auditors only."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self) -> None:
        raise UserError(self.env._("That evidence was given out is evidence: it is kept."))
