import json
import re
import unicodedata
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from odoo.addons.interop_base.lib.environments import ENVIRONMENTS

from ..lib.parts import put_together, take_apart
from ..lib.places import PARTY_PLACES, AnswerError, fill_in, read_answer

_PREFIX = re.compile(r"[a-z0-9][a-z0-9-]{0,29}")


class InteropPackAdding(models.TransientModel):
    """Sets up a partner from a pack: asks only what differs, shows what would be made, makes it."""

    _name = "interop.pack.adding"
    _description = "Add a Partner from a Pack"

    pack_id = fields.Many2one(
        "interop.pack", required=True, help="The kind of partner, and how one talks to it."
    )
    clone_id = fields.Many2one(
        "interop.pack.clone",
        string="As for",
        help="A partner that was set up from this pack: its answers are the proposals.",
    )
    partner_id = fields.Many2one(
        "res.partner", required=True, help="The organisation at the other end."
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        help="The company whose documents travel.",
    )
    area_id = fields.Many2one(
        "interop.area",
        string="Business area",
        required=True,
        compute="_compute_from_clone",
        store=True,
        precompute=True,
        readonly=False,
        help="Whose people see the messages and answer for them.",
    )
    environment = fields.Selection(
        [pair for pair in ENVIRONMENTS if pair[0] != "production"],
        required=True,
        default=lambda self: self._default_environment(),
        help="Where the connector will work. Nothing is set up for production at once: change it "
        "on the connector when all was tried.",
    )
    service_user_id = fields.Many2one(
        "res.users",
        string="Acts as",
        required=True,
        compute="_compute_from_clone",
        store=True,
        precompute=True,
        readonly=False,
        context={"active_test": False},
        help="The user whose rights the flows have in Odoo, best an archived one with just the "
        "rights they need.",
    )
    owner_id = fields.Many2one(
        "res.users",
        required=True,
        default=lambda self: self.env.user,
        help="Who answers for the flows and is asked first when something is wrong.",
    )
    name = fields.Char(
        string="Called",
        required=True,
        compute="_compute_name",
        store=True,
        precompute=True,
        readonly=False,
        help="Stands behind the names of all that is made.",
    )
    prefix = fields.Char(
        string="Short name",
        required=True,
        compute="_compute_name",
        store=True,
        precompute=True,
        readonly=False,
        help="Codes and addresses begin with it: small letters, digits and hyphens, at most 30. It "
        "is part of the address that the partner sends to.",
    )
    answer_ids = fields.One2many(
        "interop.pack.adding.answer",
        "adding_id",
        string="What differs",
        compute="_compute_answer_ids",
        store=True,
        readonly=False,
        help="What the pack cannot know.",
    )
    preview_html = fields.Html(
        string="What will be made",
        compute="_compute_preview_html",
        help="All this is made at once, or nothing of it.",
    )

    @api.model
    def _default_environment(self) -> str:
        """The server's own, so that what was made can be tried here; never production."""
        here = self.env["interop.fence"].sudo()._server_settings().environment
        return here if here in dict(self._fields["environment"].selection) else "test"

    # -- proposals -----------------------------------------------------------------------------

    @api.depends("clone_id")
    def _compute_from_clone(self) -> None:
        for wizard in self:
            before = wizard.clone_id.connector_id.flow_ids[:1]
            wizard.area_id = wizard.clone_id.area_id or wizard.area_id
            wizard.service_user_id = before.service_user_id or wizard.service_user_id

    @api.depends("partner_id", "company_id")
    def _compute_name(self) -> None:
        for wizard in self:
            partner, company = wizard.partner_id.name or "", wizard.company_id.name or ""
            wizard.name = wizard._free_name(partner, company)
            words = [_slug(partner.split(" ")[0]), _initials(company)]
            wizard.prefix = wizard._free_prefix("-".join(filter(None, words))[:27])

    def _free_name(self, partner: str, company: str) -> str:
        """The partner's; the company stands beside it only where it tells two of them apart.

        All that is made bears it behind its own name, and short names are read in full.
        """
        clones = self.env["interop.pack.clone"].sudo()
        if partner and not clones.search_count([("name", "=", partner)], limit=1):
            return partner
        return ", ".join(filter(None, [partner, company]))

    def _free_prefix(self, wanted: str) -> str:
        """`wanted`, or with a number behind it if a connector is called so already."""
        prefix, number = wanted, 2
        while prefix and self._is_taken(prefix):
            prefix, number = f"{wanted}-{number}", number + 1
        return prefix

    def _is_taken(self, prefix: str) -> bool:
        """Connectors of all companies: codes are part of addresses."""
        connectors = self.env["interop.connector"].sudo()
        clones = self.env["interop.pack.clone"].sudo()
        return bool(
            connectors.search_count([("code", "=", prefix)], limit=1)
            or clones.search_count([("prefix", "=", prefix)], limit=1)
        )

    @api.depends("pack_id", "clone_id")
    def _compute_answer_ids(self) -> None:
        for wizard in self:
            known = wizard.clone_id._answers() if wizard.clone_id else {}
            questions = wizard.pack_id._body().get("questions", ()) if wizard.pack_id else ()
            wizard.answer_ids = [
                Command.clear(),
                *(
                    Command.create(
                        {
                            "sequence": number,
                            "code": question["code"],
                            "title": question["title"],
                            "explained": question.get("help"),
                            "required": question.get("required", True),
                            "value": _text(known.get(question["code"], question.get("default"))),
                        }
                    )
                    for number, question in enumerate(questions)
                ),
            ]

    @api.depends("pack_id", "name", "prefix", "environment", "answer_ids", "answer_ids.value")
    def _compute_preview_html(self) -> None:
        for wizard in self:
            wizard.preview_html = wizard.pack_id and self.env["ir.qweb"]._render(
                "interop_pack.preview",
                {
                    "body": wizard.pack_id._body(),
                    "name": wizard.name,
                    "prefix": wizard.prefix,
                    "environment": dict(ENVIRONMENTS).get(wizard.environment),
                    "missing": wizard.pack_id._missing_here(),
                    "samples": "interop.sample" in self.env,
                },
            )

    # -- making --------------------------------------------------------------------------------

    def action_make(self) -> dict[str, Any]:
        """Make all of it in this transaction, and open the connector. Managers."""
        self.ensure_one()
        if not self.env.user.has_group("interop_base.group_manager") and not self.env.su:
            raise AccessError(self.env._("Only Interop managers may do this."))
        answers = self._read_answers()
        missing = self.pack_id._missing_here()
        if missing:
            raise UserError(
                self.env._("This pack cannot be used here yet:")
                + "".join(f"\n• {line}" for line in missing)
            )
        if not _PREFIX.fullmatch(self.prefix or ""):
            raise UserError(
                self.env._("The short name may hold small letters, digits and hyphens, up to 30.")
            )
        if self._is_taken(self.prefix):
            raise UserError(
                self.env._("Another connector has this short name as its code. Choose another.")
            )
        body = self.pack_id._body()
        clone = self._make_clone(body, answers)
        filled = fill_in(body, answers)
        builder = self.env["interop.pack.builder"]
        builder._build(clone, self._with_names(filled))
        clone.connector_id.flow_ids.write(
            {"owner_id": self.owner_id.id, "service_user_id": self.service_user_id.id}
        )
        self._tell_parties(body, answers)
        self._make_samples(clone, filled)
        self.env["interop.audit"]._record(
            "pack.clone",
            record=clone,
            digest=self.pack_id.digest,
            details={"pack": self.pack_id.code, "version": self.pack_id.version},
        )
        return clone.action_open_connector()

    def _read_answers(self) -> dict[str, Any]:
        given = {answer.code: answer.value or "" for answer in self.answer_ids}
        answers = {}
        for question in self.pack_id._body().get("questions", ()):
            try:
                value = read_answer(question, given.get(question["code"], ""))
            except AnswerError as problem:
                raise UserError(problem.sentence) from None
            if value is not None:
                answers[question["code"]] = value
        return answers

    def _make_clone(self, body: dict[str, Any], answers: dict[str, Any]) -> models.Model:
        shared = {"company_id": self.company_id.id}
        system = self.env["interop.system"].create(
            {
                "name": f"{self.partner_id.name}: {body['system']['name']}",
                "kind": body["partner_kind"],
                "partner_id": self.partner_id.id,
                **shared,
            }
        )
        secrets = {
            f"{need['use']}_secret_id": self.env["interop.vault.secret"]
            .create(
                {
                    "name": f"{self.name}: {need['title']}",
                    "kind": need["kind"],
                    "note": need.get("help"),
                    **shared,
                }
            )
            .id
            for need in body.get("secrets", ())
        }
        connector = self.env["interop.connector"].create(
            {
                "name": self.name,
                "code": self.prefix,
                "system_id": system.id,
                "area_id": self.area_id.id,
                "environment": self.environment,
                "region_id": self.partner_id.country_id.id,
                "transport": body["connector"]["transport"],
                "codec": body["connector"]["codec"],
                **shared,
                **secrets,
            }
        )
        return self.env["interop.pack.clone"].create(
            {
                "name": self.name,
                "prefix": self.prefix,
                "pack_id": self.pack_id.id,
                "partner_id": self.partner_id.id,
                "area_id": self.area_id.id,
                "connector_id": connector.id,
                "answers_text": json.dumps(answers, ensure_ascii=False, sort_keys=True),
                **shared,
            }
        )

    @staticmethod
    def _with_names(filled: dict[str, Any]) -> dict[str, Any]:
        """The pack in full, as an update would write it, with the names that new records get."""
        whole = put_together(take_apart(filled))
        for kind in ("crosswalks", "mappings", "policies", "flows"):
            names = {entry["code"]: entry["name"] for entry in filled.get(kind, ())}
            for entry in whole[kind]:
                entry["name"] = names[entry["code"]]
        names = {each["purpose"]: each["name"] for each in filled["connector"].get("endpoints", ())}
        for endpoint in whole["connector"]["endpoints"]:
            endpoint["name"] = names[endpoint["purpose"]]
        return whole

    def _tell_parties(self, body: dict[str, Any], answers: dict[str, Any]) -> None:
        """Location and customer numbers go to the organisations that have none yet."""
        for question in body.get("questions", ()):
            place = PARTY_PLACES.get(question["goes"])
            value = answers.get(question["code"])
            if not place or value is None:
                continue
            who, name = place
            party = self.partner_id if who == "partner" else self.company_id.partner_id
            party = party.with_company(self.company_id)
            if name in party._fields and not party[name]:
                party[name] = value

    def _make_samples(self, clone: models.Model, filled: dict[str, Any]) -> None:
        if "interop.sample" not in self.env:
            return
        self.env["interop.sample"].create(
            [
                {
                    "name": sample["name"],
                    "flow_id": clone._record_of("flow", flow["code"]).id,
                    "given": sample["given"],
                    "expected": sample.get("expected") or False,
                    "why": sample.get("why") or False,
                }
                for flow in filled["flows"]
                for sample in flow.get("samples", ())
            ]
        )


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _initials(text: str) -> str:
    return "".join(word[0] for word in _slug(text).split("-") if word)[:6]


def _text(value: Any) -> str | bool:
    return False if value in (None, "") else str(value)
