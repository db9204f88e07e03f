import copy
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests.common import BaseCase, tagged

from ..lib.pack import MAX_BYTES, PackError, make_pack, read_pack, version_key
from .common import PACK, pack

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=10,
)


@tagged("interop_lib")
class TestPack(BaseCase):
    def refused(self, body, *words):
        with self.assertRaises(PackError) as caught:
            make_pack(body)
        told = "; ".join(caught.exception.problems)
        for word in words:
            self.assertIn(word, told)
        return told

    def test_one_pack_has_one_text_and_one_digest(self):
        spaced = json.dumps(PACK, indent=3).encode()
        other = json.dumps(dict(reversed(PACK.items()))).encode()
        self.assertEqual(read_pack(spaced), read_pack(other))
        self.assertEqual(read_pack(spaced).text, read_pack(read_pack(spaced).text.encode()).text)

    def test_a_pack_may_refer_only_to_what_it_brings_along(self):
        changed = pack(crosswalks=[])
        self.refused(changed, "mapping orders, row 4: its crosswalk is not in the pack")
        changed = pack(policies=[])
        self.refused(changed, "flow orders names a policy that is not in the pack")
        for place in ("mapping.orders.Lines[].Unit", "secret.auth", "flow.x.answer_hours", "../x"):
            question = {"code": "q", "title": "Q", "kind": "text", "goes": place}
            self.refused(pack(questions=[question]), "question q: its answer would go to a place")

    def test_a_secret_value_has_no_place_in_it(self):
        for value in ({"value": "hunter2"}, {"uuid": "x"}):
            told = self.refused(pack(secrets=[PACK["secrets"][0] | value]), "secrets.0")
            self.assertNotIn("hunter2", told)

    def test_neither_code_nor_paths_have_a_place_in_it(self):
        flow = PACK["flows"][0]
        self.refused(pack(flows=[flow | {"code": "../../etc/passwd"}]), "flows.0.code")
        self.refused(pack(flows=[flow | {"handler": "__import__('os')"}]), "flows.0.handler")
        self.refused(pack(python="print()"))
        endpoint = {"name": "x", "purpose": "default", "url": "file:///etc/passwd"}
        connector = PACK["connector"] | {"endpoints": [endpoint]}
        self.refused(pack(connector=connector), "connector.endpoints.0.url")

    def test_a_mapping_that_cannot_work_is_refused_with_its_row(self):
        changed = copy.deepcopy(PACK)
        changed["mappings"][0]["rows"][4]["converter"] = "exec"
        self.refused(changed, "mapping orders: Row 5 (Lines[].Quantity)")

    def test_the_same_code_twice_is_refused(self):
        self.refused(pack(flows=PACK["flows"] * 2), "the flows name the code orders twice")

    def test_what_is_too_large_or_too_deep_is_refused_quickly(self):
        for data in (
            b" " * (MAX_BYTES + 1),
            b"[" * 100_000,
            b'{"a":' * 900 + b"1" + b"}" * 900,
            b'{"format": NaN}',
            b"\xff\xfe",
            b"",
        ):
            with self.assertRaises(PackError):
                read_pack(data)

    @settings(max_examples=200)
    @given(st.sampled_from(sorted(PACK)), JSON)
    def test_any_pack_is_read_or_refused_with_a_sentence(self, name, value):
        try:
            read_pack(json.dumps(pack(**{name: value})).encode("utf-8", "surrogatepass"))
        except PackError as problem:
            self.assertTrue(problem.sentence.endswith("."))
            if isinstance(value, str) and len(value) > 10:
                self.assertNotIn(value, problem.sentence)

    def test_versions_sort_as_numbers(self):
        versions = sorted(["1.10", "1.9.3", "1.9"], key=version_key)
        self.assertEqual(versions, ["1.9", "1.9.3", "1.10"])
