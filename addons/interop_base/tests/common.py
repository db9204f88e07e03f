"""The least that tests of Interop need: a server with an environment, a keyring, an open fence."""

import tempfile
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from odoo.tests import TransactionCase

from ..lib.keyring_store import create
from ..lib.settings import ServerSettings


class InteropCase(TransactionCase):
    """Runs as on a server of environment *test* with a keyring of its own, and armed."""

    environment = "test"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.keyring_path = str(Path(folder.name) / "keyring.json")
        create(cls.keyring_path)
        cls.server = ServerSettings(environment=cls.environment, keyring=cls.keyring_path)
        patcher = patch.object(
            type(cls.env["interop.fence"]), "_server_settings", lambda fence: cls.server
        )
        cls.startClassPatcher(patcher)
        # The database knows another keyring. In a test, what is registered goes with the test.
        cls.env["interop.keyring.key"].flush_model()
        cls.env.cr.execute("DELETE FROM interop_keyring_key")
        cls.startClassPatcher(
            patch.object(type(cls.env["interop.keyring"]), "_own_cursor", _callers_cursor)
        )
        cls.fence = cls.env["interop.fence"]
        cls.instance = cls.env["interop.instance"]._get()
        cls.env["ir.config_parameter"].set_param("database.is_neutralized", False)
        cls.fence._arm("Tests")
        cls.env["interop.keyring"]._extend(0)

    def set_server(self, environment: str | None = "test", problem: str | None = None) -> None:
        """From now until the end of the test the server says this about itself."""
        self.addCleanup(setattr, type(self), "server", self.server)
        type(self).server = ServerSettings(environment, self.keyring_path, problem)


@contextmanager
def _callers_cursor(keyring):
    with keyring.env.cr.savepoint():
        yield keyring.env.cr
