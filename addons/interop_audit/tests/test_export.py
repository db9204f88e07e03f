import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..lib.evidence import export, keys, leaf, package
from ..lib.evidence.exported import Exported, ExportError
from ..lib.evidence.records import as_line, as_object, as_row
from ..lib.evidence.trail import verify
from .trails import entry, key, public, sealed_trail

texts = st.none() | st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=12)


class TestRecords(BaseCase):
    @settings(deadline=None)
    @given(st.lists(texts, min_size=4, max_size=4), st.integers(-(10**15), 4 * 10**15))
    def test_an_entry_comes_back_from_json_byte_by_byte(self, given_texts, ts):
        act, outcome, name, details = given_texts
        values = dict.fromkeys(leaf.COLUMNS)
        values |= {"id": "7", "ts": str(ts), "txid": "18446744073709551615", "res_id": "-3"}
        values |= {"act": act, "outcome": outcome, "actor_name": name, "details": details}
        line = leaf.line([values[column] for column in leaf.COLUMNS])
        text = json.dumps(as_object(line, 3), ensure_ascii=False)
        self.assertEqual(as_line(json.loads(text)), line)

    def test_what_is_no_entry_is_refused(self):
        good = as_object(entry(1, 700))
        for change in ({"id": True}, {"id": "1"}, {"ts": "2026"}, {"act": 5}, {"txid": None}):
            with self.assertRaises(ValueError):
                as_line({**good, **change})
        with self.assertRaises(ValueError):
            as_line({**good, "more": 1})

    def test_a_spreadsheet_finds_no_formula(self):
        for text in ("=1", "+1", "-1", "@x", "\tx", "\rx"):
            self.assertIn(f"'{text}", as_row(entry(1, 700, actor_name=text)))


class TestExport(BaseCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name) / "export"

    def exported(self, trail):
        return export.write(trail, self.folder, facts={}, verifier=package.build())

    def verified(self, path=None):
        exported = Exported(path or self.folder)
        return verify(exported, [public()], start=exported.start())

    def test_an_export_verifies_like_the_trail_itself(self):
        trail = sealed_trail()
        trail.lines.append(entry(60, 712, details="\u2028\n\\N\x85"))
        written = self.exported(trail)
        self.assertEqual((written.entries, written.seals), (37, 4))
        packed = self.folder.with_suffix(".zip")
        export.pack(self.folder, packed)
        for path in (self.folder, packed):
            report = self.verified(path)
            self.assertEqual((report.entries, report.unsealed), (36, 1))
            self.assertEqual({each.code for each in report.findings}, {"unsealed", "lag"})

    def test_lines_of_an_export_that_changed_places_are_found(self):
        self.exported(sealed_trail())
        path = self.folder / "entries.ndjson"
        lines = path.read_text().splitlines(keepends=True)
        lines[2], lines[5] = lines[5], lines[2]
        path.write_text("".join(lines))
        self.assertEqual([each.code for each in self.verified().findings], ["reordered"])

    def test_an_entry_said_to_be_of_another_seal_is_found(self):
        self.exported(sealed_trail())
        path = self.folder / "entries.ndjson"
        path.write_text(path.read_text().replace('{"seal":2', '{"seal":3', 1))
        self.assertFalse(self.verified().is_clean)
        path.write_text(path.read_text().replace('{"seal":3', '{"seal":null', 1))
        self.assertFalse(self.verified().is_clean)

    def test_a_damaged_export_is_no_clean_one(self):
        self.exported(sealed_trail())
        for name in ("entries", "seals", "leaves", "epochs", "dropped"):
            path = self.folder / f"{name}.ndjson"
            text = path.read_text()
            path.write_text(text + "{\n")
            with self.assertRaises(ExportError):
                self.verified()
            path.unlink()
            with self.assertRaises(ExportError):
                self.verified()
            path.write_text(text)
        self.assertTrue(self.verified().is_clean)

    def test_an_export_of_something_else_is_none(self):
        self.folder.mkdir()
        with self.assertRaises(ExportError):
            Exported(self.folder)
        (self.folder / "manifest.json").write_text("{}")
        with self.assertRaises(ExportError):
            Exported(self.folder)

    def test_equal_sources_give_the_same_verifier(self):
        self.assertEqual(package.build(), package.build())


class TestKeys(BaseCase):
    def test_a_key_is_read_in_each_of_its_forms(self):
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        made = key().public_key()
        pem = made.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "key"
            for text in (pem, f"# ours\n{public().upper()} # k1\n"):
                path.write_text(text)
                self.assertEqual(keys.read(str(path)), [public()])
            path.write_text("# nothing\n")
            with self.assertRaises(ValueError):
                keys.read(str(path))
        self.assertEqual(keys.read(public()), [public()])
        with self.assertRaises(ValueError):
            keys.read("no such file")
