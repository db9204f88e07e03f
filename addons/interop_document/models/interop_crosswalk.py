import uuid
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.interop_base.lib.failures import DataError
from odoo.addons.interop_base.lib.keyring import KeyringError

from ..lib.canonical import canonical_json
from ..lib.crosswalk import UNKNOWN_RULES, Crosswalk, Rules, Unknown
from ..lib.lookup import OUT, Unmapped

# Compiled crosswalks of this process, by record, stamp, company and rules: a stamp never comes
# again, so what a transaction compiled and then rolled back is found by nobody.
_COMPILED: OrderedDict[tuple[int, str, int, Rules], Crosswalk] = OrderedDict()
_COMPILED_KEPT = 500


class InteropCrosswalk(models.Model):
    """Which code of ours is which code of a partner. Entries are live: fixing one needs no
    publishing. The rules for unknown codes are part of what flows publish."""

    _name = "interop.crosswalk"
    _description = "Crosswalk"
    _order = "name, id"

    name = fields.Char(required=True, help="What is translated for whom, e.g. Units of a supplier.")
    code = fields.Char(
        required=True,
        help="The fixed name that mappings know the crosswalk by. It cannot be changed later.",
    )
    active = fields.Boolean(
        default=True, help="Archive a crosswalk that should not be chosen any more. Flows go on."
    )
    kind = fields.Selection(
        selection=[
            ("units", "Units"),
            ("items", "Items"),
            ("locations", "Locations"),
            ("taxes", "Taxes"),
            ("carriers", "Carriers"),
            ("payment_terms", "Payment terms"),
            ("reasons", "Reasons"),
            ("other", "Other"),
        ],
        string="Translates",
        required=True,
        default="other",
        help="What the codes stand for.",
    )
    party = fields.Char(help="Whose codes the other side's are, for example a supplier's system.")
    partner_id = fields.Many2one(
        "res.partner", ondelete="set null", help="The partner whose codes they are, if it is one."
    )
    company_id = fields.Many2one(
        "res.company", index=True, help="The company that may use it. Empty: all companies."
    )
    area_id = fields.Many2one(
        "interop.area",
        string="Business area",
        ondelete="restrict",
        index=True,
        help="Users of this area see the crosswalk. Empty: all areas.",
    )
    unknown_out = fields.Selection(
        selection=list(UNKNOWN_RULES.items()),
        string="Unknown code of ours",
        required=True,
        default="fail",
        help="What happens on the way out to a code that no entry names.",
    )
    default_out = fields.Char(
        string="Their default", help="Sent instead of an unknown code, if the rule says so."
    )
    unknown_in = fields.Selection(
        selection=list(UNKNOWN_RULES.items()),
        string="Unknown code of theirs",
        required=True,
        default="fail",
        help="What happens on the way in to a code that no entry names.",
    )
    default_in = fields.Char(
        string="Our default", help="Taken instead of an unknown code, if the rule says so."
    )
    ignore_case = fields.Boolean(help="Capital and small letters are the same in both codes.")
    ignore_spaces = fields.Boolean(
        default=True,
        help="Spaces around a code do not count, and several in a row count as one.",
    )
    entry_ids = fields.One2many(
        "interop.crosswalk.entry",
        "crosswalk_id",
        string="Entries",
        copy=True,
        help="Our code and theirs, and when the pair holds.",
    )
    stamp = fields.Char(
        readonly=True,
        copy=False,
        help="Changes with every change of the crosswalk. Whoever keeps a copy looks at it.",
    )
    note = fields.Text(help="Where the codes come from, and whom to ask.")

    _code_unique = models.UniqueIndex("(code)", "Another crosswalk has this code.")

    @api.constrains("ignore_case", "ignore_spaces")
    def _check_conflicts(self) -> None:
        """Rules can make one code of two."""
        self.entry_ids._check_conflicts()

    # -- changes -------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        crosswalks = super().create(vals_list)
        for crosswalk in crosswalks:
            self.env["interop.audit"]._record(
                "crosswalk.create", record=crosswalk, details={"code": crosswalk.code}
            )
        crosswalks._touch()
        return crosswalks

    def write(self, vals):
        if "code" in vals and any(crosswalk.code != vals["code"] for crosswalk in self):
            raise UserError(self.env._("Mappings know the crosswalk by its code: it stays."))
        before = {crosswalk.id: crosswalk._snapshot() for crosswalk in self if vals}
        # Nobody chooses a stamp: one that was used before would bring back what was kept under it.
        result = super().write({**vals, "stamp": uuid.uuid4().hex})
        self._note_change()
        for crosswalk in self if vals else ():
            # Rules are published, unlike codes: who approves must not have changed them.
            if crosswalk._snapshot() != before[crosswalk.id]:
                self.env["interop.audit"]._record(
                    "crosswalk.rules.change", record=crosswalk, details={"code": crosswalk.code}
                )
        return result

    def unlink(self):
        for crosswalk in self:
            self.env["interop.audit"]._record(
                "crosswalk.delete", record=crosswalk, details={"code": crosswalk.code}
            )
        return super().unlink()

    def _touch(self) -> None:
        """A new stamp: copies are out of date, and of two who change one crosswalk at once the
        second starts again (40001), so that each check sees all entries.

        This is what keeps out entries that overlap. An exclusion constraint of PostgreSQL could
        not: which codes are the same is told by the crosswalk's rules, and its extension
        (btree_gist) is not everywhere to be had.
        """
        self.sudo().write({})

    def _note_change(self) -> None:
        precommit = self.env.cr.precommit
        changed = precommit.data.setdefault("interop_crosswalk.changed", {})
        if not changed:
            precommit.add(self._record_changes)
        for crosswalk in self:
            changed.setdefault(crosswalk.id, self.env.uid)

    @api.model
    def _record_changes(self) -> None:
        """One entry per crosswalk and transaction; of the codes a keyed digest is evidence."""
        changed = self.env.cr.precommit.data.pop("interop_crosswalk.changed", {})
        for crosswalk_id, user_id in changed.items():
            crosswalk = self.sudo().browse(crosswalk_id).exists()
            if crosswalk:
                listed = [entry._facts() for entry in crosswalk.entry_ids.sorted("id")]
                content = {"rules": crosswalk._snapshot(), "entries": listed}
                data = canonical_json(content)
                self.env["interop.audit"].with_user(user_id)._record(
                    "crosswalk.change",
                    record=crosswalk,
                    digest=self._keyed_digest(data),
                    details={"code": crosswalk.code, "entries": len(listed)},
                )

    @api.model
    def _keyed_digest(self, data: bytes) -> str | None:
        """Short lists of short codes could be guessed from a plain digest. None without a keyring:
        that a crosswalk was changed is noted all the same."""
        try:
            return self.env["interop.keyring"]._get().mac("crosswalk/content", data)
        except KeyringError:
            return None

    # -- for the engine ------------------------------------------------------------------------

    def _rules(self) -> Rules:
        self.ensure_one()
        return Rules(
            code=self.code,
            out=Unknown(self.unknown_out, self.default_out or ""),
            back=Unknown(self.unknown_in, self.default_in or ""),
            ignore_case=self.ignore_case,
            ignore_spaces=self.ignore_spaces,
        )

    def _snapshot(self) -> dict[str, Any]:
        """What a flow publishes of it: the rules. `rules_of` reads it."""
        return self._rules().snapshot()

    @api.model
    def _lookup(
        self, company_id: int, rules: Mapping[str, Rules] | None = None
    ) -> "CrosswalkLookup":
        """Translates for that company, as of the start of this transaction: make one for each.

        `rules` are those that a flow has published, by the crosswalk's code. Entries are live.
        """
        crosswalks = self.sudo().with_context(active_test=False)
        return CrosswalkLookup(crosswalks, company_id, rules or {})

    def _compile(self, company_id: int, rules: Rules | None = None) -> Crosswalk:
        """As that company sees it: made once per process, stamp and rules."""
        rules = rules or self._rules()
        key = (self.id, self.stamp, company_id, rules)
        compiled = _COMPILED.get(key)
        if compiled is None:
            entries = [entry._entry() for entry in self.entry_ids]
            compiled = _COMPILED[key] = Crosswalk(rules, entries, company_id)
            while len(_COMPILED) > _COMPILED_KEPT:
                _COMPILED.popitem(last=False)
        return compiled


