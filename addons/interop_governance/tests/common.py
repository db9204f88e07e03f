from odoo.tests.common import new_test_user

from odoo.addons.interop_queue.tests.inbound_common import InboundCase

PERSON = "Inés Canary-Quist"
OTHER = "Bo Sample"


class GovernanceCase(InboundCase):
    """Messages about persons, and an auditor of their area who asks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.transaction() as env:
            cls.auditor = cls.new_user(env, "auditor", "interop_base.group_auditor")
            cls.stranger = cls.new_user(env, "stranger", "interop_base.group_auditor", area=False)
            cls.manager = cls.new_user(env, "manager", "interop_base.group_manager")

    @classmethod
    def new_user(cls, env, name, groups, area=True):
        user = new_test_user(env, f"{name}-{cls.tag}", groups=groups)
        if area:
            user.interop_area_ids = env["interop.area"].browse(cls.world["area"])
        return user.id

    def publish(self, **values):
        """Publish the outbound flow anew, with other settings."""
        with self.transaction() as env:
            flow = env["interop.flow"].browse(self.world["out"])
            flow.write(values)
            flow.action_publish()
            env.flush_all()
            env.cr.precommit.run()

    def show(self, action, **values):
        """Let the policy show the patient in this way, until the end of the test."""
        self._rule_for_patients({"path": "patient", "action": action} | values)
        self.addCleanup(self._rule_for_patients, None)

    def _rule_for_patients(self, rule):
        with self.transaction() as env:
            flow = env["interop.flow"].browse(self.world["out"])
            flow.policy_id.rule_ids.filtered(lambda each: each.path == "patient").unlink()
            flow.policy_id.rule_ids = [(0, 0, rule)] if rule else []
            country = env.ref("base.us")
            flow.company_id.interop_health_region_ids = country
            flow.connector_id.region_id = country
            flow.action_publish()
            env.flush_all()
            env.cr.precommit.run()

    def last_entry(self, act):
        """The newest entry of an act, as the trail has it: (actor, facts as text)."""
        with self.transaction() as env:
            env.cr.execute(
                "SELECT actor_id, details FROM interop_audit_entry WHERE act = %s "
                "ORDER BY id DESC LIMIT 1",
                [act],
            )
            return env.cr.fetchone() or (None, None)

    def everything_stored(self, env, *tables):
        env.flush_all()
        texts = []
        for table in tables:
            env.cr.execute(f"SELECT t::text FROM {table} t")
            texts += [text for (text,) in env.cr.fetchall()]
        return " ".join(texts)
