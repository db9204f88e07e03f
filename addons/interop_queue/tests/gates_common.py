from ..engine import gates
from ..engine.transaction import read_committed, run
from .common import WIRE, EngineCase


class GateCase(EngineCase):
    """A connector with a primary and a secondary endpoint, published."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.transaction() as env:
            connector = env["interop.connector"].browse(cls.world["connector"])
            cls.primary = connector.endpoint_ids.id
            secondary = env["interop.endpoint"].create(
                {
                    "connector_id": connector.id,
                    "name": "Second",
                    "url": "https://second.example/",
                    "sequence": 20,
                }
            )
            cls.secondary = secondary.id
            env["interop.flow"].browse(cls.world["out"]).action_publish()

    def setUp(self):
        super().setUp()
        self.went = []
        send = type(WIRE).send

        def noted(wire, endpoint, outgoing):
            self.went.append(endpoint.url.split("/")[2].split(".")[0])
            return send(wire, endpoint, outgoing)

        type(WIRE).send = noted
        self.addCleanup(setattr, type(WIRE), "send", send)
        self.addCleanup(self.reset)
        self.configure(breaker_failures=3, breaker_rate=0, breaker_wait=30)

    def reset(self):
        with self.transaction() as env:
            connector = env["interop.connector"].browse(self.world["connector"])
            connector.window_ids.unlink()
            connector.write({"rate_limit": 0, "max_in_flight": 8})
        gates.refresh_windows(self.registry)
        with read_committed(self.registry) as cr:
            cr.execute("UPDATE interop_connector_runtime SET tokens = NULL, tokens_at = NULL")

    def configure(self, endpoint=None, **values):
        with self.transaction() as env:
            ids = [endpoint] if endpoint else [self.primary, self.secondary]
            env["interop.endpoint"].browse(ids).write(values)

    def connector(self, **values):
        with self.transaction() as env:
            env["interop.connector"].browse(self.world["connector"]).write(values)

    def act(self, endpoint, method, *arguments):
        with self.transaction() as env:
            getattr(env["interop.endpoint"].browse(endpoint), method)(*arguments)

    def breaker(self, endpoint):
        with self.transaction() as env:
            return env["interop.endpoint"].browse(endpoint).breaker_state

    def time_comes(self, endpoint):
        """Let the time of the next probe come."""
        with read_committed(self.registry) as cr:
            cr.execute(
                "UPDATE interop_endpoint_runtime SET open_until = timezone('utc', now()) "
                "WHERE endpoint_id = %s",
                [endpoint],
            )

    def claimable(self):
        with read_committed(self.registry) as cr:
            return run(cr, "count_claimable", limit=200)[0]["count"]

    def acts(self):
        with self.transaction() as env:
            env.cr.execute(
                "SELECT act FROM interop_audit_entry WHERE res_model = 'interop.connector' "
                "AND res_id = %s AND act LIKE 'breaker.%%' ORDER BY id",
                [self.world["connector"]],
            )
            return [act for (act,) in env.cr.fetchall()]
