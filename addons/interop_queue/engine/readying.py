"""Checks before a flow goes live: the way to the partner, who acts, and who moves the messages.

Each looks at one thing and says what to do about it. Flows come with the engine's rights.
"""

from __future__ import annotations

from collections.abc import Iterator

from odoo import models

from odoo.addons.interop_base.lib.failures import FenceClosed
from odoo.addons.interop_connector.lib.transport import TRANSPORTS

from ..lib.handlers import HANDLERS
from ..lib.readiness import MISSING, READY, WARNING, Finding, check, some

Findings = Iterator[Finding]


def place_of(record: models.BaseModel) -> tuple[str, int] | None:
    """What a finding points to."""
    return (record._name, record.id) if record else None


@check("environment", "Environment", 10)
def environment(flow: models.BaseModel) -> Findings:
    """The fence is open, and for the connector's own environment."""
    _, connector = flow.env._, flow.connector_id
    fence = flow.env["interop.fence"]
    state = fence._state()
    try:
        fence._require_open(connector.environment, state)
    except FenceClosed as closed:
        target = place_of(connector) if state.is_open else None
        yield Finding("environment", MISSING, closed.sentence, target)
        return
    yield Finding("environment", READY, _("The server, this database and the connector agree."))


@check("connector", "Connector", 20)
def connector(flow: models.BaseModel) -> Findings:
    """Messages may travel: it is active."""
    _, way = flow.env._, flow.connector_id
    if way.state == "active":
        yield Finding("connector", READY, _("“%s” is active.", way.name), place_of(way))
        return
    lacks = list(way._missing())
    told = _("Activate the connector “%s”.", way.name)
    if lacks:
        told += " " + _("It lacks: %s", " ".join(lacks))
    elif way.state == "retired":
        told = _("The connector “%s” is retired. Choose another one.", way.name)
    yield Finding("connector", MISSING, told, place_of(way))


@check("secret", "Secrets", 30)
def secret(flow: models.BaseModel) -> Findings:
    """What the flow needs to be known by, or to know the partner by, is there and still holds."""
    _, way = flow.env._, flow.connector_id
    if flow.direction == "in":
        needed = way.inbound_secret_id
        if not needed:
            told = _("Choose the partner's signing key: without one nothing is taken in.")
            yield Finding("secret", MISSING, told, place_of(way))
            return
    else:
        needed = way.auth_secret_id | way.signing_secret_id | way.certificate_secret_id
    sound = True
    for each in needed:
        finding = _about_secret(each)
        if finding:
            sound = False
            yield finding
    if not sound:
        return
    if needed:
        told = _("Present and valid: %s.", some(needed.mapped("name")))
        yield Finding("secret", READY, told, place_of(needed[:1]))
    else:
        told = _("The connector shows no secret to the partner. Few partners take that.")
        yield Finding("secret", WARNING, told, place_of(way))


def _about_secret(each: models.BaseModel) -> Finding | None:
    _ = each.env._
    if each.source_problem:
        told, status = (
            _("The secret “%(name)s”: %(why)s", name=each.name, why=each.source_problem),
            MISSING,
        )
    elif not each.has_value:
        told, status = _("Enter the value of the secret “%s”.", each.name), MISSING
    elif each.expiry == "expired":
        told, status = _("The secret “%s” has ended. Enter a new value.", each.name), MISSING
    elif each.expiry == "soon":
        told, status = (
            _("The secret “%(name)s” ends on %(day)s.", name=each.name, day=each.expires_on),
            WARNING,
        )
    else:
        return None
    return Finding("secret", status, told, place_of(each))


@check("address", "Address", 40)
def address(flow: models.BaseModel) -> Findings:
    """There is an address to send to, or the partner has one to send to."""
    _, way = flow.env._, flow.connector_id
    if flow.direction == "in":
        told = _("The partner sends to %s, below this server's own address.", flow.address)
        yield Finding("address", READY, told, place_of(way))
        return
    endpoint = way.endpoint_ids.filtered(lambda each: each.purpose == "default")[:1]
    if not endpoint or not (endpoint.url or "").strip():
        told = _("Add an endpoint “default” with the partner's address.")
        yield Finding("address", MISSING, told, place_of(way))
        return
    try:
        TRANSPORTS.get(way.transport).check_url(endpoint.url)
    except (LookupError, ValueError) as problem:
        told = _("Endpoint “%(name)s”: %(why)s", name=endpoint.name, why=problem)
        yield Finding("address", MISSING, told, place_of(way))
        return
    told = _("Messages go to the endpoint “%s”.", endpoint.name)
    yield Finding("address", READY, told, place_of(way))


