import json
import uuid

from odoo.exceptions import UserError

from odoo.addons.interop_base.lib.failures import BusinessError

from .common import EngineCase


class InboundCase(EngineCase):
    """Deliveries to the test's inbound flow, and a handler that makes a partner of each note."""

    def accept(self, body, ref=None, raw=None):
        with self.transaction() as env:
            intake = env["interop.intake"]
            route = intake._route(f"test-{self.tag}", f"in-{self.tag}")
            data = raw if raw is not None else json.dumps(body).encode()
            receipt = intake._accept(
                route, data, ref or str(uuid.uuid4()), "application/json", "127.0.0.1"
            )
        return receipt.message_uuid

    def apply(self, model, document, message):
        """The test handler: a partner record per note, found again by its reference."""
        number = document.body["number"]
        if number == "unknown":
            raise BusinessError("The note's number is not known here.")
        if number == "odoo-says-no":
            raise UserError(model.env._("Canary Person cannot be ordered"))
        partners = model.env["res.partner"]
        found = partners.search([("ref", "=", number)])
        return found or partners.create({"name": "Noted", "ref": number})

    def handled(self):
        return self.handler(
            _apply=lambda model, document, message: self.apply(model, document, message),
            _business_key=lambda model, document: document.body["number"],
        )

    def claimed(self, number=50):
        return self.claim(direction="in", slots=number)

    def partners(self, *refs):
        """How many partner records there are for each of these notes."""
        with self.transaction() as env:
            return [env["res.partner"].search_count([("ref", "=", ref)]) for ref in refs]
