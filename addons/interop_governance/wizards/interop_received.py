import json
from collections import defaultdict
from datetime import datetime, time, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .. import sql
from ..lib.breadth import Form, breadth_of
from ..lib.sheet import csv_of

FORMAT = "interop.received/1"
HEADER = (
    "Document", "Field", "Path", "Sensitivity", "What was done", "Messages", "First (UTC)",
    "Last (UTC)", "Versions",
)  # fmt: skip


class InteropReceived(models.TransientModel):
    """Everything that a partner was sent between two days: how far a breach there reaches.

    Names of fields and counts, never values: enough to tell whom a breach concerns and what has to
    be notified (45 CFR 164.404, GDPR Art. 33(3)).
    """

    _name = "interop.received"
    _description = "Received by a Partner"
    _inherit = ["interop.evidence.file"]
    _transient_max_hours = 1.0

    connector_id = fields.Many2one(
        "interop.connector",
        required=True,
        ondelete="cascade",
        help="The way to the partner. Each of a partner's connectors is looked at by itself.",
    )
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: fields.Date.context_today(self) - relativedelta(months=1),
        help="The first day that counts.",
    )
    date_to = fields.Date(
        string="Until",
        required=True,
        default=fields.Date.context_today,
        help="The last day that counts.",
    )
    found_at = fields.Datetime(
        string="Worked out", readonly=True, help="When it was worked out and noted in the trail."
    )
    message_count = fields.Integer(
        string="Messages", readonly=True, help="How many messages the partner received or may have."
    )
    person_count = fields.Integer(
        string="Identifiers of persons",
        readonly=True,
        help="How many different names, numbers and addresses of persons were in them. One person "
        "may have several: the number of persons is at most this. Erased persons are not counted.",
    )
    unknown_count = fields.Integer(
        string="Without field names",
        readonly=True,
        help="Messages of before it was recorded which fields they had.",
    )
    kind_ids = fields.One2many(
        "interop.received.kind",
        "received_id",
        string="Documents",
        readonly=True,
        help="What kinds of documents they were.",
    )
    line_ids = fields.One2many(
        "interop.received.line",
        "received_id",
        string="Fields",
        readonly=True,
        help="Which fields they had, and how many messages had each of them.",
    )

    def _compute_display_name(self):
        self.display_name = self.env._("Received by a partner")

    def action_find(self) -> dict[str, Any]:
        """Work it out. That is noted."""
        self.ensure_one()
        self._check_auditor()
        if self.date_from > self.date_to:
            raise UserError(self.env._("The first day lies after the last."))
        domain = self._domain()
        forms = self._forms(domain)
        persons, everyone = self._persons(domain)
        told = self.env["interop.told"]._told((form.version, form.shape) for form in forms)
        breadth = breadth_of(forms, told)
        self.write(
            {
                "found_at": fields.Datetime.now(),
                "message_count": sum(form.messages for form in forms),
                "person_count": everyone,
                "unknown_count": sum(form.messages for form in forms if not form.shape),
                "kind_ids": [
                    fields.Command.clear(),
                    *(
                        fields.Command.create(
                            {
                                "document_type": kind.document,
                                "messages": kind.messages,
                                "field_count": kind.fields,
                                "persons": persons.get(kind.document, 0),
                                "versions": kind.versions,
                                "first_at": kind.first,
                                "last_at": kind.last,
                            }
                        )
                        for kind in breadth.kinds
                    ),
                ],
                "line_ids": [
                    fields.Command.clear(),
                    *(
                        fields.Command.create(
                            {
                                "document_type": line.document,
                                "path": line.told.path,
                                "title": line.told.title,
                                "sensitivity": line.told.sensitivity,
                                "done": line.told.done,
                                "messages": line.messages,
                                "versions": line.versions,
                                "first_at": line.first,
                                "last_at": line.last,
                            }
                        )
                        for line in breadth.lines
                    ),
                ],
            }
        )
        self._note("received.search")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Received by a partner"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "current",
        }

    def action_list(self) -> dict[str, Any]:
        """Open the single disclosures."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "interop_governance.interop_disclosure_action"
        )
        return action | {"domain": list(self._domain()), "context": {}}

    def action_csv(self) -> dict[str, Any]:
        """Download the fields as CSV."""
        self._check_found()
        rows = [
            (
                line.document_type, line.title, line.path, line.sensitivity, line.done,
                line.messages, line.first_at, line.last_at, line.versions,
            )
            for line in self.line_ids
        ]  # fmt: skip
        self._note("received.export", form="csv")
        return self._hand_out(f"received-{self.connector_id.code}.csv", csv_of(HEADER, rows))

    def action_json(self) -> dict[str, Any]:
        """Download all of it as JSON, for other programs."""
        self._check_found()
        told = {
            "format": FORMAT,
            "connector": self.connector_id.code,
            "system": self.connector_id.system_id.name,
            "from": self.date_from.isoformat(),
            "until": self.date_to.isoformat(),
            "made_at": f"{fields.Datetime.to_string(self.found_at)}Z",
            "messages": self.message_count,
            "identifiers_of_persons": self.person_count,
            "messages_without_field_names": self.unknown_count,
            "documents": [
                {
                    "document": kind.document_type,
                    "messages": kind.messages,
                    "identifiers_of_persons": kind.persons,
                    "versions": kind.versions,
                    "first": f"{fields.Datetime.to_string(kind.first_at)}Z",
                    "last": f"{fields.Datetime.to_string(kind.last_at)}Z",
                    "fields": [
                        {
                            "path": line.path,
                            "sensitivity": line.sensitivity,
                            "done": line.done,
                            "messages": line.messages,
                        }
                        for line in self.line_ids
                        if line.document_type == kind.document_type
                    ],
                }
                for kind in self.kind_ids
            ],
        }
        self._note("received.export", form="json")
        data = json.dumps(told, indent=2, ensure_ascii=False).encode()
        return self._hand_out(f"received-{self.connector_id.code}.json", data)

    # -- working it out ------------------------------------------------------------------------

    def _domain(self) -> Domain:
        return (
            Domain("connector_id", "=", self.connector_id.id)
            & Domain("ts", ">=", datetime.combine(self.date_from, time.min))
            & Domain("ts", "<", datetime.combine(self.date_to + timedelta(days=1), time.min))
        )

    @api.model
    def _forms(self, domain: Domain) -> list[Form]:
        groups = self.env["interop.disclosure"]._read_group(
            domain,
            ["document_type", "version_digest", "shape"],
            ["message_id:count_distinct", "ts:min", "ts:max"],
        )
        return [
            Form(document or "", version or "", shape or "", messages, first, last)
            for document, version, shape, messages, first, last in groups
        ]

    @api.model
    def _persons(self, domain: Domain) -> tuple[dict[str, int], int]:
        """Different identifiers by document type, and of all together."""
        query = self.env["interop.disclosure"]._search(domain)
        messages = query.subselect(SQL.identifier(query.table, "message_id"))
        self.env.cr.execute(SQL(sql.PERSONS, messages=messages))
        by_kind = defaultdict(int, self.env.cr.fetchall())
        self.env.cr.execute(SQL(sql.PERSONS_IN_ALL, messages=messages))
        [everyone] = self.env.cr.fetchone()
        return by_kind, everyone

    def _check_found(self) -> None:
        self.ensure_one()
        self._check_auditor()
        if not self.found_at:
            raise UserError(self.env._("Work it out first."))

    def _check_auditor(self) -> None:
        if not self.env.user.has_group("interop_base.group_auditor"):
            raise AccessError(self.env._("This needs the right “Auditor”."))
        self.connector_id.check_access("read")

    def _note(self, act: str, **details: Any) -> None:
        self.env["interop.audit"]._record(
            act,
            record=self.connector_id,
            details={
                "connector": self.connector_id.code,
                "from": self.date_from,
                "until": self.date_to,
                "messages": self.message_count,
            }
            | details,
        )
