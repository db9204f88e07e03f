import json

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.interop_audit.lib.acts import label_of

from .. import sql

#: Names of facts that say which record an entry is about when the record itself is gone.
_NAMES = ("name", "code", "type", "list")


class InteropAuditEntry(models.Model):
    """Searching the trail by what people know: a person, a number, a partner, a flow."""

    _name = "interop.audit.entry"
    _inherit = ["interop.audit.entry", "interop.list.export"]

    person = fields.Char(
        compute="_compute_searched",
        search="_search_person",
        groups="interop_base.group_auditor",
        help="Finds what happened to messages about a person, by a whole name, number, phone or "
        "e-mail address. Whom you look for is kept nowhere; that you looked is noted.",
    )
    document_number = fields.Char(
        compute="_compute_searched",
        search="_search_document_number",
        help="Finds what happened to messages by a number on their document: of an order, an "
        "invoice, a delivery, a partner.",
    )
    connector_id = fields.Many2one(
        "interop.connector",
        string="Partner's connector",
        compute="_compute_searched",
        search="_search_connector_id",
        help="Finds what was exchanged by this connector, and what was changed about it.",
    )
    flow_id = fields.Many2one(
        "interop.flow",
        compute="_compute_searched",
        search="_search_flow_id",
        help="Finds what happened to the messages of this flow, and what was changed about it.",
    )
    record_name = fields.Char(
        string="About",
        compute="_compute_record_name",
        help="The record concerned, if it is still there and you may see it.",
    )
    told = fields.Char(
        string="What was done",
        compute="_compute_told",
        help="Act, record and fields in one sentence.",
    )
    approved_by = fields.Char(
        compute="_compute_approved_by", help="Who approved it, where a second person had to."
    )

    def _compute_searched(self):
        for entry in self:
            entry.person = entry.document_number = False
            entry.connector_id = entry.flow_id = False

    # -- searching -----------------------------------------------------------------------------

    @api.model
    def _search_person(self, operator, value):
        """Equality only: a digest knows no parts. Who asks is noted, whom they asked for is not."""
        if not self.env.su and not self.env.user.has_group("interop_base.group_auditor"):
            raise AccessError(self.env._("Looking for a person needs the right “Auditor”."))
        if operator != "in":
            return NotImplemented
        ids = self.env["interop.persons"].sudo()._messages_of([each for each in value if each])
        self.env["interop.audit"]._record("person.search", details={"found": len(ids)})
        return self._about_messages(SQL("m.id = ANY(%s)", ids))

    @api.model
    def _search_document_number(self, operator, value):
        messages = self.env["interop.message"].sudo()
        domain = messages._search_number(operator, value)
        if domain is NotImplemented:
            return NotImplemented
        found = messages._search(domain)
        return self._about_messages(SQL("m.id = ANY(ARRAY(%s))", found.select()))

    @api.model
    def _search_connector_id(self, operator, value):
        connectors = self._named("interop.connector", operator, value)
        if connectors is NotImplemented:
            return NotImplemented
        codes = connectors.sudo().mapped("code")
        return Domain("connector", "in", codes) | self._about("interop.connector", connectors)

    @api.model
    def _search_flow_id(self, operator, value):
        flows = self._named("interop.flow", operator, value)
        if flows is NotImplemented:
            return NotImplemented
        messages = self._about_messages(SQL("m.flow_id = ANY(%s)", flows.ids))
        return messages | self._about("interop.flow", flows)

    @api.model
    def _named(self, model: str, operator: str, value: object):
        """The records of a search by record, or by what is known of them."""
        if operator == "in":
            return self.env[model].browse([each for each in value if each])
        if operator == "any":
            return self.env[model].search(value)
        return NotImplemented

    @api.model
    def _about(self, model: str, records) -> Domain:
        return Domain("res_model", "=", model) & Domain("res_id", "in", records.ids)

    @api.model
    def _about_messages(self, condition: SQL) -> Domain:
        """What the trail says of the messages for which `condition` holds (of `m`).

        By their identity, which every entry about a message has, also that of its reception.
        """
        identities = SQL(sql.IDENTITIES, condition)

        def to_sql(model, alias, query):
            return SQL("%s IN (%s)", SQL.identifier(alias, "subject"), identities)

        return Domain.custom(to_sql=to_sql)

    # -- telling -------------------------------------------------------------------------------

    @api.depends("res_model", "res_id", "details")
    def _compute_record_name(self):
        for entry in self:
            entry.record_name = entry._name_of_record() or False

    def _name_of_record(self) -> str:
        model = self.env.get(self.res_model) if self.res_id else None
        if model is not None:
            record = model.browse(self.res_id).exists()
            if record and record.has_access("read"):
                return record.display_name
        facts = self._facts()
        return next((str(facts[name]) for name in _NAMES if facts.get(name)), "")

    @api.depends("act", "details", "record_name")
    def _compute_told(self):
        for entry in self:
            facts = entry._facts()
            told = label_of(entry.act or "")
            if entry.record_name:
                told += f": {entry.record_name}"
            changed = facts.get("fields")
            if isinstance(changed, list) and changed:
                told += f" ({', '.join(entry._field_word(str(name)) for name in changed)})"
            entry.told = told

    def _field_word(self, name: str) -> str:
        model = self.env.get(self.res_model)
        field = model._fields.get(name) if model is not None else None
        return field._description_string(self.env) if field is not None else name

    @api.depends("act", "details", "actor_name")
    def _compute_approved_by(self):
        wanted = {entry: entry._facts().get("publication") for entry in self}
        ids = [each for each in wanted.values() if isinstance(each, int)]
        publications = self.env["interop.publication"].sudo().browse(ids).exists()
        names = {each.id: each.decided_by_id.name for each in publications}
        for entry, publication in wanted.items():
            entry.approved_by = names.get(publication) or False

    def _facts(self) -> dict:
        return json.loads(self.details) if self.details else {}
