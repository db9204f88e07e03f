"""What a child of the nursery can do with the keyring."""

from __future__ import annotations

from functools import partial
from typing import Any

from tasks import task, transaction


@task
def rotate(database: str) -> str:
    """A new master version; its name."""
    with transaction(database) as env:
        return str(env["interop.keyring"]._rotate())


@task
def rewrap(database: str, batch: int = 5) -> dict[str, Any]:
    """Slowly, so that there is time to be killed."""
    with transaction(database) as env:
        done = env["interop.keyring"]._rewrap(partial(print, flush=True), batch=batch)
        return dict(done.facts())


@task
def retire_key(database: str, version: str) -> None:
    with transaction(database) as env:
        env["interop.keyring"]._retire(version)


@task
def open_all(database: str) -> int:
    """Open everything that the vault holds and every secret; how much content there was."""
    with transaction(database) as env:
        env.cr.execute(
            "SELECT DISTINCT uuid::text, kind FROM interop_vault_content "
            "WHERE wrapped_key IS NOT NULL"
        )
        places = env.cr.fetchall()
        opened = env["interop.vault"]._open_many(places)
        for secret in env["interop.vault.secret"].search([]):
            if secret.has_value:
                secret._reveal("send")
        return len(opened)
