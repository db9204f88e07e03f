from collections import defaultdict

from odoo import SUPERUSER_ID, api, models

from .. import sql, sql_rights
from ..lib.entry import AuditRow

BEFORE = "interop_audit.rights_before"

Rights = dict[int, dict[str, set[str]]]


class InteropAuditRights(models.AbstractModel):
    """Notes which rights, companies and areas of Interop a user was given or lost, however.

    Taken from what is true before and after a transaction: so it makes no difference whether a
    user was given a role, a role was given the user, one role came to imply another, or somebody
    was archived.
    """

    _name = "interop.audit.rights"
    _description = "Evidence of Rights Given and Taken"

    @api.model
    def _watch(self) -> None:
        """Somebody's rights may change now: compare them when the transaction commits."""
        precommit = self.env.cr.precommit
        if BEFORE not in precommit.data:
            precommit.data[BEFORE] = (self.env.uid, self._standing())
            precommit.add(self._record_differences)

    @api.model
    def _standing(self) -> Rights:
        """User -> kind (rights, companies, areas) -> what they hold now. Only active users who
        hold a right that Interop gives, or are administrators of Odoo."""
        # Links are written at once, and only this waits for a flush.
        self.env["res.users"].flush_model(["active"])
        self.env.cr.execute(sql_rights.STANDING)
        found: Rights = defaultdict(lambda: defaultdict(set))
        for user_id, kind, value in self.env.cr.fetchall():
            found[user_id][kind].add(value)
        return found

    @api.model
    def _record_differences(self) -> None:
        user_id, before = self.env.cr.precommit.data.pop(BEFORE)
        self.env.cr.execute(sql.EXISTS)
        if not self.env.cr.fetchone()[0]:
            return
        now = self._standing()
        concerned = sorted(
            user for user in before.keys() | now.keys() if before.get(user) != now.get(user)
        )
        env = self.env(user=SUPERUSER_ID)
        users = env["res.users"].with_context(active_test=False).browse(concerned).exists()
        companies = {user.id: user.company_id.id for user in users}
        logins = {user.id: user.login for user in users}
        rows = [
            AuditRow(
                act=f"access.{act}",
                res_model="res.users",
                res_id=user,
                company_id=companies.get(user),
                details={"login": logins.get(user, "deleted"), **difference},
            )
            for user in concerned
            for act, old, new in (
                ("granted", before.get(user, {}), now.get(user, {})),
                ("taken", now.get(user, {}), before.get(user, {})),
            )
            if (difference := _more(old, new))
        ]
        env["interop.audit"].with_user(user_id)._record_many(rows)


def _more(old: dict[str, set[str]], new: dict[str, set[str]]) -> dict[str, list[str]]:
    """What ``new`` holds that ``old`` does not, by kind."""
    return {
        kind: sorted(values - old.get(kind, set()))
        for kind, values in new.items()
        if values - old.get(kind, set())
    }
