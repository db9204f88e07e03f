from odoo.tests.common import new_test_user

from odoo.addons.interop_queue.tests.retention_common import RetentionCase

PERSON = "Inés Canary-Quist"
OTHER = "Bo Sample"


class PrivacyCase(RetentionCase):
    """Messages about two persons, and a privacy officer who answers them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.transaction() as env:
            group = "interop_privacy.group_privacy_officer"
            cls.officer = new_test_user(env, f"officer-{cls.tag}", groups=group).id

    def clear(self):
        with self.transaction() as env:
            env.cr.execute("DELETE FROM interop_privacy_request")
        return super().clear()

    def ask(self, kind="erase", whom=PERSON, **values):
        """A request of the officer's, looked up."""
        with self.transaction() as env:
            request = (
                env["interop.privacy.request"]
                .with_user(self.officer)
                .create({"name": "Ticket 4711", "kind": kind, "identifiers": whom} | values)
            )
            request.action_look_up()
            return request.id

    def act(self, request_id, name):
        with self.transaction() as env:
            return getattr(
                env["interop.privacy.request"].with_user(self.officer).browse(request_id), name
            )()

    def told(self, request_id, *names):
        with self.transaction() as env:
            request = env["interop.privacy.request"].browse(request_id)
            values = tuple(request[name] for name in names)
            return values[0] if len(values) == 1 else values

    def outcomes(self, request_id):
        with self.transaction() as env:
            lines = env["interop.privacy.request"].browse(request_id).line_ids
            return {line.message_id.uuid: line.outcome for line in lines}

    def found(self, value=PERSON):
        with self.transaction() as env:
            return set(env["interop.message"].search([("person", "=", value)]).mapped("uuid"))
