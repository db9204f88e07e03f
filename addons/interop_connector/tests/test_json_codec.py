import io
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.interop_document.lib.document import Document

from ..lib.codec import CODECS, CodecError, Envelope
from ..lib.json_codec import JsonCodec

# Text as documents hold it: no halves of surrogate pairs, no NUL.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
bodies = st.dictionaries(texts, values, max_size=5)


def document(body):
    return Document(type="PurchaseOrder", version="1.0", body=body)


class TestJsonCodec(BaseCase):
    codec = JsonCodec(max_bytes=4096, max_depth=8, max_documents=3)

    def decode(self, payload):
        return [decoded.document_body for decoded in self.codec.decode(payload)]

    def refused(self, payload, secret=None):
        with self.assertRaises(CodecError) as caught:
            self.decode(payload)
        error = caught.exception
        # Neither the sentence nor an error that came before it may hold what was sent.
        self.assertIsNone(error.__cause__)
        self.assertIsNone(error.__context__)
        self.assertNotIn(secret or "hush", str(error))
        self.assertEqual(error.failure_class, "data")
        return error

    @given(st.lists(bodies, min_size=1, max_size=4))
    @settings(max_examples=150, deadline=None)
    def test_what_is_written_reads_back(self, written):
        codec = JsonCodec()
        payload = codec.encode([document(body) for body in written], Envelope())
        self.assertEqual([d.document_body for d in codec.decode(payload)], written)
        self.assertEqual([d.document_body for d in codec.decode(io.BytesIO(payload))], written)

    @given(bodies)
    @settings(max_examples=50, deadline=None)
    def test_the_same_document_gives_the_same_bytes(self, body):
        shuffled = dict(reversed(body.items()))
        codec = JsonCodec()
        self.assertEqual(
            codec.encode([document(body)], Envelope()),
            codec.encode([document(shuffled)], Envelope()),
        )

    @given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
    @settings(max_examples=300, deadline=None)
    def test_any_bytes_are_read_or_refused_and_nothing_else(self, payload):
        try:
            read = self.decode(payload)
        except CodecError as error:
            self.assertTrue(error.why)
        else:
            # Python's own reader agrees with all that we let in.
            whole = json.loads(payload)
            self.assertEqual(read, whole if isinstance(whole, list) else [whole])

    @given(bodies, st.data())
    @settings(max_examples=100, deadline=None)
    def test_a_name_that_appears_twice_is_refused(self, body, data):
        body = {**body, "hush": 1}
        text = json.dumps(body)
        name = data.draw(st.sampled_from(sorted(body)))
        twice = f"{text[:-1]}, {json.dumps(name)}: 2}}"
        self.assertIn("twice", self.refused(twice.encode()).why)

    def test_one_object_is_one_document_and_an_array_several(self):
        self.assertEqual(self.decode(b'{"a": 1}'), [{"a": 1}])
        self.assertEqual(self.decode(b'[{"a": 1}, {"b": 2}]'), [{"a": 1}, {"b": 2}])
        [first, _second] = self.codec.decode(b'[{"a": 1}, {"b": 2}]')
        self.assertEqual(first.facts["documents"], "2")

    def test_places_are_told_by_line_and_column(self):
        cases = (
            (b'{"a": 1,\n "b": hush}', "line 2, column 7", "a value is missing"),
            (b'{"a": 1,\n "a": "hush"}', "line 2, column 2", "twice"),
            (b'{"x": {"a": 1, "b": [{"a": 1, "\\u0061": 2}]}}', "line 1, column 31", "twice"),
            (b'{"a": [1,\n\n NaN]}', "line 3, column 2", "NaN"),
            (b'{"a": -Infinity}', "line 1, column 7", "Infinity"),
            (b'{"a": 1e999}', "line 1, column 7", "too large"),
            (b'{"a": ' + b"7" * 1001 + b"}", "line 1, column 7", "too large"),
            (b'{"a": "hush', "line 1, column 7", "closing quote"),
            (b'{"a": "hu\x01sh"}', "line 1, column 10", "control"),
            (b'{"a": "\\hush"}', "line 1, column 8", "escape"),
            (b'{"a" "hush"}', "line 1, column 6", "colon"),
            (b'{"a": 1 "hush"}', "line 1, column 9", "comma"),
            (b"{'hush': 1}", "line 1, column 2", "double quotes"),
            (b'{"a": 1} hush', "line 1, column 10", "after the end"),
            (b"[" * 9, "line 1, column 9", "deeper than 8"),
            (b"[" * 4000, "line 1, column 9", "deeper"),
            (b'{"a": "\\ud800 hush"}', "line 1, column 7", "surrogate"),
            (b'{"\\u0000": "hush"}', "line 1, column 2", "NUL"),
            (b'{"a": "hu\xffsh"}', "byte 10", "UTF-8"),
            ('{"a": "grüße"}'.encode("latin-1"), "byte 10", "UTF-8"),
            ('{"a": "hush"}'.encode("utf-16"), "byte 1", "UTF-16"),
            ('{"a": "hush"}'.encode("utf-16-le"), "byte 1", "UTF-16"),
            ('{"a": "hush"}'.encode("utf-32"), "byte 1", "UTF-16"),
            (b'\xef\xbb\xbf{"a": "hush"}', "byte 1", "byte order mark"),
            (b'"hush"', "top level", "object"),
            (b"null", "top level", "object"),
            (b"[]", "top level", "no document"),
            (b'[{}, "hush"]', "document 2", "object"),
            (b"[{},{},{},{}]", "top level", "more than 3"),
            (b"", "", "empty"),
            (b" \n\t ", "", "empty"),
            (b'{"a": "' + b"hush" * 2000 + b'"}', "", "larger than 4096"),
        )
        for payload, where, why in cases:
            with self.subTest(payload=payload[:30]):
                error = self.refused(payload)
                self.assertEqual(error.where, where)
                self.assertIn(why, error.why)

    def test_doubtful_looking_but_sound_texts_are_read(self):
        self.assertEqual(self.decode(b'{"a": "\\\\ud800 \\\\u0000"}'), [{"a": "\\ud800 \\u0000"}])
        self.assertEqual(self.decode(b'{"a": "\\ud83d\\ude00"}'), [{"a": "\U0001f600"}])
        brackets = "[{" * 100
        self.assertEqual(self.decode(json.dumps({"a": brackets}).encode()), [{"a": brackets}])
        self.assertEqual(self.decode(b'[{"a":1},{"a":2}]'), [{"a": 1}, {"a": 2}])

    def test_hostile_texts_take_no_time_worth_telling(self):
        codec = JsonCodec()
        for payload in (
            b'{"a":"' + b'\\"' * 500_000,
            b"[" * 1_000_000,
            b'{"a":' * 200_000,
            b'"' * 1_000_001,
            b'{"a":1,' + b'"b":[],' * 100_000 + b'"a":1}',
        ):
            with self.subTest(payload=payload[:10]), self.assertRaises(CodecError):
                codec.decode(payload)

    def test_a_stream_is_never_read_beyond_the_limit(self):
        class Endless:
            asked = 0

            def read(self, size=-1):  # pylint: disable=method-required-super
                self.asked = size
                return b" " * size

        stream = Endless()
        with self.assertRaises(CodecError):
            self.codec.decode(stream)
        self.assertEqual(stream.asked, 4097)

    def test_nothing_to_write_is_refused(self):
        with self.assertRaises(CodecError):
            self.codec.encode([], Envelope())

    # -- what a reply says about single documents --------------------------------------------------

    def verdicts(self, value, count=3):
        reply = value if isinstance(value, bytes) else json.dumps(value).encode()
        found = self.codec.verdicts(reply, count)
        return found and [(each.position, each.accepted, each.failure_class) for each in found]

    def test_a_reply_tells_which_documents_were_rejected(self):
        reply = {
            "documents": [
                {"position": 3, "status": "rejected", "reason": "hush: Canary Person"},
                {"position": 1, "status": "accepted"},
            ]
        }
        self.assertEqual(self.verdicts(reply), [(0, True, ""), (2, False, "partner")])
        found = self.codec.verdicts(json.dumps(reply).encode(), 3)
        self.assertNotIn("Canary", "".join(each.sentence for each in found))

    def test_a_reply_that_lists_no_verdicts_says_nothing_about_single_documents(self):
        for reply in (
            b"",
            b"thank you",
            b"\xff\xfe",
            b"[]",
            b"null",
            {},
            {"ok": True},
            {"documents": []},
            {"documents": 2},
            {"documents": {"position": 1, "status": "rejected"}},
            {"documents": [{"number": "P1"}, {"number": "P2"}]},
            {"documents": [{"position": 1, "status": "rejected"}, {"number": "P2"}]},
            b'{"documents": [{"position": 1, "status": "rejected"}]' + b" " * 2_000_000 + b"}",
        ):
            with self.subTest(reply=reply[:40] if isinstance(reply, bytes) else reply):
                self.assertIsNone(self.verdicts(reply))

    def test_a_list_of_verdicts_that_cannot_be_meant_for_the_payload_is_refused(self):
        one = {"position": 1, "status": "accepted"}
        for entries in (
            [one, {"position": 1, "status": "rejected"}],
            [one, one],
            [{"position": 0, "status": "rejected"}],
            [{"position": 4, "status": "rejected"}],
            [{"position": True, "status": "rejected"}],
            [{"position": 1.0, "status": "rejected"}],
            [{"position": "1", "status": "rejected"}],
            [{"position": 1, "status": "Rejected"}],
            [{"position": 1, "status": None}],
            [{"position": 1, "status": ["rejected"]}],
            [{"position": n, "status": "accepted"} for n in (1, 2, 3, 3)],
        ):
            with self.subTest(entries=entries), self.assertRaises(CodecError) as caught:
                self.verdicts({"documents": entries})
            self.assertNotIn("ejected", str(caught.exception).replace("nor rejected", ""))

    @given(st.binary(max_size=200) | values.map(lambda value: json.dumps(value).encode()))
    @settings(max_examples=100, deadline=None)
    def test_any_reply_is_read_or_refused(self, reply):
        try:
            found = self.codec.verdicts(reply, 3)
        except CodecError:
            return
        self.assertTrue(found is None or all(0 <= each.position < 3 for each in found))

    def test_the_codec_is_registered_and_acknowledges_nothing(self):
        self.assertEqual(CODECS.get("json").content_type, "application/json")
        self.assertFalse(CODECS.get("json").acknowledges)
        self.assertIsNone(CODECS.get("json").acknowledge(Envelope(), []))
