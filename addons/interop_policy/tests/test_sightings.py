from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.interop_base.lib.failures import PolicyError
from odoo.addons.interop_document.tests.strategies import PROFILE
from odoo.addons.interop_policy.lib.kinds import CROWDED, KINDS
from odoo.addons.interop_policy.lib.names import Names
from odoo.addons.interop_policy.lib.redact import redact
from odoo.addons.interop_policy.lib.sightings import Hints, Sighting, find, fold, scout
from odoo.addons.interop_policy.lib.templates import template

from .guard_common import FILLERS, NAMES, PEOPLE, PLANTED, TEMPLATE

HINTS = Hints(
    templates=(template(TEMPLATE), template("@@######")), names=Names([*PEOPLE, "Sean O'Neil"])
)
CODES = [code for code, _kind in KINDS]

# (text, what is found of the kind). Numbers are invented; those of cards are test numbers.
TABLES = {
    "ssn": [
        ("SSN 123-45-6789", ["123-45-6789"]),
        ("his number is 123 45 6789.", ["123 45 6789"]),
        ("123.45.6789", ["123.45.6789"]),
        ("123456789", ["123456789"]),
        ("ssn123456789", ["123456789"]),
        ("1 2 3 4 5 6 7 8 9", ["1 2 3 4 5 6 7 8 9"]),
        ("１２３-４５-６７８９", ["１２３-４５-６７８９"]),
        ("123\u201145\u20116789", ["123\u201145\u20116789"]),
        ("12\u200b3-45-67\u00ad89", ["12\u200b3-45-67\u00ad89"]),
        ("000-12-3456, 666-12-3456, 900-12-3456, 999-99-9999", []),
        ("123-00-4567, 123-45-0000", []),
        ("ZIP 02139-4307, EIN 12-3456789", []),
        ("0.123456789, LOT123456789, 1234567890", []),
        ("123\n45\n6789, 123_45_6789", ["123\n45\n6789", "123_45_6789"]),
        ("123\t45\t6789", ["123\t45\t6789"]),
        ("LOT 1234-56789, ssn 1234-56789", ["1234-56789"]),
        ("123-45-67890, 0123-45-6789", []),
    ],
    "npi": [
        ("NPI 1234567893", ["1234567893"]),
        ("ordered by 1245319599", ["1245319599"]),
        ("12345 67893", ["12345 67893"]),
        ("call 123-456-7893, npi: 123-456-7893", ["123-456-7893"]),
        ("NPI 1234567890, 3234567893, 12345678931", []),
    ],
    "card": [
        ("4111 1111 1111 1111", ["4111 1111 1111 1111"]),
        ("visa4111111111111111", ["4111111111111111"]),
        ("5555-5555-5555-4444", ["5555-5555-5555-4444"]),
        ("2223003122003222", ["2223003122003222"]),
        ("3782 822463 10005", ["3782 822463 10005"]),
        ("30569309025904", ["30569309025904"]),
        ("6011111111111117 and 3530111333300000", ["6011111111111117", "3530111333300000"]),
        ("PO 4500 4111 1111 1111 1111", ["4111 1111 1111 1111"]),
        ("4111 1111 1111 1112, 9111111111111111", []),
        ("00614141000012, 4111-1111", []),
    ],
    "birth_date": [
        ("born 1980-03-01", ["1980-03-01"]),
        ("DOB: 3/1/80", ["3/1/80"]),
        ("DOB: 12/Apr/1961", ["12/Apr/1961"]),
        ("D.O.B. 03.01.1980", ["03.01.1980"]),
        ("Date of birth: March 3rd, 1980", ["March 3rd, 1980"]),
        ("3 March 1980 (birthday)", ["3 March 1980"]),
        ("geb. am 3. März 1980", ["3. März 1980"]),
        ("Geburtsdatum 03.03.1980", ["03.03.1980"]),
        ("née le 3 mars 1980", ["3 mars 1980"]),
        ("date de naissance : 03/03/1980", ["03/03/1980"]),
        ("nacida el 3 de marzo de 1980", ["3 de marzo de 1980"]),
        ("fecha de nacimiento 19800303", ["19800303"]),
        ("deliver on 1980-03-01 or 3 March 1980", []),
        ("born in 1980", []),
        ("stubborn stain seen 2026-03-01", []),
    ],
    "phone": [
        ("call 617-253-1000", ["617-253-1000"]),
        ("(617) 253-1000", ["(617) 253-1000"]),
        ("617.253.1000", ["617.253.1000"]),
        ("+49 30 901820", ["+49 30 901820"]),
        ("phone 6172531000", ["6172531000"]),
        ("tel: 253-1000", ["253-1000"]),
        ("6172531000", []),
        ("2026-03-02 10:30 - 2026-04-05", []),
        ("PO 4500012345 of 2026, 1.250.000.000 pcs, 10.0.0.1", []),
        ("ISBN 978-0-306-40615-7", []),
        ("0034 912 345 678", ["0034 912 345 678"]),
        ("02139-1234, GPO-2026-118, 253-1000", []),
        ("quantities 617\n253\n1000", []),
    ],
    "email": [
        ("write to <jane.roe+x@north.example>.", ["jane.roe+x@north.example"]),
        ("JANE@NORTH.EXAMPLE", ["JANE@NORTH.EXAMPLE"]),
        ("zoë@müller.example", ["zoë@müller.example"]),
        ("5 boxes @ 4.50, @home, jane@localhost, a@b", []),
    ],
    "mrn": [
        ("NF-123456", ["NF-123456"]),
        ("nf 123456/NF123456", ["nf 123456", "NF123456"]),
        ("AB123456", ["AB123456"]),
        ("MRN 8877", ["8877"]),
        ("medical record number: 887766", ["887766"]),
        ("NF-12345, NF-1234567, xNF-123456", []),
        ("mrn to follow", []),
    ],
    "name": [
        ("for Mariela Quintana-Roth", ["Mariela Quintana-Roth"]),
        ("QUINTANA ROTH, MARIELA", ["QUINTANA ROTH, MARIELA"]),
        ("Zoe Müllner and zoë ørsted müllner", ["Zoe Müllner", "zoë ørsted müllner"]),
        ("Mariela. Then the Quintana, a Roth", []),
        ("Mariela Quintana-Rothman", []),
        ("Mariela\nQuintana-Roth", ["Mariela\nQuintana-Roth"]),
        ("Sean O’Neil, o'neil, sean", ["Sean O’Neil", "o'neil, sean"]),
        ("Zoë Müllner's bed, Zoe Muellner", ["Zoë Müllner", "Zoe Muellner"]),
        (
            "ZOE OERSTED MUELLNER, Zoe Orsted Mullner",
            ["ZOE OERSTED MUELLNER", "Zoe Orsted Mullner"],
        ),
    ],
}


