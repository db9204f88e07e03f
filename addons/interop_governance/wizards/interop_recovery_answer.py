import base64
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..lib.reconciling import AnswerError, Known, read_answer


class InteropRecoveryAnswer(models.TransientModel):
    """The file of keys for the partner, and the file with its answer."""

    _name = "interop.recovery.answer"
    _description = "Partner's Answer After a Restore"

    line_id = fields.Many2one(
        "interop.recovery.line", required=True, readonly=True, ondelete="cascade",
        help="The connector it is about.",
    )  # fmt: skip
    keys_file = fields.Binary(
        string="Keys for the partner", readonly=True, attachment=False,
        help="The keys in doubt with kind of document and time, as CSV. Nothing of their content.",
    )  # fmt: skip
    keys_name = fields.Char(help="Name of the file.")
    answer = fields.Binary(
        string="Partner's answer", attachment=False,
        help="A CSV with a column “key”, and “received_at” if the partner has it: all messages of "
        "ours that it has received since the backup was made, not only those in the other file.",
    )  # fmt: skip
    answer_name = fields.Char(help="Name of the file.")
    complete = fields.Boolean(
        string="The answer is complete",
        help="The partner says that it has no other message of ours of that time. Then what it "
        "does not name is sent. Leave it off if the list may be cut: the others stay in doubt.",
    )  # fmt: skip
    meaning = fields.Text(compute="_compute_meaning", help="What the answer means.")

    @api.depends("answer", "complete")
    def _compute_meaning(self) -> None:
        for wizard in self:
            wizard.meaning = wizard._meaning() if wizard.answer else False

    def _meaning(self) -> str:
        try:
            found = self.line_id._compare(self._answered())
        except UserError as error:
            return str(error)
        _ = self.env._
        rest = _("they are sent") if self.complete else _("they stay in doubt")
        return "\n".join(
            [
                _(
                    "%s in doubt are known to the partner: they are never sent again.",
                    len(found.known),
                ),
                _("%(count)s are not named: %(rest)s.", count=len(found.missing), rest=rest),
                _("%s are known to the partner and lost here: settle each.", len(found.lost)),
            ]
        )

    def _answered(self) -> list[Known]:
        sentence = ""
        try:
            return read_answer(base64.b64decode(self.answer or b""))
        except AnswerError as error:
            sentence = str(error)
        raise UserError(sentence)

    def action_take(self) -> dict[str, Any]:
        """Note what the partner has, and act on it if the installation is armed. Managers."""
        self.ensure_one()
        line = self.line_id
        line.recovery_id._check_may_work()
        if not self.answer:
            raise UserError(self.env._("Choose the file with the partner's answer."))
        line._take_answer(line._compare(self._answered()), self.complete, "file")
        return {"type": "ir.actions.act_window_close"}
