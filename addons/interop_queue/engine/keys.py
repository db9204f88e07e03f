"""The key for tokens and digests that policies make."""

from __future__ import annotations

from odoo.api import Environment

from odoo.addons.interop_base.lib.keyring import Keyring


class PolicyKey:
    """Keyed digests of the installation's keyring; looked up when the first one is made.

    Most policies need none, and a message that needs one fails with the keyring's own sentence.
    """

    def __init__(self, env: Environment) -> None:
        self._env = env
        self._keyring: Keyring | None = None

    def __call__(self, label: str, data: bytes) -> bytes:
        if self._keyring is None:
            self._keyring = self._env["interop.keyring"]._get()
        return bytes.fromhex(self._keyring.mac(f"policy/{label}", data))
