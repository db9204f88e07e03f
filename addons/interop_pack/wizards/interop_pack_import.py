import base64
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.interop_base.lib.environments import label

from ..lib.pack import Pack, PackError, read_pack
from ..lib.signature import MAX_FILE, PackFile, read_file

# Who may be tricked into taking in an unsigned pack does not do so where patients are served.
_ELSEWHERE = ("development", "test", "staging")


class InteropPackImport(models.TransientModel):
    """Takes in a pack from a file: says who signed it, and asks where nobody known did."""

    _name = "interop.pack.import"
    _description = "Take in a Pack from a File"

    file = fields.Binary(
        required=True, attachment=False, help="A file whose name ends in .interop-pack."
    )
    file_name = fields.Char(help="The file's name.")
    verdict = fields.Selection(
        [
            ("trusted", "Signed by a trusted publisher"),
            ("unknown", "Not signed by anybody who is trusted here"),
            ("refused", "Cannot be taken in"),
        ],
        compute="_compute_verdict",
        help="Whether the pack may be taken in.",
    )
    told = fields.Text(
        string="What was found", compute="_compute_verdict", help="What is in it, and who says so."
    )
    confirmed = fields.Boolean(
        string="I know where this file comes from, and take it in all the same",
        help="Nobody who is trusted here has signed the pack: whoever made it decides what your "
        "flows show to a partner.",
    )

    @api.depends("file")
    def _compute_verdict(self) -> None:
        for wizard in self:
            if not wizard.file:
                wizard.verdict, wizard.told = False, False
                continue
            try:
                wizard.verdict, wizard.told = wizard._judge()[2:]
            except PackError as problem:
                wizard.verdict, wizard.told = "refused", problem.sentence

    def _judge(self) -> tuple[Pack, models.Model, str, str]:
        """The pack, its trusted signer, the verdict and a sentence. Raises `PackError`."""
        # Decoded is three quarters of it; nothing larger is even decoded.
        encoded = self.with_context(bin_size=False).file or b""
        if len(encoded) > MAX_FILE * 3 // 2:
            raise PackError([f"the file is larger than {MAX_FILE // 1024} KB"])
        file = read_file(base64.b64decode(encoded))
        pack = read_pack(file.pack)
        signer = self.env["interop.pack.publisher"]._signer_of(file)
        what = self.env._("%(name)s %(version)s.", name=pack.body["name"], version=pack.version)
        return pack, signer, *self._verdict(file, signer, what)

    def _verdict(self, file: PackFile, signer: models.Model, what: str) -> tuple[str, str]:
        if signer:
            told = self.env._(
                "It was signed by %(who)s (%(key)s).", who=signer.name, key=file.signer
            )
            return "trusted", f"{what} {told}"
        if file.signature:
            told = self.env._(
                "It names a signer whom nobody here trusts (%s), or was changed after it was "
                "signed.",
                file.signer,
            )
        else:
            told = self.env._("It is not signed.")
        environment = self.env["interop.fence"]._server_settings().environment
        if environment not in _ELSEWHERE:
            refused = self.env._(
                "On a server for %s only packs of trusted publishers are taken in. Ask for a "
                "signed file, and add the publisher's key.",
                label(environment) if environment else self.env._("an unknown environment"),
            )
            return "refused", f"{what} {told} {refused}"
        return "unknown", f"{what} {told}"

    def action_take_in(self) -> dict[str, Any]:
        """Install the pack and open it. Managers."""
        self.ensure_one()
        if not self.env.user.has_group("interop_base.group_manager") and not self.env.su:
            raise AccessError(self.env._("Only Interop managers may do this."))
        try:
            pack, signer, verdict, told = self._judge()
        except PackError as problem:
            raise UserError(problem.sentence) from None
        if verdict == "refused":
            raise UserError(told)
        if verdict == "unknown" and not self.confirmed:
            raise UserError(self.env._("%s Confirm that you know where the file comes from.", told))
        packs = self.env["interop.pack"]
        if signer:
            note = f"{signer.name} ({signer.fingerprint})"
            taken = packs._take_in(pack, "file", note)
        else:
            note = self.env._("confirmed by %s", self.env.user.name)
            taken = packs._take_in(pack, "unsigned", note)
        return {
            "type": "ir.actions.act_window",
            "res_model": "interop.pack",
            "res_id": taken.id,
            "views": [(False, "form")],
        }