@check("owner", "Owner", 50)
def owner(flow: models.BaseModel) -> Findings:
    """Somebody answers for it, and can be reached and see it."""
    _, person = flow.env._, flow.owner_id
    if not person or not person.active:
        told = _("Choose an owner who is still here: problems are told to nobody otherwise.")
        yield Finding("owner", MISSING, told, place_of(flow))
    elif not person.has_group("interop_base.group_user"):
        told = _("%s answers for the flow, but may not see it. Give the role “User”.", person.name)
        yield Finding("owner", MISSING, told, place_of(person))
    elif flow.company_id and flow.company_id not in person.company_ids:
        told = _("%s answers for the flow, but not in its company.", person.name)
        yield Finding("owner", WARNING, told, place_of(person))
    else:
        yield Finding("owner", READY, _("%s answers for it.", person.name), place_of(person))


@check("approver", "Approval", 55)
def approver(flow: models.BaseModel) -> Findings:
    """Where a second person puts it in force, there is one who may."""
    _ = flow.env._
    if not flow.needs_second_person:
        yield Finding("approver", READY, _("One person puts it in force here."))
        return
    approvers = flow._approvers()
    free = approvers - flow._authors()
    if free:
        told = _("May approve what is proposed: %s.", some(free.mapped("name")))
        yield Finding("approver", READY, told)
    elif approvers:
        told = _(
            "Whoever may approve wrote some of it: %s. Have somebody else propose and write, or "
            "give the right “Approver” to one more.",
            some(approvers.mapped("name")),
        )
        yield Finding("approver", MISSING, told)
    else:
        told = _(
            "Nobody may approve it. Give the right “Approver” to somebody who sees the flow by "
            "company and business area (Settings, Users, Approval): no other role includes it."
        )
        yield Finding("approver", MISSING, told)


@check("service_user", "Acts as", 60)
def service_user(flow: models.BaseModel) -> Findings:
    """The user that the flow acts as has the rights it needs, and not all there are."""
    _, user = flow.env._, flow.service_user_id
    if not user:
        told = _("Choose the user whose rights the flow has in Odoo.")
        yield Finding("service_user", MISSING, told, place_of(flow))
        return
    company = flow.company_id
    if company and company not in user.company_ids:
        told = _("%(user)s is no user of %(company)s.", user=user.name, company=company.name)
        yield Finding("service_user", MISSING, told, place_of(user))
        return
    lacks = _rights_lacking(flow, user)
    if lacks:
        told = _("%(user)s lacks rights in Odoo: %(rights)s.", user=user.name, rights=some(lacks))
        yield Finding("service_user", MISSING, told, place_of(user))
    elif user._is_superuser() or user.has_group("base.group_system"):
        told = _("%s may do anything in Odoo. Let the flow act as a user of its own.", user.name)
        yield Finding("service_user", WARNING, told, place_of(user))
    else:
        told = _("%s has the rights that the flow needs.", user.name)
        yield Finding("service_user", READY, told, place_of(user))


def _rights_lacking(flow: models.BaseModel, user: models.BaseModel) -> list[str]:
    labels = {
        "read": flow.env._("read"), "write": flow.env._("change"),
        "create": flow.env._("create"), "unlink": flow.env._("delete"),
    }  # fmt: skip
    if flow.handler not in HANDLERS:
        return []  # told by the check of settings
    lacking = []
    acting = flow.env(user=user.id, su=False)
    for model, operation in acting[HANDLERS.get(flow.handler).model]._needs:
        if not acting[model].has_access(operation):
            lacking.append(f"{labels[operation]} “{acting[model]._description}”")
    return lacking


@check("lanes", "Lanes", 130)
def lanes(flow: models.BaseModel) -> Findings:
    """Something moves the messages."""
    _, found = flow.env._, flow.env["interop.lane"].search([])
    alive = found.filtered(lambda lane: lane.status in ("working", "idle"))
    if alive:
        told = _("Messages are moved by %s.", some(alive.mapped("name")))
        yield Finding("lanes", READY, told, place_of(alive[:1]))
        return
    still = found.filtered(lambda lane: lane.status == "still")[:1]
    if still:
        told = _("%(lane)s stands still: %(why)s", lane=still.name, why=still.last_reason)
        yield Finding("lanes", MISSING, told, place_of(still))
        return
    told = _("No lane was heard of lately. Start Odoo's scheduled actions or a dedicated worker.")
    yield Finding("lanes", MISSING, told, place_of(found[:1]))
