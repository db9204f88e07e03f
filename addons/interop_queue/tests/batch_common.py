import json
from unittest.mock import patch

from odoo.addons.interop_connector.lib.transport import Reply

from .common import WIRE, EngineCase


class BatchCase(EngineCase):
    """A flow in batch mode that gathers up to five documents."""

    settings = {}

    def setUp(self):
        super().setUp()
        self.publish(mode="batch", batch_size=5, batch_totals="quantity", **self.settings)
        self.addCleanup(
            self.publish, mode="realtime", batch_size=1, batch_totals=False, batch_release=False,
            batch_times=False, batch_minutes=0, coalesce=False,
        )  # fmt: skip

    def publish(self, **values):
        with self.transaction() as env:
            flow = env["interop.flow"].browse(self.world["out"])
            flow.write(values)
            flow.action_publish()
            env.flush_all()
            env.cr.precommit.run()

    def clear(self):
        with self.transaction() as env:
            env.cr.execute(
                "UPDATE interop_message SET batch_id = NULL, coalesced_into_id = NULL "
                "WHERE connector_id = %s",
                [self.world["connector"]],
            )
            env.cr.execute(
                "DELETE FROM interop_batch WHERE connector_id = %s", [self.world["connector"]]
            )
            env.cr.execute("UPDATE interop_flow SET batch_cut_at = NULL")
        return super().clear()

    def gather(self, count, chains=None, **body):
        bodies = [{"number": str(n), "quantity": n + 1} | body for n in range(count)]
        keys = self.enqueue_many(bodies, chains or [None] * count)
        with self.transaction() as env:
            env.cr.execute(
                "UPDATE interop_message SET state = 'waiting', held = 'batch' "
                "WHERE uuid = ANY (%s)",
                [keys],
            )
        return keys

    def cut_now(self):
        with self.transaction() as env:
            env["interop.flow"].browse(self.world["out"]).action_cut_now()

    def batches(self, *names):
        with self.transaction() as env:
            found = env["interop.batch"].search([("flow_id", "=", self.world["out"])], order="id")
            return [tuple(batch[name] for name in names) for batch in found]

    def act(self, method, *args, at=-1):
        with self.transaction() as env:
            found = env["interop.batch"].search([("flow_id", "=", self.world["out"])], order="id")
            return getattr(found[at], method)(*args)

    def sent(self):
        return [
            [each["number"] for each in (body if isinstance(body, list) else [body])]
            for _key, body in WIRE.seen
        ]

    def answering(self, document):
        send = type(WIRE).send

        def answer(wire, endpoint, outgoing):
            send(wire, endpoint, outgoing)
            return Reply(200, json.dumps(document).encode())

        return patch.object(type(WIRE), "send", answer)
