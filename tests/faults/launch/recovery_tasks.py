"""What a child of the nursery can do about a restore: as the people would who deal with it."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tasks import task, transaction

from odoo import api
from odoo.exceptions import AccessError, UserError


@task
def go_into_production(database: str, approver: str) -> None:
    """As an installation that has been in production for long; with somebody who may approve."""
    with transaction(database) as env:
        env.cr.execute("UPDATE interop_connector SET environment = 'production'")
        group = env.ref("interop_base.group_approver")
        env["res.users"].create(
            {"name": "Approver", "login": approver, "group_ids": [(4, group.id)]}
        )


@task
def can_be_asked(database: str, flow: str, url: str) -> None:
    """The partner of a flow tells over HTTP which keys it has."""
    with transaction(database) as env:
        connector = env["interop.flow"].search([("code", "=", flow)]).connector_id
        env["interop.endpoint"].create(
            {
                "connector_id": connector.id,
                "name": "Which have you got?",
                "purpose": "reconcile",
                "url": url,
            }
        )


@contextmanager
def case(database: str, login: str = "admin") -> Iterator[Any]:
    with transaction(database) as env:
        user = env["res.users"].search([("login", "=", login)])
        yield api.Environment(env.cr, user.id, {})["interop.recovery"].search([], limit=1)


def line_of(recovery: Any, flow: str) -> Any:
    return recovery.line_ids.filtered(lambda line: line.connector_id.code == flow)


@task
def recovery_figures(database: str) -> dict[str, Any]:
    with case(database) as recovery:
        return {
            "state": recovery.state,
            "in_doubt": recovery.in_doubt,
            "lost": sorted(recovery.lost_ids.mapped("key")),
            "proposals": {
                line.connector_id.code: line.proposal for line in recovery.line_ids if line.in_doubt
            },
            "to_do": recovery.to_do or "",
        }


@task
def recovery_decide(database: str, decisions: Mapping[str, str]) -> None:
    with case(database) as recovery:
        for flow, decision in decisions.items():
            line_of(recovery, flow).decision = decision


@task
def recovery_answer(database: str, flow: str, answer: str) -> str:
    """Take in a partner's complete list; tells what it meant."""
    with case(database) as recovery:
        shown = line_of(recovery, flow).action_compare()
        wizard = recovery.env[shown["res_model"]].browse(shown["res_id"])
        wizard.write({"answer": base64.b64encode(answer.encode()), "complete": True})
        meaning = wizard.meaning
        wizard.action_take()
        return str(meaning)


@task
def recovery_approve(database: str, login: str) -> str:
    """Empty if it was approved, else why not."""
    try:
        with case(database, login) as recovery:
            recovery.action_approve()
    except (AccessError, UserError) as refused:
        return str(refused)
    return ""


@task
def recovery_ask_partner(database: str, flow: str) -> None:
    with case(database) as recovery:
        line_of(recovery, flow).action_ask_partner()


@task
def recovery_close(database: str) -> str:
    """Settle what was lost, and close; tells the state."""
    with case(database) as recovery:
        recovery.lost_ids.write({"settlement": "entered_again", "note": "Found in the paper file"})
        recovery.action_close()
        return str(recovery.state)
