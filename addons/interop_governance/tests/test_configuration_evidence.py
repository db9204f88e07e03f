import base64

import psycopg2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from odoo.exceptions import UserError
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from odoo.addons.interop_audit.tests.common import AuditCase
from odoo.addons.interop_queue.tests.common import WIRE, build_world

#: Managers may write these, and it is no configuration: why.
NO_CONFIGURATION = {
    "interop.audit.export": "asking for an export is an act of its own (audit.export)",
    "interop.evidence.sample": "each step is an act of its own (evidence.…)",
    "interop.exception": "decisions of people, each an act of its own (exception.…)",
    "interop.exception.difference": "a part of an exception's facts",
    "interop.flow.wait": "each change is told as one of its flow (flow.change)",
    "interop.missing.code": "found by the engine; what people fill in is noted with the crosswalk",
    "interop.pack.clone.part": "says which record was made of which entry of a pack",
    "interop.privacy.request": "each step is an act of its own (privacy.…)",
    "interop.privacy.request.line": "a part of a privacy request",
    "interop.recovery": "each step is an act of its own (recovery.…)",
    "interop.recovery.counter": "a part of a recovery",
    "interop.recovery.key": "a part of a recovery",
    "interop.recovery.line": "a part of a recovery: what was decided is recovery.decided",
}
#: Fields that decide nothing.
NO_MATTER = {
    # How rows are listed and remarks on them: no part of what is published.
    "interop.mapping.row.sequence",
    "interop.mapping.row.note",
}
SIMPLE = {
    "char": lambda value: f"{value or ''}x",
    "text": lambda value: f"{value or ''}x",
    "boolean": lambda value: not value,
    "integer": lambda value: value + 1,
    "float": lambda value: value + 1,
}


