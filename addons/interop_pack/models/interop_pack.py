import json
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import file_open

from odoo.addons.interop_base.lib.failures import InteropError

from ..lib.guide import guide_html
from ..lib.pack import MAX_BYTES, Pack, PackError, read_pack, version_key


class InteropPack(models.Model):
    """A version of a partner pack, installed here. What it says never changes: clones are compared
    with the version that they were made from."""

    _name = "interop.pack"
    _description = "Partner Pack"
    _inherit = ["interop.audit.configured"]
    _configured_noun = "pack"
    _order = "name, version_sort desc, id desc"

    code = fields.Char(
        required=True, readonly=True, help="The pack's own name, the same in all its versions."
    )
    name = fields.Char(required=True, readonly=True, help="What kind of partner it is for.")
    version = fields.Char(
        required=True, readonly=True, help="A changed pack gets a new version and stands beside it."
    )
    version_sort = fields.Char(
        readonly=True, help="The version in a form that sorts 1.10 behind 1.9."
    )
    partner_kind = fields.Char(
        string="For", readonly=True, help="What the partner's software is: a supplier, a lab …"
    )
    summary = fields.Char(readonly=True, help="The pack in a sentence.")
    text = fields.Text(
        required=True, readonly=True, help="The pack as JSON, in the form its digest is made of."
    )
    digest = fields.Char(
        required=True, readonly=True, help="SHA-256 of the pack: equal digests are equal packs."
    )
    origin = fields.Selection(
        [("module", "A module"), ("file", "A signed file"), ("unsigned", "An unsigned file")],
        required=True,
        readonly=True,
        help="Where it came from. Unsigned files, and files whose signer nobody here trusts, are "
        "never taken in on a production server.",
    )
    origin_note = fields.Char(
        string="Came from", readonly=True, help="The module's file, or who signed the file."
    )
    active = fields.Boolean(
        default=True, help="Archive a pack that should not be chosen any more. Clones stay."
    )
    guide_html = fields.Html(
        string="Guide", compute="_compute_shown", help="What to arrange with the partner, and how."
    )
    contents_html = fields.Html(
        string="What is in it",
        compute="_compute_shown",
        help="What would be made from it, and which secrets will be needed.",
    )
    clone_ids = fields.One2many(
        "interop.pack.clone", "pack_id", string="Clones", help="What was made from this version."
    )
    clone_count = fields.Integer(
        compute="_compute_clone_count", help="How many partners were set up from this version."
    )

    _code_version_unique = models.UniqueIndex(
        "(code, version)", "This version of the pack is installed already."
    )

    @api.depends("name", "version")
    def _compute_display_name(self) -> None:
        for pack in self:
            pack.display_name = f"{pack.name} {pack.version}"

    @api.depends("text")
    def _compute_shown(self) -> None:
        for pack in self:
            body = pack._body()
            pack.guide_html = guide_html(body.get("guide", ""))
            pack.contents_html = self.env["ir.qweb"]._render(
                "interop_pack.contents", {"body": body, "digest": pack.digest}
            )

    @api.depends("clone_ids")
    def _compute_clone_count(self) -> None:
        for pack in self:
            pack.clone_count = len(pack.clone_ids)

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise UserError(self.env._("Packs come with modules, or by taking in a file."))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and set(vals) - {"active"}:
            raise UserError(self.env._("A pack never changes. Take in a new version instead."))
        return super().write(vals)

    # -- taking in -----------------------------------------------------------------------------

    @api.model
    def _load_file(self, path: str) -> None:
        """The pack in a file of a module, named as in `data` of its manifest. For modules' data:
        ``<function model="interop.pack" name="_load_file">``. The same version again is nothing.
        """
        with file_open(path, "rb", filter_ext=(".json",)) as file:
            data = file.read(MAX_BYTES + 1)
        try:
            pack = read_pack(data)
        except PackError as problem:
            raise ValidationError(
                self.env._("%(file)s: %(why)s", file=path, why=problem.sentence)
            ) from None
        self.sudo()._take_in(pack, "module", path)

    @api.model
    def _take_in(self, pack: Pack, origin: str, note: str) -> "InteropPack":
        """The record of a pack that was checked. Raises `UserError` if another text has its code
        and version already and clones were made from it."""
        packs = self.sudo().with_context(active_test=False)
        known = packs.search([("code", "=", pack.code), ("version", "=", pack.version)])
        if known.digest == pack.digest:
            return known
        if known and (known.clone_ids or origin != "module"):
            raise UserError(
                self.env._(
                    "Another pack %(code)s %(version)s is installed. What changed needs a new "
                    "version.",
                    code=pack.code,
                    version=pack.version,
                )
            )
        body = pack.body
        values = {
            "code": pack.code,
            "name": body["name"],
            "version": pack.version,
            "version_sort": ".".join(f"{part:04d}" for part in version_key(pack.version)),
            "partner_kind": body["partner_kind"],
            "summary": body.get("summary"),
            "text": pack.text,
            "digest": pack.digest,
            "origin": origin,
            "origin_note": note,
        }
        if known:
            known.write(values)
        else:
            known = packs.create(values)
        self.env["interop.audit"]._record(
            "pack.take_in",
            record=known,
            digest=pack.digest,
            details={"code": pack.code, "version": pack.version, "origin": origin},
        )
        return known

    # -- for wizards ---------------------------------------------------------------------------

    def _body(self) -> dict[str, Any]:
        self.ensure_one()
        return json.loads(self.text or "{}")

    def _newest(self) -> "InteropPack":
        """The newest installed version of this pack."""
        self.ensure_one()
        return self.search([("code", "=", self.code)], order="version_sort desc", limit=1)

    def _next_version(self) -> str:
        """One higher than the newest."""
        numbers = [int(part) for part in self._newest().version.split(".")]
        return ".".join(map(str, [*numbers[:-1], numbers[-1] + 1]))

    def _missing_here(self) -> list[str]:
        """What this installation lacks for the pack, as sentences."""
        body, missing = self._body(), []
        connectors, flows = self.env["interop.connector"], self.env["interop.flow"]
        offered = {
            name: dict(model._fields[name]._description_selection(self.env))
            for model, name in (
                (connectors, "transport"),
                (connectors, "codec"),
                (flows, "handler"),
                (flows, "event"),
            )
        }
        for name in ("transport", "codec"):
            if body["connector"][name] not in offered[name]:
                missing.append(self.env._("Install the module with the %s of this pack.", name))
        missing += self._zones_missing(body)
        for flow in body["flows"]:
            missing += self._condition_missing(flow)
            for name in ("handler", "event"):
                if flow.get(name) and flow[name] not in offered[name]:
                    missing.append(
                        self.env._(
                            "Flow “%(flow)s”: install the module with its %(what)s.",
                            flow=flow["name"],
                            what=name,
                        )
                    )
        named = [
            (entry["document_type"], entry["version"])
            for kind in ("mappings", "policies", "flows")
            for entry in body.get(kind, ())
        ] + [
            (flow["answer_type"], flow["answer_version"])
            for flow in body["flows"]
            if flow.get("answer_type")
        ]
        for code, version in dict.fromkeys(named):
            try:
                self.env["interop.document.type"]._get(code, version)
            except InteropError as problem:
                missing.append(problem.sentence)
        return list(dict.fromkeys(missing))

    def _zones_missing(self, body: dict[str, Any]) -> list[str]:
        field = self.env["interop.connector"]._fields["tz"]
        known = dict(field._description_selection(self.env))
        named = [body["connector"].get("time_zone")]
        named += [flow.get("batch_zone") for flow in body["flows"]]
        return [
            self.env._("The time zone “%s” is not known here.", zone)
            for zone in named
            if zone and zone not in known
        ]

    def _condition_missing(self, flow: dict[str, Any]) -> list[str]:
        """Why the flow's condition would not mean here what it meant where the pack was made."""
        if not flow.get("condition"):
            return []
        conditions = self.env["interop.pack.condition"]
        problem = conditions._unportable(flow["handler"], flow["condition"])
        return [f"“{flow['name']}”: {problem}"] if problem else []

    def action_add_partner(self) -> dict[str, Any]:
        """Open the wizard that sets up a partner from this pack."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "interop_pack.interop_pack_adding_action"
        )
        return action | {"context": {"default_pack_id": self.id}}
