import io
import json
import zipfile
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.interop_audit.lib.evidence.seal import digest
from odoo.addons.interop_audit.tests.sealing import seal_all

from ..lib.sampling import choose, seed_of
from .evidence_common import EvidenceCase


@tagged("post_install", "-at_install")
class TestEvidenceSample(EvidenceCase):
    def new(self, env, **values):
        today = fields.Date.today()
        return env["interop.evidence.sample"].create(
            {
                "name": "Notes",
                "reason": "Yearly audit",
                "date_from": fields.Date.subtract(today, days=1),
                "date_to": fields.Date.add(today, days=1),
                "connector_ids": [(6, 0, [self.world["connector"]])],
                "number": 2,
                "seed_given": "seventeen camels",
            }
            | values
        )

    def drawn(self, **values):
        seal_all(self.registry)
        with self.by() as env:
            sample = self.new(env, **values)
            sample.action_draw()
            return sample.id

    def run_cron(self, progress=None):
        """Its run, without the scheduled action's own bookkeeping."""
        crons = self.registry["ir.cron"]
        with self.by(1) as env:
            told = lambda model, *args, **options: (  # noqa: E731 as short as what it stands for
                model.env.cr.commit(),
                progress(args) if progress else 60.0,
            )[1]
            with patch.object(crons, "_commit_progress", told):
                env["interop.evidence.sample"]._cron_make()

    def told(self, sample_id, *names):
        with self.transaction() as env:
            sample = env["interop.evidence.sample"].browse(sample_id)
            return [sample[name] for name in names]

    def messages_of(self, sample_id):
        with self.transaction() as env:
            lines = env["interop.evidence.sample"].browse(sample_id).line_ids
            return [line.message_id.uuid for line in lines.sorted("position")]

    def test_the_seed_decides_who_is_drawn_and_anybody_can_draw_again(self):
        uuids = [self.sent(f"S-{at}") for at in range(6)]
        sample_id = self.drawn()
        seal, seed, population = self.told(sample_id, "seal", "seed", "population")
        with self.transaction() as env:
            statement = env["interop.audit.seal"].search([("number", "=", seal)]).statement

        self.assertEqual(seed, seed_of("seventeen camels", digest(statement).hex()))
        self.assertEqual(population, 6)
        self.assertEqual(self.messages_of(sample_id), choose(seed, uuids, 2))

    def test_bundles_are_made_one_by_one_and_going_on_after_a_stop(self):
        for at in range(3):
            self.sent(f"T-{at}")
        sample_id = self.drawn(number=3)
        # The first run has time for one.
        self.run_cron(lambda args: 0.0 if args else 60.0)
        self.assertEqual(self.told(sample_id, "made_count", "state"), [1, "running"])
        self.run_cron()
        self.assertEqual(self.told(sample_id, "made_count", "state"), [3, "done"])
        with self.by() as env:
            out = io.BytesIO()
            env["interop.evidence.sample"].browse(sample_id)._write_archive(out)
        with zipfile.ZipFile(out) as archive:
            bundles = [name for name in archive.namelist() if name.endswith("evidence.json")]
            self.assertEqual(len(bundles), 3)
            for name in bundles:
                # Another transaction that still writes holds seals back, which is a note.
                found = self.found(archive.read(name))
                self.assertFalse([each for each in found if each.severity != "note"])
                told = json.loads(archive.read(name))["made"]["sample"]
                self.assertIn(self.told(sample_id, "seed")[0], told)
            index = archive.read("index.csv").decode("utf-8-sig").splitlines()
            self.assertEqual(len(index), 4)
            self.assertTrue(archive.read("index.pdf").startswith(b"%PDF"))

    def test_a_cancelled_sample_makes_no_more(self):
        for at in range(2):
            self.sent(f"U-{at}")
        sample_id = self.drawn()
        with self.by() as env:
            env["interop.evidence.sample"].browse(sample_id).action_cancel()
        self.run_cron()
        self.assertEqual(self.told(sample_id, "made_count", "state"), [0, "cancelled"])

    def test_what_was_drawn_is_not_changed_or_deleted(self):
        self.sent("V-1")
        sample_id = self.drawn()
        with self.by() as env:
            sample = env["interop.evidence.sample"].browse(sample_id)
            self.assertRaises(UserError, sample.write, {"seed_given": "another"})
            self.assertRaises(UserError, sample.unlink)
            self.assertRaises(UserError, sample.action_draw)
            self.assertRaises(AccessError, sample.write, {"state": "draft"})
            self.assertRaises(AccessError, sample.line_ids.write, {"position": 3})

    def test_a_sample_has_bounds(self):
        with self.by() as env:
            self.assertRaises(ValidationError, self.new, env, number=100000)
        with self.by() as env:
            self.assertRaises(ValidationError, self.new, env, date_to="2001-01-01")

    def test_an_empty_population_is_told(self):
        with self.by() as env:
            sample = self.new(env, date_from="2001-01-01", date_to="2001-01-02")
            self.assertRaises(UserError, sample.action_draw)
