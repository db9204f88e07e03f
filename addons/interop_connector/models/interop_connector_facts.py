import json
from collections.abc import Mapping
from typing import Any

from odoo import api, fields, models

from ..lib.endpoints import build_endpoint
from ..lib.keys import webhook_key
from ..lib.transport import Endpoint
from ..published_secrets import PublishedSecrets


class InteropConnectorFacts(models.AbstractModel):
    """What the pipeline takes from a connector: facts to publish, and endpoints made of them."""

    _name = "interop.connector.facts"
    _description = "Connector: Facts for the Pipeline"

    def _technical_snapshot(self) -> dict[str, Any]:
        """Everything about the way to the partner that a published version fixes.

        Secrets are named by uuid, so a secret can be replaced without publishing anew. What an
        operator turns while messages run (state, how many at once) is not in it.
        """
        self.ensure_one()
        connector = self.sudo()
        auth, signing = connector.auth_secret_id, connector.signing_secret_id
        # Only named when there are some: what was published before there was such a thing is equal
        # to what would be published now.
        optional: dict[str, Any] = {}
        if connector.certificate_secret_id:
            optional["certificate"] = {"secret": connector.certificate_secret_id.uuid}
        if connector.authorities:
            optional["authorities"] = connector.authorities.strip()
        return {
            "code": connector.code,
            "environment": connector.environment,
            "system": connector.system_id.id,
            "clearance": connector.clearance,
            "region": connector.region_id.code or None,
            "recipient_key": json.loads(connector.recipient_key)
            if connector.recipient_key
            else None,
            "transport": connector.transport or None,
            "codec": connector.codec or None,
            "auth": {
                "kind": auth.kind,
                "secret": auth.uuid,
                "header": (connector.auth_header or "X-API-Key")
                if auth.kind == "api_key"
                else "Authorization",
            }
            if auth
            else None,
            "signing": {"secret": signing.uuid} if signing else None,
            "endpoints": [endpoint._facts() for endpoint in connector.endpoint_ids],
            **optional,
        }

    @api.model
    def _resolve_endpoint(self, snapshot: Mapping[str, Any], purpose: str = "default") -> Endpoint:
        """The endpoint a transport gets, secrets included, out of `_technical_snapshot`'s facts.

        Raises `InteropError`: no such endpoint, a secret without value, an unusable keyring.
        """
        return build_endpoint(snapshot, purpose, PublishedSecrets(self.env))

    def _inbound_keys(self) -> tuple[bytes, ...]:
        """The keys a delivery may be signed with: the partner's, and the one before it if there is.

        The one before it is that of the secret's own rotation, of a secret of its own, or both. A
        key that has expired no longer counts. If none is usable, nothing is taken in.
        """
        self.ensure_one()
        connector = self.sudo()
        return self._usable_keys(connector.inbound_secret_id | connector.inbound_old_secret_id)

    @api.model
    def _usable_keys(self, secrets: models.BaseModel) -> tuple[bytes, ...]:
        # The server's day and not the user's: there is no user when a partner knocks.
        today = fields.Date.today()
        keys = []
        for secret in secrets.sudo():
            if not secret.has_value or (secret.expires_on and secret.expires_on < today):
                continue
            for text in secret._reveal_valid("verify"):
                try:
                    keys.append(webhook_key(text))
                except ValueError:
                    # Activation refuses such a key; one entered later leaves the door shut.
                    continue
        return tuple(keys)