class TestSightings(BaseCase):
    def test_each_kind_finds_what_it_should_and_no_more(self):
        self.assertEqual(set(TABLES), set(CODES))
        for kind, table in TABLES.items():
            for text, expected in table:
                with self.subTest(f"{kind} in {text!r}"):
                    found = find(text, {kind}, HINTS)
                    self.assertEqual([text[each.start : each.end] for each in found], expected)

    def test_in_a_field_for_codes_bare_numbers_are_codes(self):
        coded = Hints(bare=False)
        self.assertEqual(find("123456789 1234567893", {"ssn", "npi"}, coded), [])
        self.assertEqual(
            find("123-45-6789 SSN 123456789", {"ssn"}, coded),
            [Sighting("ssn", 0, 11), Sighting("ssn", 16, 25)],
        )

    def test_telephone_numbers_are_those_of_the_regions(self):
        german = Hints(regions=("DE",))
        self.assertEqual(find("030 901820", {"phone"}, Hints(regions=("US",))), [])
        self.assertEqual(find("030 901820", {"phone"}, german), [Sighting("phone", 0, 10)])
        for text in (
            "IBAN DE89 3704 0044 0532 0130 00",
            "AB 12 34 56 78 9 10 11 12",
            "2025-123-4567, 250.000.00.00, 7 x 365 - 2026",
        ):
            with self.subTest(text):
                self.assertEqual(find(text, {"phone"}, german), [])

    def test_a_code_is_no_telephone_number(self):
        regions = ("US", "DE", "ES", "FR")
        codes = ["GPO-2026-118", "912 345 678", "2026-118-2231", "100-0142", "20260316-001"]
        for code in codes:
            with self.subTest(code):
                self.assertEqual(find(code, {"phone"}, Hints(bare=False, regions=regions)), [])
        self.assertTrue(find("912 345 678", {"phone"}, Hints(regions=regions)))

    def test_of_two_kinds_that_cover_the_same_the_rarer_form_has_its_say(self):
        abroad = Hints(regions=("US", "DE", "ES", "FR"))
        for text, kind in (
            ("123-45-6789", "ssn"),
            ("4111 1111 1111 1111", "card"),
            ("NPI 123-456-7893", "npi"),
        ):
            with self.subTest(text):
                self.assertEqual([each.kind for each in find(text, None, abroad)], [kind])

    @PROFILE
    @given(FILLERS, PLANTED, FILLERS)
    def test_what_is_planted_is_found_and_covered(self, before, planted, after):
        text = f"{before} {planted} {after}"
        covered = {
            place for each in find(text, None, HINTS) for place in range(each.start, each.end)
        }
        start = len(before) + 1
        letters = {place for place in range(start, start + len(planted)) if text[place].isalnum()}
        self.assertLessEqual(letters, covered)

    @PROFILE
    @given(st.lists(st.one_of(FILLERS, PLANTED, st.text(max_size=30)), max_size=4).map(" ".join))
    def test_scouts_see_every_text_in_which_something_is_found(self, text):
        for code in CODES:
            if find(text, {code}, HINTS):
                self.assertTrue(scout(fold(text), [code], HINTS), code)

    def test_scouts_tell_for_what_to_look(self):
        told = dict(scout("call 2025550143, ana lopez, mrn 4", CODES, HINTS))
        self.assertIn(frozenset({"ssn", "npi", "card", "phone"}), told.values())
        self.assertNotIn("email", set().union(*told.values()))

    def test_initials_are_what_a_mask_leaves_and_name_nobody(self):
        self.assertFalse(Names(["N. O.", "J. R. R."]))
        for name in ("N. Ortiz", "Jo Li"):
            self.assertTrue(Names([name]), name)

    def test_a_name_within_a_longer_word_is_none(self):
        names = Names(["Ann Lee"])
        for text in ("leeway and annual", "annlee", "the lees of ann_lee2"):
            self.assertEqual(list(names.find(text)), [])
        self.assertEqual(list(names.scout("leeward, sleep")), [])
        self.assertTrue(list(names.scout("ann lee's bed")))

    @PROFILE
    @given(st.text(max_size=60) | PLANTED)
    def test_sightings_are_in_order_and_within_the_text(self, text):
        place = 0
        for each in find(text, None, HINTS):
            self.assertLessEqual(place, each.start)
            self.assertLess(each.start, each.end)
            place = each.end
        self.assertLessEqual(place, len(text))

    @PROFILE
    @given(PLANTED)
    def test_what_redacts_a_text_uses_these_detectors(self, planted):
        if find(f"see {planted} there"):
            self.assertNotIn(planted, redact(f"see {planted} there"))

    def test_nothing_tells_a_value_in_its_text_form(self):
        shown = repr((find("SSN 123-45-6789"), HINTS, NAMES, Names(["Mariela Roth"])))
        for value in ("6789", "ariela", "NF-"):
            self.assertNotIn(value, shown)

    def test_long_hostile_texts_are_looked_through(self):
        # Not quadratic: each of these would take hours if it were.
        for text, kinds in (
            ("1" * 1_000_000, set()),
            ("@" * 100_000, set()),
            ("a@" + "a." * 300_000, set()),
            ("1" + "." * 1_000_000, set()),
            ("4 " * 300_000, {CROWDED}),
            ("born " * 100_000, set()),
            ("mariela " * 100_000, set()),
            ("nf-" * 200_000, set()),
            ("617-253-1000, " * 50_000, {CROWDED}),
            ("+" * 500_000, set()),
            ("ü" * 500_000, set()),
            ("617-253-1000, " * 1_000, {"phone"}),
        ):
            with self.subTest(f"{len(text)} of {text[:12]!r}"):
                self.assertEqual({each.kind for each in find(text, None, HINTS)}, kinds)


class TestTemplates(BaseCase):
    def test_a_pattern_that_could_mean_anything_is_refused(self):
        for text in (
            "",
            "###",
            "@@@@",
            "MRN",
            "#" * 41,
            "(a+)+####",
            "####.*",
            "Ä-####",
            "[0]####",
        ):
            with self.subTest(text), self.assertRaises(PolicyError):
                template(text)

    @PROFILE
    @given(st.text("#@AB7- ./", min_size=4, max_size=20).filter(lambda t: t.count("#") >= 4))
    def test_a_number_written_as_the_pattern_says_is_found(self, text):
        number = text.replace("#", "5").replace("@", "q")
        found = find(f"see: {number};", {"mrn"}, Hints(templates=(template(text),)))
        self.assertTrue(found)
        self.assertGreaterEqual(found[-1].end, 5 + len(number.rstrip(" -./")))
