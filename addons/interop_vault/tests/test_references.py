import os
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..lib.references import SecretUnavailable, name_problem, read

CANARY = "canary-4711"


class TestReferences(BaseCase):
    def setUp(self):
        super().setUp()
        self.base = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.folder = self.base / "secrets"
        self.folder.mkdir()
        (self.base / "outside").write_text(CANARY)

    def look_up(self, name, source="file", environ=(), folder="here"):
        place = str(self.folder) if folder == "here" else folder
        return read(source, name, dict(environ), place)

    def refused(self, *args, **kwargs):
        with self.assertRaises(SecretUnavailable) as caught:
            self.look_up(*args, **kwargs)
        self.assertNotIn(CANARY, str(caught.exception))
        self.assertEqual(caught.exception.failure_class, "transient")
        return caught.exception.sentence

    def test_a_variable_is_read_only_under_the_prefix(self):
        environ = {"INTEROP_SECRET_A": CANARY, "PGPASSWORD": CANARY, "INTEROP_KEYRING": CANARY}
        self.assertEqual(self.look_up("INTEROP_SECRET_A", "environment", environ), CANARY)
        for name in ("PGPASSWORD", "INTEROP_KEYRING", "INTEROP_SECRET_", "INTEROP_SECRET_a", ""):
            self.assertIn("has to begin", self.refused(name, "environment", environ))
        self.assertIn("not set", self.refused("INTEROP_SECRET_B", "environment", environ))

    def test_a_mounted_file_is_read_as_containers_mount_it(self):
        real = self.folder / "..2026_11_25"
        real.mkdir()
        (real / "token").write_text(CANARY + "\n")
        (self.folder / "..data").symlink_to(real.name)
        (self.folder / "token").symlink_to("..data/token")
        self.assertEqual(self.look_up("token"), CANARY)

    def test_nothing_outside_the_folder_is_read(self):
        (self.folder / "link").symlink_to(self.base / "outside")
        (self.folder / "up").symlink_to("..")
        self.assertIn("leads out", self.refused("link"))
        self.assertIn("leads out", self.refused("up"))
        for name in ("../outside", "/etc/passwd", "a/b", "..", ".", ".hidden", "a\x00b", "a..b"):
            self.assertIn("without any path", self.refused(name))

    @given(name=st.text(max_size=30))
    def test_no_name_has_a_way_out(self, name):
        if name_problem("file", name) is None:
            path = os.path.normpath(os.path.join("/folder", name))
            self.assertEqual(os.path.dirname(path), "/folder")

    def test_what_cannot_be_a_secret_says_what_to_do(self):
        (self.folder / "empty").touch()
        (self.folder / "large").write_bytes(b"x" * 70_000)
        (self.folder / "binary").write_bytes(b"\xff\xfe")
        (self.folder / "folder").mkdir()
        os.mkfifo(self.folder / "pipe")
        for name, why in (
            ("missing", "does not exist"),
            ("empty", "is empty"),
            ("large", "larger than 64 KB"),
            ("binary", "is not text"),
            ("folder", "not a plain file"),
            ("pipe", "not a plain file"),
        ):
            with self.subTest(name=name):
                self.assertIn(why, self.refused(name))
        self.assertIn("secrets_dir", self.refused("token", folder=None))
        self.assertIn("does not exist", self.refused("token", folder=str(self.base / "no")))
