from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from odoo import SUPERUSER_ID, fields, models

from .. import sql_access
from ..lib.rights import BY_GROUP, UNUSED_DAYS, clashes, used_by


class InteropAccessReviewTaking(models.AbstractModel):
    """Lists each right of each user of a company, with what the trail says about its use."""

    _name = "interop.access.review.taking"
    _description = "Access Review: Taking the List"

    def _take_lines(self) -> None:
        """Replace the review's list by what is true now."""
        self.ensure_one()
        review = self.sudo()
        lines = review.env["interop.access.review.line"]
        review.line_ids.unlink()
        lines.create(self._found())
        review.write({"taken_at": fields.Datetime.now()})

    def _found(self) -> list[dict[str, Any]]:
        """What the lines are to say: a few statements, however many users there are."""
        self.env["res.users"].flush_model(["active"])
        cr = self.env.cr
        cr.execute(sql_access.HELD, {"company": self.company_id.id, "root": SUPERUSER_ID})
        held: dict[int, dict[str, list[int]]] = defaultdict(dict)
        for user_id, right, groups in cr.fetchall():
            held[user_id][right] = groups
        cr.execute(sql_access.IMPLIED)
        implied: dict[str, set[str]] = defaultdict(set)
        for right, with_it in cr.fetchall():
            implied[right].add(with_it)
        users = self.env["res.users"].sudo().browse(held)
        acts, logins = self._uses(users.ids)
        groups = self.env["res.groups"].sudo()
        names = _Names(groups, {right for rights in held.values() for right in rights})
        now = fields.Datetime.now()
        return [
            self._line(user, right, held[user.id], implied, acts[user.id], names)
            | _findings(
                _codes(held[user.id]),
                _code(right),
                _last(acts[user.id], right, implied[right]),
                logins.get(user.id),
                user.create_date,
                now,
            )
            | {"last_login_at": logins.get(user.id)}
            for user in users
            for right in _topmost(held[user.id], implied, names)
        ]

    def _uses(
        self, user_ids: list[int]
    ) -> tuple[dict[int, dict[str, datetime]], dict[int, datetime]]:
        """Of each user: act -> when last; and when they logged in last. In UTC."""
        cr = self.env.cr
        acts: dict[int, dict[str, datetime]] = defaultdict(dict)
        cr.execute(sql_access.LAST_ACTS, {"users": user_ids})
        for user_id, act, at in cr.fetchall():
            acts[user_id][act] = at
        self.env["res.users.log"].flush_model()
        cr.execute(sql_access.LAST_LOGINS, {"users": user_ids})
        return acts, dict(cr.fetchall())

    def _line(self, user, right, held, implied, acts, names) -> dict[str, Any]:
        own = names.group_ids.get(right)
        given = [group for group in held[right] if group != own]
        return {
            "review_id": self.id,
            "user_id": user.id,
            "user_name": user.name,
            "login": user.login,
            "right_code": _code(right),
            "group_code": right,
            "right": names.label(right),
            "includes": ", ".join(
                sorted(names.label(each) for each in implied[right] & held.keys())
            ),
            "given_by": names.of(given) if given and own not in held[right] else False,
            "companies": ", ".join(user.company_ids.mapped("name")),
            "areas": ", ".join(user.interop_area_ids.mapped("name")),
            "last_use_at": _last(acts, right, implied[right]),
        }


class _Names:
    """What groups are called, read once."""

    def __init__(self, groups, codes: set[str]) -> None:
        self._groups = groups
        self.group_ids: dict[str, int] = {}
        self._known: dict[tuple[int, ...], str] = {}
        for code in codes:
            group = groups.env.ref(code, raise_if_not_found=False)
            if group:
                self.group_ids[code] = group.id

    def label(self, code: str) -> str:
        if code in BY_GROUP:
            return BY_GROUP[code].label
        return self.of([self.group_ids[code]]) if code in self.group_ids else code

    def of(self, group_ids: list[int]) -> str:
        key = tuple(group_ids)
        if key not in self._known:
            groups = self._groups.browse(key).exists()
            self._known[key] = ", ".join(groups.mapped("full_name"))
        return self._known[key]


def _code(right: str) -> str:
    return BY_GROUP[right].code if right in BY_GROUP else right


def _codes(held: dict[str, list[int]]) -> set[str]:
    return {_code(right) for right in held}


def _topmost(held: dict[str, list[int]], implied: dict[str, set[str]], names: _Names) -> list[str]:
    """The rights that come with no other one of the user's, or were given for themselves."""
    return [
        right
        for right, groups in held.items()
        if names.group_ids.get(right) in groups or not any(right in implied[each] for each in held)
    ]


def _last(acts: dict[str, datetime], right: str, with_it: set[str]) -> datetime | None:
    """When the right was used last, or one that comes with it. Seeing is used by every act."""
    mine = {BY_GROUP[each].code for each in {right, *with_it} if each in BY_GROUP}
    if mine == {"user"}:
        return max(acts.values(), default=None)
    return max(
        (at for act, at in acts.items() if any(each.code in mine for each in used_by(act))),
        default=None,
    )


def _findings(
    codes: set[str],
    code: str,
    last_use: datetime | None,
    last_login: datetime | None,
    created: datetime,
    now: datetime,
) -> dict[str, Any]:
    # Who only looks leaves an act seldom: to have logged in is use enough of that right.
    used = max(filter(None, (last_use, last_login if code == "user" else None)), default=None)
    unused = (used or created) < now - timedelta(days=UNUSED_DAYS)
    # Said beside each of the rights that would have to go.
    without = clashes(codes - {code})
    clash = " ".join(sentence for sentence in clashes(codes) if sentence not in without)
    return {
        "unused": unused,
        "never_used": not used,
        "clash": clash or False,
        "flagged": unused or bool(clash),
    }
