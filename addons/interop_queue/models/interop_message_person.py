from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain


class InteropMessagePerson(models.AbstractModel):
    """Finding messages by whom they are about, although nothing of it is kept in the clear."""

    _name = "interop.message.person"
    _description = "Message: Person"

    person = fields.Char(
        compute="_compute_person",
        search="_search_person",
        groups="interop_base.group_payload_reader",
        help="Finds the messages about a person by a whole name, number, phone or e-mail address. "
        "Nothing of it is kept here in the clear, so a part of it finds nothing.",
    )

    def _compute_person(self) -> None:
        self.person = False

    @api.model
    def _search_person(self, operator: str, value: object) -> Domain:
        """Equality only: a digest knows no parts. Who asks is noted, whom they asked for is not."""
        if not self.env.su and not self.env.user.has_group("interop_base.group_payload_reader"):
            raise AccessError(self.env._("Looking for a person needs the right “Payload Reader”."))
        if operator != "in":
            return NotImplemented
        ids = self.env["interop.persons"]._messages_of([each for each in value if each])
        self.env["interop.audit"]._record("person.search", details={"found": len(ids)})
        return Domain("id", "in", ids)
