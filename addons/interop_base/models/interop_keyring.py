import os

from odoo import api, models

from ..lib.keyring import Keyring, KeyringError

# path -> (mtime, size, keyring): one keyring per process, read again when the file changes.
_loaded: dict[str, tuple[int, int, Keyring]] = {}


class InteropKeyring(models.AbstractModel):
    """Gives the keyring that the server's configuration names."""

    _name = "interop.keyring"
    _description = "Keyring"

    @api.model
    def _path(self) -> str | None:
        return self.env["interop.fence"]._server_settings().keyring

    @api.model
    def _get(self) -> Keyring:
        """The keyring; raises :class:`KeyringError` with a sentence that says what to do."""
        path = self._path()
        if not path:
            raise KeyringError(
                "No keyring is configured. Set `keyring` in the [interop] section of Odoo's "
                "configuration file (or INTEROP_KEYRING), then make the file with "
                "`odoo interop_keys init`."
            )
        try:
            stat = os.stat(path)
        except OSError:
            return Keyring.load(path)  # which says what is wrong
        known = _loaded.get(path)
        if known and known[:2] == (stat.st_mtime_ns, stat.st_size):
            return known[2]
        keyring = Keyring.load(path)
        _loaded[path] = (stat.st_mtime_ns, stat.st_size, keyring)
        return keyring

    @api.model
    def _status(self) -> tuple[bool, str]:
        """Whether the keyring can be used, and one sentence about it."""
        try:
            keyring = self._get()
        except KeyringError as error:
            return False, error.sentence
        sentence = self.env._(
            "Ready: %(count)s key(s), current %(current)s.",
            count=len(keyring.key_ids),
            current=keyring.current,
        )
        if os.stat(self._path()).st_mode & 0o077:
            sentence += " " + self.env._(
                "The file can be read by other users of the server: set its rights to 600."
            )
        return True, sentence
