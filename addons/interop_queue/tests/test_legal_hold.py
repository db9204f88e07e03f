"""What a legal hold covers is not purged."""

from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .retention_common import RetentionCase


@tagged("post_install", "-at_install")
class TestLegalHold(RetentionCase):
    # -- legal hold ----------------------------------------------------------------------------

    def test_what_a_hold_covers_stays_until_it_is_lifted(self):
        [held, free] = self.ended_outbound("1", "2")
        self.age()
        hold_id = self.hold(business_key="1")
        self.assertEqual([self.look(key, "on_hold") for key in (held, free)], [True, False])
        self.purge()
        self.assertNotEqual(self.opens(held), "shredded")
        self.assertNotEqual(self.opens(self.payload_of(held), "payload"), "shredded")
        self.assertEqual(self.opens(free), "shredded")
        self.assertEqual(self.look(held, "held_back"), "hold")
        self.assertEqual(self.reports()[-1]["held_count"], 1)
        self.purge()
        self.assertNotEqual(self.opens(held), "shredded")
        with self.transaction() as env:
            hold = env["interop.legal.hold"].browse(hold_id)
            with self.assertRaisesRegex(UserError, "why the hold is lifted"):
                hold.action_lift()
            hold.lifted_reason = "The case is closed"
            hold.action_lift()
        self.purge()
        self.assertEqual(self.opens(held), "shredded")

    def test_every_kind_of_scope_covers_what_it_says_and_no_more(self):
        [one, other] = self.ended_outbound("1", "2")
        created = self.look(one, "created_at")
        cases = [
            ({"connector_ids": [self.world["connector"]]}, True, True),
            ({"flow_ids": [self.world["out"]]}, True, True),
            ({"flow_ids": [self.world["in"]]}, False, False),
            ({"company_ids": [self.world["company"]]}, True, True),
            ({"business_key": "1"}, True, False),
            ({"message_ids": [self.look(one, "id")]}, True, False),
            ({"res_model": "res.partner"}, False, False),
            ({"date_from": created + timedelta(days=1)}, False, False),
            ({"date_to": created + timedelta(days=1), "business_key": "2"}, False, True),
        ]
        for scope, first, second in cases:
            with self.subTest(scope=list(scope)):
                hold_id = self.hold(**scope)
                self.assertEqual(
                    [self.look(key, "on_hold") for key in (one, other)], [first, second]
                )
                with self.transaction() as env:
                    hold = env["interop.legal.hold"].browse(hold_id)
                    mine = env["interop.message"].search(
                        [("uuid", "in", [one, other]), ("on_hold", "=", True)]
                    )
                    self.assertEqual(
                        set(mine.mapped("uuid")),
                        {k for k, f in ((one, first), (other, second)) if f},
                    )
                    hold.lifted_reason = "The next case of this test"
                    hold.action_lift()

    def test_a_hold_is_placed_by_managers_and_is_fixed_then(self):
        hold_id = self.hold(place=False, business_key="1")
        with self.transaction() as env:
            user = env["res.users"].create(
                {
                    "name": "Operator",
                    "login": f"operator-{self.tag}",
                    "group_ids": [(4, env.ref("interop_base.group_operator").id)],
                }
            )
            hold = env["interop.legal.hold"].browse(hold_id)
            with self.assertRaises(AccessError):
                hold.with_user(user).action_place()
            with self.assertRaises(AccessError):
                hold.write({"state": "active"})
            hold.action_place()
            with self.assertRaisesRegex(UserError, "is fixed"):
                hold.business_key = "2"
            with self.assertRaisesRegex(UserError, "never deleted"):
                hold.unlink()
            empty = env["interop.legal.hold"].create({"name": "Empty", "reason": "of all"})
            with self.assertRaisesRegex(UserError, "Say what the hold"):
                empty.action_place()
            env.cr.execute(
                "SELECT act FROM interop_audit_entry WHERE res_model = 'interop.legal.hold' "
                "AND res_id = %s",
                [hold_id],
            )
            self.assertEqual(env.cr.fetchall(), [("hold.create",), ("hold.placed",)])
            user.active = False

    def test_a_manager_of_another_company_does_not_see_the_hold(self):
        hold_id = self.hold(company_ids=[self.world["company"]])
        with self.transaction() as env:
            other = env["res.company"].create({"name": f"Third {self.tag}"})
            user = env["res.users"].create(
                {
                    "name": "Manager",
                    "login": f"manager-{self.tag}",
                    "company_id": other.id,
                    "company_ids": [(6, 0, other.ids)],
                    "group_ids": [(4, env.ref("interop_base.group_manager").id)],
                }
            )
            hold = env["interop.legal.hold"].with_user(user).browse(hold_id)
            hold.invalidate_recordset()
            with self.assertRaises(AccessError):
                hold.action_lift()
            user.active = False