class TestConfigurationEvidence(AuditCase):
    """Nothing that managers may change is changed without an entry in the trail."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.world = build_world(cls.env, "evidence-test")
        cls.manager = new_test_user(
            cls.env, "evidence-manager", "interop_base.group_manager", name="Mona Ager"
        )
        cls.model_names = sorted(
            name
            for name, model in cls.env.items()
            if name.startswith("interop.")
            and not model._abstract
            and not model._transient
            and any(
                model.with_user(cls.manager).has_access(operation)
                for operation in ("create", "write", "unlink")
            )
        )

    def made(self, name):
        """Values of a new record of that model; None where people make none."""
        world = self.world
        flow, connector = world["out"], world["connector"]
        key = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
        makers = {
            "interop.access.review": {"name": "Review"},
            "interop.area": {"name": "Area", "code": "evidence-area"},
            "interop.system": {"name": "System"},
            "interop.connector": {
                "name": "Connector",
                "code": "evidence-connector",
                "system_id": connector.system_id.id,
                "company_id": self.env.company.id,
                "area_id": world["area"].id,
                "environment": "test",
                "clearance": "internal",
                "transport": WIRE.code,
                "codec": "json",
            },
            "interop.endpoint": {
                "connector_id": connector.id,
                "name": "Other",
                "purpose": "other",
                "url": "https://other.example/",
            },
            "interop.source.rule": {
                "document_type_id": flow.document_type_id.id,
                "path": "quantity",
                "truth": "partner",
            },
            "interop.crosswalk": {"name": "Crosswalk", "code": "evidence-crosswalk"},
            "interop.crosswalk.entry": {
                "crosswalk_id": self.crosswalk().id,
                "ours": "EA",
                "theirs": "ST",
            },
            "interop.mapping": {
                "name": "Mapping",
                "document_type_id": flow.document_type_id.id,
                "direction": "out",
            },
            "interop.mapping.row": {
                "mapping_id": self.mapping().id,
                "target": "n",
                "source": "number",
            },
            "interop.policy": {
                "name": "Policy",
                "document_type_id": flow.document_type_id.id,
                "area_id": world["area"].id,
            },
            "interop.policy.rule": {
                "policy_id": flow.policy_id.id,
                "path": "order",
                "action": "drop",
            },
            "interop.policy.pattern": {
                "name": "Pattern",
                "template": "MRN-######",
                "sample": "MRN-123456",
            },
            "interop.flow": {
                "name": "Flow",
                "code": "evidence-flow",
                "direction": "out",
                "event": flow.event,
                "handler": flow.handler,
                "document_type_id": flow.document_type_id.id,
                "connector_id": connector.id,
                "company_id": self.env.company.id,
                "area_id": world["area"].id,
                "policy_id": flow.policy_id.id,
            },
            "interop.legal.hold": {"name": "Hold", "reason": "A lawsuit"},
            "interop.retention.class": {"name": "Class", "code": "evidence-class", "days": 90},
            "interop.sample": {"name": "Sample", "flow_id": flow.id, "given": '{"number": "1"}'},
            "interop.vault.secret": {"name": "Secret", "kind": "hmac"},
            "interop.pack.publisher": {
                "name": "Publisher",
                "public_key": base64.b64encode(key).decode(),
            },
        }
        return makers.get(name)

    def crosswalk(self):
        crosswalks = self.env["interop.crosswalk"]
        return crosswalks.search([("code", "=", "evidence-used")]) or crosswalks.create(
            {"name": "Used", "code": "evidence-used"}
        )

    def mapping(self):
        return self.env["interop.mapping"].create(
            {
                "name": "Used",
                "document_type_id": self.world["out"].document_type_id.id,
                "direction": "out",
            }
        )

    def settle(self):
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.newest = self.env["interop.audit.entry"].search([], limit=1).id

    def is_told(self):
        """Whether an entry of the manager came since the last look."""
        self.env.flush_all()
        self.env.cr.precommit.run()
        found = self.env["interop.audit.entry"].search(
            [("id", ">", self.newest), ("actor_id", "=", self.manager.id)]
        )
        self.newest = self.env["interop.audit.entry"].search([], limit=1).id
        return bool(found)

    def told_by_itself(self, name):
        return getattr(self.env[name], "_configured_noun", "configuration") != "configuration"

    def test_every_model_that_managers_change_is_known_here_or_tells_by_itself(self):
        unknown = [
            name
            for name in self.model_names
            if name not in NO_CONFIGURATION
            and not self.told_by_itself(name)
            and self.made(name) is None
            and name not in ("interop.document.type", "interop.lane")
        ]
        self.assertEqual(
            unknown, [], "Inherit interop.audit.configured, or name them here with a reason."
        )

    def test_making_and_deleting_leaves_an_entry(self):
        for name in self.model_names:
            vals = None if name in NO_CONFIGURATION else self.made(name)
            model = self.env[name].with_user(self.manager)
            if vals is None or not model.has_access("create"):
                continue
            with self.subTest(name):
                self.settle()
                record = model.create(vals)
                self.assertTrue(self.is_told(), "made")
                if model.has_access("unlink"):
                    record.unlink()
                    self.assertTrue(self.is_told(), "deleted")

    @mute_logger("odoo.sql_db")
    def test_changing_any_field_leaves_an_entry(self):
        tried, silent = 0, []
        for name in self.model_names:
            if name in NO_CONFIGURATION or not self.env[name].has_access("write"):
                continue
            vals = self.made(name)
            model = self.env[name].with_user(self.manager)
            record = model.create(vals) if vals else model.search([], limit=1)
            for field in model._fields.values() if record else ():
                if (
                    field.type not in SIMPLE
                    or not field.store
                    or field.readonly
                    or field.related
                    or f"{name}.{field.name}" in NO_MATTER
                ):
                    continue
                self.settle()
                value = SIMPLE[field.type](record[field.name])
                try:
                    with self.env.cr.savepoint():
                        record.write({field.name: value})
                        self.env.flush_all()
                except (UserError, ValueError, psycopg2.Error):
                    self.env.cr.precommit.clear()
                    self.env.invalidate_all()
                    continue  # refused: nothing changed
                tried += 1
                if not self.is_told():
                    silent.append(f"{name}.{field.name}")
        self.assertEqual(silent, [])
        self.assertGreater(tried, 60)
