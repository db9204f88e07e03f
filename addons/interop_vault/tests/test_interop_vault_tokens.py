import doctest

from odoo.tests.common import TransactionCase

from ..lib import blind
from ..lib.refs import Keepsake

CANARY = "Theodora Wintergreen"


class TestInteropVaultTokens(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tokens = cls.env["interop.vault.tokens"]

    def test_examples(self):
        self.assertEqual(doctest.testmod(blind).failed, 0)

    def test_a_kept_value_comes_back_in_its_scope_only(self):
        clash = self.tokens._keep(
            [Keepsake("a", "tok_1", CANARY), Keepsake("a", "2", 4711), Keepsake("b", "tok_3", None)]
        )
        self.assertEqual(clash, set())
        found = self.tokens._resolve("a", ["tok_1", "2", "tok_3", "tok_4"])
        self.assertEqual(found, {"tok_1": CANARY, "2": 4711})
        self.assertEqual(self.tokens._resolve("b", ["tok_1", "tok_3"]), {"tok_3": None})

    def test_keeping_again_changes_nothing_and_another_value_is_told(self):
        first = Keepsake("a", "12", CANARY)
        self.tokens._keep([first])
        self.assertEqual(self.tokens._keep([first]), set())
        self.assertEqual(self.tokens._keep([Keepsake("a", "12", "Other")]), {("a", "12")})
        self.assertEqual(self.tokens._resolve("a", ["12"]), {"12": CANARY})

    def test_the_table_holds_the_value_in_no_readable_form(self):
        self.tokens._keep([Keepsake("a", "tok_1", CANARY)])
        self.env.cr.execute("SELECT t::text FROM interop_vault_token t")
        rows = str(self.env.cr.fetchall())
        self.assertNotIn(CANARY, rows)
        self.assertNotIn(CANARY.encode().hex(), rows)
        self.assertNotIn(CANARY, repr(Keepsake("a", "tok_1", CANARY)))

    def test_a_row_moved_to_another_token_does_not_open(self):
        self.tokens._keep([Keepsake("a", "tok_1", CANARY), Keepsake("a", "tok_2", "Other")])
        self.env.cr.execute(
            """UPDATE interop_vault_token t SET sealed = o.sealed, wrapped_key = o.wrapped_key
                 FROM interop_vault_token o WHERE t.token = 'tok_2' AND o.token = 'tok_1'"""
        )
        with self.assertRaises(Exception) as caught:
            self.tokens._resolve("a", ["tok_2"])
        self.assertIn("does not fit", str(caught.exception))

    def test_a_person_is_found_however_written_and_forgotten_with_evidence(self):
        self.tokens._keep([Keepsake("a", "tok_1", CANARY), Keepsake("b", "tok_2", CANARY)])
        self.assertEqual(self.tokens._about(["  theodora  WINTERGREEN"])["count"], 2)
        self.assertEqual(self.tokens._about(["Somebody Else"])["count"], 0)
        self.assertEqual(self.tokens._forget([CANARY], "asked for it"), 2)
        self.assertEqual(self.tokens._resolve("a", ["tok_1"]), {})
        entry = self.env["interop.audit.entry"].search([("act", "=", "token.forget")], limit=1)
        self.assertNotIn(CANARY, str(entry.read()))

    def test_tokens_that_nobody_used_for_years_are_let_go(self):
        self.tokens._keep([Keepsake("a", "tok_1", CANARY), Keepsake("a", "tok_2", CANARY)])
        self.env.cr.execute(
            "UPDATE interop_vault_token SET used_on = used_on - 731 WHERE token = 'tok_1'"
        )
        self.tokens._gc_tokens()
        self.assertEqual(set(self.tokens._resolve("a", ["tok_1", "tok_2"])), {"tok_2"})
        self.env.cr.execute("UPDATE interop_vault_token SET used_on = used_on - 700")
        self.tokens._keep([Keepsake("a", "tok_2", CANARY)])
        self.env.cr.execute(
            "SELECT now()::date - used_on <= 1 FROM interop_vault_token WHERE scope = 'a'"
        )
        self.assertEqual(self.env.cr.fetchall(), [(True,)])
