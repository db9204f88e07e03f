from odoo import api, models

from ..lib.parts import PUBLISHED

#: Acts that put a person's hand on what a flow publishes.
WRITING = (".create", ".change", ".load", ".delete")

#: Fields that make somebody an author.
PUBLISHING = frozenset({*PUBLISHED, "name", "code"})
#: Fields that are not published and matter all the same.
CONFIGURED = frozenset({"owner_id"})

#: Who wrote since a version was published: what its transaction could not see yet, and what is
#: younger by the clock (numbers of transactions begin anew when a dump is restored).
AUTHORS = """
SELECT DISTINCT e.actor_id
  FROM interop_audit_entry e
  JOIN unnest(%(models)s::text[], %(ids)s::bigint[]) AS w (model, id)
    ON e.res_model = w.model AND (e.res_id = w.id OR w.id = 0)
 WHERE e.actor_kind = 'user'
   AND e.act LIKE ANY (%(acts)s)
   -- Tells of codes too, which are live and not published.
   AND e.act <> 'crosswalk.change'
   AND (%(seen)s::text IS NULL
        OR NOT pg_visible_in_snapshot(e.txid, %(seen)s::pg_snapshot)
        OR e.ts >= %(since)s::timestamp AT TIME ZONE 'UTC')
"""


class InteropFlowAuthors(models.AbstractModel):
    """Who changed what a flow would publish: those people cannot approve it.

    Taken from the audit trail, which nobody can edit, and not from the records' last writer.
    """

    _name = "interop.flow.authors"
    _description = "Flow: Who Wrote It"

    def _parts(self) -> dict[str, models.BaseModel]:
        """The records a snapshot of this flow is made of, by part."""
        self.ensure_one()
        flow = self.sudo()
        return {
            "flow": flow,
            "document_type": flow.document_type_id,
            "mapping": flow.mapping_id,
            "policy": flow.policy_id,
            "connector": flow.connector_id,
        }

    def _watched(self) -> list[tuple[str, int]]:
        """Model and id of all that a change of may change the snapshot; id 0: every record."""
        companies = self.sudo().company_id or self.env["res.company"].sudo().search([])
        return [
            *((record._name, record.id) for record in self._parts().values() if record),
            *(
                ("interop.crosswalk", crosswalk.id)
                for crosswalk in self.sudo().mapping_id.row_ids.crosswalk_id
            ),
            *(("res.company", company.id) for company in companies),
            ("interop.policy.pattern", 0),
        ]

    def _authors(self) -> models.BaseModel:
        """The people who changed something since what is in force was published."""
        self.ensure_one()
        watched = self._watched()
        version = self.sudo().version_id
        self.env.flush_all()
        self.env.cr.execute(
            AUTHORS,
            {
                "models": [model for model, _id in watched],
                "ids": [res_id for _model, res_id in watched],
                "acts": [f"%{act}" for act in WRITING],
                "seen": version.seen or None,
                "since": version.published_at or None,
            },
        )
        ids = [user_id for [user_id] in self.env.cr.fetchall() if user_id]
        return self.env["res.users"].sudo().with_context(active_test=False).browse(ids).exists()

    @api.model_create_multi
    def create(self, vals_list):
        flows = super().create(vals_list)
        for flow in flows:
            self.env["interop.audit"]._record("flow.create", record=flow)
        return flows

    def write(self, vals):
        names = sorted(vals.keys() & (PUBLISHING | CONFIGURED))
        before = {flow.id: [flow[name] for name in names] for flow in self}
        result = super().write(vals)
        for flow in self if names else ():
            changed = [
                name for name, old in zip(names, before[flow.id], strict=True) if flow[name] != old
            ]
            # Who changes what is not published may approve what is.
            for act, fields in (("flow.change", PUBLISHING), ("flow.configured", CONFIGURED)):
                if found := [name for name in changed if name in fields]:
                    self.env["interop.audit"]._record(act, record=flow, details={"fields": found})
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_leaves_evidence(self) -> None:
        for flow in self:
            self.env["interop.audit"]._record(
                "flow.delete", record=flow, details={"code": flow.code}
            )
