"""Messages that the engine really moved, and an auditor who asks about them."""

import io
import json
import zipfile
from contextlib import contextmanager

from odoo import api
from odoo.tests.common import new_test_user

from odoo.addons.interop_audit.lib.evidence.bundle import verify_bundle
from odoo.addons.interop_audit.tests.sealing import wait_for_writers
from odoo.addons.interop_governance.lib.archive import packed
from odoo.addons.interop_queue.tests.common import EngineCase

REASON = "Asked for by the external auditor"
AUDITOR = "interop_base.group_auditor"


class EvidenceCase(EngineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.transaction() as env:
            cls.auditor = cls.new_user(env, f"auditor-{cls.tag}", AUDITOR).id

    @classmethod
    def new_user(cls, env, login, groups, areas=None):
        user = new_test_user(env, login, groups=groups, name="Ada Auditor")
        ids = [cls.world["area"]] if areas is None else areas
        user.interop_area_ids = [(6, 0, ids)]
        return user

    @contextmanager
    def by(self, user_id=None):
        """A transaction of the auditor's, or of another user's."""
        with self.registry.cursor() as cr:
            yield api.Environment(cr, user_id or self.auditor, {})

    def clear(self):
        with self.transaction() as env:
            env.cr.execute("DELETE FROM interop_evidence_sample_line")
            env.cr.execute("DELETE FROM interop_evidence_bundle")
            env.cr.execute("DELETE FROM interop_evidence_sample")
        return super().clear()

    def sent(self, number, **body):
        """The uuid of a message that was sent."""
        uuid = self.enqueue(number, **body)
        self.drain(5)
        self.assertEqual(self.look(uuid, "state"), "done")
        return uuid

    def ask(self, user_id=None, **asked):
        """Make a bundle as the dialog does; returns its id."""
        with self.by(user_id) as env:
            wizard = env["interop.evidence.bundling"].create({"reason": REASON} | asked)
            wizard_id = wizard.id
        # Other databases of the cluster, in which other tests write, hold up what the dialog seals.
        wait_for_writers(self.registry)
        with self.by(user_id) as env:
            return env["interop.evidence.bundling"].browse(wizard_id).action_make()["res_id"]

    def ask_about(self, *uuids, user_id=None, **asked):
        with self.transaction() as env:
            ids = env["interop.message"].search([("uuid", "in", uuids)]).ids
        return self.ask(user_id, kind="message", chosen=ids, **asked)

    def files(self, bundle_id):
        """What stands in the archive that is downloaded."""
        with self.by() as env:
            data = packed(env["interop.evidence.bundle"].browse(bundle_id)._archive())
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def bundle(self, bundle_id):
        return json.loads(self.files(bundle_id)["evidence.json"])

    def keys(self):
        with self.transaction() as env:
            return list(env["interop.keyring"]._public_keys("audit").values())

    def found(self, data, anchors=()):
        return verify_bundle(data, self.keys(), anchors)

    def acts(self, bundle):
        """The acts in a bundle, in order."""
        return [each["line"].split("\t")[3] for each in bundle["entries"]]
