import tempfile
from pathlib import Path

from odoo.tests import BaseCase

from ..lib import settings


class TestSettings(BaseCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.config = Path(folder.name) / "odoo.conf"
        self.config.write_text(
            "[options]\nhttp_port = 8069\n\n"
            "[interop]\nenvironment = staging\nkeyring = /etc/odoo/keyring.json\n"
        )

    def test_section_of_the_configuration_file_is_read(self):
        server = settings.load(str(self.config), {})
        self.assertEqual(server.environment, "staging")
        self.assertEqual(server.keyring, "/etc/odoo/keyring.json")
        self.assertIsNone(server.problem)

    def test_environment_variables_win(self):
        server = settings.load(
            str(self.config), {"INTEROP_ENVIRONMENT": "test", "INTEROP_KEYRING": "/run/keys.json"}
        )
        self.assertEqual((server.environment, server.keyring), ("test", "/run/keys.json"))

    def test_nothing_said_means_no_environment(self):
        self.config.write_text("[options]\n")
        for path in (str(self.config), "/nowhere/odoo.conf", None):
            self.assertEqual(settings.load(path, {}), settings.ServerSettings(None, None), path)

    def test_unknown_environment_is_none_and_told(self):
        server = settings.load(None, {"INTEROP_ENVIRONMENT": "prod"})
        self.assertIsNone(server.environment)
        self.assertIn("is not one of", server.problem)

    def test_broken_file_is_told(self):
        self.config.write_text("environment = production\n")
        server = settings.load(str(self.config), {})
        self.assertIsNone(server.environment)
        self.assertIn("cannot be read", server.problem)

    def test_changed_file_is_read_again(self):
        settings.load(str(self.config), {})
        self.config.write_text("[interop]\nenvironment = production\n")
        self.assertEqual(settings.load(str(self.config), {}).environment, "production")

    def test_two_people_are_asked_for_unless_one_is_meant(self):
        for said, two in (("", False), ("one person", False), ("two people", True), ("?", True)):
            server = settings.load(None, {"INTEROP_ARMING": said})
            self.assertEqual(server.always_two, two, said)
