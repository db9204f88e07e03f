import base64
from pathlib import Path
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..lib.making import code_of, pack_of
from ..lib.pack import Pack, PackError
from ..lib.signature import KeyProblem, read_private_key, write_file

_LARGEST_KEY = 10_000
_USES = ("auth", "signing", "certificate", "inbound")


class InteropPackExport(models.TransientModel):
    """Makes a pack from a connector, its flows and all that they use. Secrets stay here."""

    _name = "interop.pack.export"
    _description = "Make a Pack from a Connector"

    connector_id = fields.Many2one(
        "interop.connector", required=True, readonly=True, help="What the pack is made from."
    )
    name = fields.Char(
        required=True,
        compute="_compute_proposals",
        store=True,
        readonly=False,
        precompute=True,
        help="What kind of partner the pack is for.",
    )
    code = fields.Char(
        required=True,
        compute="_compute_proposals",
        store=True,
        readonly=False,
        precompute=True,
        help="The pack's own name: small letters, digits, - and _. It stays the same in all "
        "versions.",
    )
    version = fields.Char(
        required=True,
        compute="_compute_proposals",
        store=True,
        readonly=False,
        precompute=True,
        help="Numbers with points between them, such as 1.0. A changed pack needs a higher one.",
    )
    summary = fields.Char(help="The pack in a sentence.")
    guide = fields.Text(
        compute="_compute_proposals",
        store=True,
        readonly=False,
        precompute=True,
        help="What to arrange with the partner, and how. # begins a heading, - a list, **bold**.",
    )
    with_samples = fields.Boolean(
        string="With samples",
        default=False,
        help="Golden samples travel as they are: look that they hold invented data only.",
    )
    signed = fields.Boolean(
        string="Sign it",
        help="With the key whose file the server's configuration names as pack_key.",
    )
    can_sign = fields.Boolean(
        compute="_compute_can_sign", help="Whether this server has a key to sign packs with."
    )
    file = fields.Binary(readonly=True, attachment=False, help="The pack, to be downloaded.")
    file_name = fields.Char(readonly=True, help="The file's name.")

    @api.depends("connector_id")
    def _compute_proposals(self) -> None:
        for wizard in self:
            pack = wizard.connector_id.pack_clone_ids[:1].pack_id
            body = pack._body() if pack else {}
            name = wizard.connector_id.name or ""
            wizard.name = wizard.name or body.get("name") or name
            wizard.code = wizard.code or body.get("code") or code_of(name)
            wizard.version = wizard.version or (pack._next_version() if pack else "1.0")
            wizard.guide = wizard.guide or body.get("guide") or False

    def _compute_can_sign(self) -> None:
        self.can_sign = bool(self.env["interop.fence"]._server_settings().pack_key)

    def action_make(self) -> dict[str, Any]:
        """Make the file and show it for download. Managers."""
        self.ensure_one()
        if not self.env.user.has_group("interop_base.group_manager") and not self.env.su:
            raise AccessError(self.env._("Only Interop managers may do this."))
        try:
            pack = self._pack()
            private = read_private_key(self._key()) if self.signed else None
        except PackError as problem:
            raise UserError("\n• ".join([problem.sentence, *problem.problems[1:]])) from None
        except KeyProblem as problem:
            raise UserError(str(problem)) from None
        self.write(
            {
                "file": base64.b64encode(write_file(pack.text, private)),
                "file_name": f"{pack.code}-{pack.version}.interop-pack",
            }
        )
        self.env["interop.audit"]._record(
            "pack.make",
            record=self.connector_id,
            digest=pack.digest,
            details={"code": pack.code, "version": pack.version, "signed": self.signed},
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _pack(self) -> Pack:
        connector = self.connector_id
        codes = self._codes()
        found = self.env["interop.pack.reader"]._read_connector(connector, codes)
        if not found["flows"]:
            raise PackError(["the connector has no flow"])
        self._refuse_local_conditions()
        if self.with_samples and "interop.sample" in self.env:
            self._add_samples(found, codes["flow"])
        about = {
            "code": self.code,
            "name": self.name,
            "version": self.version,
            "summary": self.summary,
            "guide": self.guide,
            "partner_kind": connector.system_id.kind,
            "system": {"name": self._system_name()},
        }
        secrets = [
            {"use": use, "kind": secret.kind, "title": self._titles()[use]}
            for use in _USES
            if (secret := connector.sudo()[f"{use}_secret_id"])
        ]
        return pack_of(found, about, secrets)

    def _refuse_local_conditions(self) -> None:
        """What means other records elsewhere would send documents to the wrong partner there."""
        problems = []
        for flow in self.connector_id.flow_ids.filtered("condition"):
            conditions = self.env["interop.pack.condition"]
            problem = conditions._unportable(flow.handler, flow._condition_items())
            if problem:
                problems.append(f"“{flow.name}”: {problem.rstrip('.')}")
        if problems:
            raise PackError(problems)

    def _codes(self) -> dict[str, dict[int, str]]:
        """By kind what each record is called in the pack: as in the pack it came from, else by
        its name."""
        flows = self.connector_id.flow_ids
        records = {
            "flow": flows,
            "policy": flows.policy_id | flows.direct_answer_policy_id,
            "mapping": flows.mapping_id,
            "crosswalk": flows.mapping_id.row_ids.crosswalk_id,
        }
        made = self.connector_id.pack_clone_ids.part_ids
        parts = {(part.kind, part.res_id): part.code for part in made}
        codes: dict[str, dict[int, str]] = {}
        for kind, found in records.items():
            listed = codes[kind] = {
                record.id: parts[kind, record.id] for record in found if (kind, record.id) in parts
            }
            for record in found - found.browse(listed):
                listed[record.id] = code_of(record.name, listed.values())
        return codes

    def _add_samples(self, found: dict[str, Any], codes: dict[int, str]) -> None:
        for flow in found["flows"]:
            flow_id = next(number for number, code in codes.items() if code == flow["code"])
            samples = self.env["interop.sample"].search([("flow_id", "=", flow_id)])
            listed = [
                {
                    name: sample[name]
                    for name in ("name", "given", "expected", "why")
                    if sample[name]
                }
                for sample in samples
            ]
            if listed:
                flow["samples"] = listed

    def _system_name(self) -> str:
        system = self.connector_id.system_id
        return system.name.removeprefix(f"{system.partner_id.name}: ") or system.name

    def _titles(self) -> dict[str, str]:
        return {
            "auth": self.env._("our credentials"),
            "signing": self.env._("our signature"),
            "certificate": self.env._("our certificate"),
            "inbound": self.env._("their signature"),
        }

    def _key(self) -> bytes:
        """Where the private key lies is said by the server and never by the database."""
        path = self.env["interop.fence"]._server_settings().pack_key
        if not path:
            raise KeyProblem(
                "This server has no key to sign with. Name its file as pack_key in the section "
                "[interop] of Odoo's configuration."
            )
        try:
            with Path(path).open("rb") as file:
                return file.read(_LARGEST_KEY)
        except OSError:
            raise KeyProblem(
                "The file with the key to sign with (pack_key) cannot be read."
            ) from None