class CrosswalkLookup:
    """A `Lookup` that reads a crosswalk when it is first asked for, one query each."""

    def __init__(
        self, crosswalks: InteropCrosswalk, company_id: int, rules: Mapping[str, Rules]
    ) -> None:
        self._crosswalks = crosswalks
        self._company_id = company_id
        self._rules = rules
        self.today = fields.Date.context_today(crosswalks)
        self._compiled: dict[str, Crosswalk] = {}
        self._stamps: dict[str, str] = {}

    def __call__(
        self, crosswalk: str, code: str, way: str = OUT, on: date | None = None
    ) -> str | None:
        return self.compiled(crosswalk).translate(code, way, on or self.today)

    def noted(self, missing: Unmapped) -> Unmapped:
        folded = self.compiled(missing.crosswalk).rules.fold(missing.code)
        return replace(missing, folded=folded, stamp=self.stamp(missing.crosswalk))

    def compiled(self, code: str) -> Crosswalk:
        """That crosswalk as the company sees it; raises `DataError` if it has none."""
        found = self._compiled.get(code)
        if found is None:
            crosswalk = self._find(code)
            found = crosswalk._compile(self._company_id, self._rules.get(code))
            self._compiled[code] = found
            self._stamps[code] = f"{crosswalk.stamp} {self.today}"
        return found

    def stamp(self, code: str) -> str:
        """State and day of that crosswalk: as long as they are the same, so are its answers."""
        self.compiled(code)
        return self._stamps[code]

    def _find(self, code: str) -> InteropCrosswalk:
        companies = (False, self._company_id)
        domain = [("code", "=", code), ("company_id", "in", companies)]
        found = self._crosswalks.search(domain, limit=1)
        if not found:
            raise DataError(f"There is no crosswalk {code} for the company of the document.")
        return found
