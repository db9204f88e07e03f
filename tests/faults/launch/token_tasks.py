"""What a child of the nursery can do about access tokens."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tasks import task, transaction

from odoo.addons.interop_base.lib.failures import InteropError
from odoo.addons.interop_connector.published_secrets import PublishedSecrets


@task
def authenticate(database: str, flow: str, token_url: str) -> int:
    """From now on the flow's connector shows access tokens; return the id of the secret."""
    with transaction(database) as env:
        secret = env["interop.vault.secret"].create(
            {
                "name": f"Token server of {flow}",
                "kind": "oauth2",
                "token_url": token_url,
                "client_id": "us",
                "value": "client-secret",
                "company_id": False,
            }
        )
        found = env["interop.flow"].search([("code", "=", flow)])
        found.connector_id.auth_secret_id = secret
        found.action_publish()
        return secret.id


@task
def age_token(database: str, secret: int, seconds: float) -> None:
    """As if the token had been granted so much longer ago."""
    with transaction(database) as env:
        env.cr.execute(
            "UPDATE interop_vault_access_token "
            "SET granted_at = granted_at - %(s)s * interval '1 second', "
            "refresh_at = refresh_at - %(s)s * interval '1 second', "
            "expires_at = expires_at - %(s)s * interval '1 second' WHERE secret_id = %(id)s",
            {"s": seconds, "id": secret},
        )


@task
def show_token(database: str, secret: int, threads: int, seconds: float) -> list[str]:
    """Ask for something to show, as exchanges of a lane do, in so many threads at once."""
    with transaction(database) as env:
        uuid = env["interop.vault.secret"].browse(secret).uuid
        environment = env["interop.fence"]._state().environment or "test"
        found = PublishedSecrets(env).credentials(uuid, "oauth2", environment)

    def show(_number: int) -> str:
        try:
            return found.present(seconds)
        except InteropError as error:
            return f"{error.failure_class}: {error.sentence}"

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(show, range(threads)))


@task
def close_fence(database: str, closed: bool) -> None:
    """As on a copy of the database; or as before."""
    with transaction(database) as env:
        fence = env["interop.fence"]
        fence._disarm("Fault test") if closed else fence._arm("Fault test")
