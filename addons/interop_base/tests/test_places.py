import stat
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from odoo.tests import BaseCase

from ..lib import places


class TestPlaces(BaseCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.keyring = str(Path(folder.name) / "keyring.json")

    def test_place_is_remembered_and_forgotten(self):
        self.assertEqual(places.read(self.keyring), {})
        self.assertTrue(places.remember(self.keyring, "7/1", "here"))
        self.assertTrue(places.remember(self.keyring, "7/2", "there"))
        self.assertTrue(places.forget(self.keyring, "7/1"))
        self.assertEqual(places.read(self.keyring), {"7/2": "there"})

    def test_file_is_for_its_owner_only(self):
        places.remember(self.keyring, "7/1", "here")
        mode = Path(self.keyring + places.SUFFIX).stat().st_mode
        self.assertEqual(stat.S_IMODE(mode), 0o600)

    def test_damaged_file_knows_no_place(self):
        for damaged in ("", "[1]", "{"):
            Path(self.keyring + places.SUFFIX).write_text(damaged)
            self.assertEqual(places.read(self.keyring), {})

    def test_folder_that_cannot_be_written_is_told(self):
        self.assertFalse(places.remember("/proc/nowhere/keyring.json", "7/1", "here"))

    def test_many_writers_lose_nothing(self):
        wanted = {f"7/{number}": f"instance {number}" for number in range(40)}
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda item: places.remember(self.keyring, *item), wanted.items()))
        self.assertEqual(places.read(self.keyring), wanted)
