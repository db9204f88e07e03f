from odoo.tests.common import BaseCase, TransactionCase

from ..lib.acts import ACTS, codes_named, codes_of, family_of, label_of, register_acts
from ..lib.telling import tell


class TestActs(BaseCase):
    def test_an_act_that_nobody_registered_is_told_by_its_code(self):
        self.assertEqual((label_of("test.gone"), family_of("test.gone")), ("test.gone", "other"))

    def test_acts_are_found_by_their_words_and_by_their_code(self):
        self.assertIn("fence.arm", codes_named("ENVIRONMENT arm"))
        self.assertIn("keyring.rotate", codes_named("ring.rot"))
        self.assertEqual(codes_named("no such words"), [])
        self.assertLessEqual({"fence.arm", "fence.disarm"}, set(codes_of({"environment"})))

    def test_a_family_that_does_not_exist_is_refused(self):
        with self.assertRaises(ValueError):
            register_acts("test", {"test.x": "X"})
        self.assertNotIn("test.x", ACTS)

    def test_facts_are_told_in_words(self):
        facts = {"reason": "Moving", "masks": {"a": 1}, "nothing": None, "done": False}
        self.assertEqual(list(tell(facts)), ["Reason: Moving", "Done: no", "Masks: a 1"])


class TestSearching(TransactionCase):
    def found(self, *domain):
        mine = [("id", ">", self.before), *domain]
        return set(self.env["interop.audit.entry"].search(mine).mapped("act"))

    def setUp(self):
        super().setUp()
        self.before = self.env["interop.audit.entry"].search([], limit=1).id or 0
        audit = self.env["interop.audit"]
        audit._record("fence.arm", subject="aaaaaaaa-1111-4111-8111-111111111111")
        audit._record("test.odd", details={"connector": "test-wire", "size": 1})
        audit._record("keyring.rotate", details={"reason": '"connector":"test-other"'})

    def test_entries_are_found_by_the_kind_of_act(self):
        self.assertEqual(self.found(("family", "=", "environment")), {"fence.arm"})
        self.assertEqual(self.found(("family", "=", "other")), {"test.odd"})
        self.assertEqual(
            self.found(("family", "not in", ("environment", "other"))), {"keyring.rotate"}
        )

    def test_entries_are_grouped_by_the_kind_of_act(self):
        groups = self.env["interop.audit.entry"]._read_group(
            [("id", ">", self.before)], ["family"], ["__count"]
        )
        self.assertEqual(dict(groups), {"environment": 1, "other": 1, "secrets": 1})

    def test_entries_are_found_by_the_name_of_the_act(self):
        self.assertEqual(self.found(("act_name", "ilike", "armed")), {"fence.arm"})
        self.assertEqual(self.found(("act_name", "ilike", "test.o")), {"test.odd"})
        self.assertEqual(self.found(("act_name", "=", "test.odd")), {"test.odd"})

    def test_entries_are_found_by_their_whole_identity_only(self):
        whole = "AAAAAAAA-1111-4111-8111-111111111111"
        for operator in ("=", "ilike"):
            self.assertEqual(self.found(("subject", operator, whole)), {"fence.arm"})
            self.assertEqual(self.found(("subject", operator, "aaaa")), set())
        self.assertEqual(self.found(("subject", "=", False)), {"test.odd", "keyring.rotate"})
        self.assertEqual(self.found(("subject", "!=", whole)), {"test.odd", "keyring.rotate"})

    def test_the_connector_is_a_fact_and_not_what_somebody_wrote(self):
        entries = self.env["interop.audit.entry"].search([("id", ">", self.before)])
        self.assertEqual(
            dict(zip(entries.mapped("act"), entries.mapped("connector"), strict=True)),
            {"fence.arm": False, "test.odd": "test-wire", "keyring.rotate": False},
        )
        self.assertEqual(self.found(("connector", "=", "test-wire")), {"test.odd"})
