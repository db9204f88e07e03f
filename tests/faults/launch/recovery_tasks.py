"""What a child of the nursery can do for a test of restoring: what was so before the disaster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tasks import NAMESPACE, task, transaction


@task
def go_into_production(database: str, people: Mapping[str, Sequence[str]]) -> None:
    """As an installation that has been in production for long. `people`: their roles by login.

    Their password is their login.
    """
    with transaction(database) as env:
        env.cr.execute("UPDATE interop_connector SET environment = 'production'")
        company = env.ref(f"{NAMESPACE}.company_nmc")
        for login, roles in people.items():
            groups = [(4, env.ref(f"interop_base.group_{role}").id) for role in roles]
            env["res.users"].create(
                {
                    "name": login.title(),
                    "login": login,
                    "password": login,
                    "company_id": company.id,
                    "company_ids": [(4, company.id)],
                    "group_ids": groups,
                }
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


@task
def seal_trail(database: str) -> bool:
    """Seal the audit trail, as its scheduled action does each minute; whether all of it is."""
    with transaction(database) as env:
        env["interop.audit.sealer"]._seal()
    with transaction(database) as env:
        return env["interop.audit.sealer"]._lag() is None
