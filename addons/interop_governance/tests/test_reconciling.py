from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..lib.known_outside import Outside, later
from ..lib.reconciling import (
    AnswerError,
    Known,
    compare,
    keys_file,
    question,
    read_answer,
    read_reply,
)

KEYS = st.sets(st.sampled_from([f"k{n}" for n in range(12)]))


class TestReconciling(BaseCase):
    def test_files_as_spreadsheets_write_them_are_read(self):
        for data in (
            b"key,received_at\r\nk1,2026-11-26T05:00:00Z\r\n",
            b"\xef\xbb\xbfkey;received_at\r\nk1;2026-11-26T06:00:00+01:00\r\n",
            b"number\tReceived_At\tKEY\n17\t2026-11-26 05:00:00\tk1\n\n",
            b'"received_at","key"\n"2026-11-26T05:00:00.000Z"," k1 "\n',
        ):
            self.assertEqual(read_answer(data), [Known("k1", datetime(2026, 11, 26, 5))], data)

    def test_a_list_of_keys_without_times_is_read(self):
        self.assertEqual(read_answer(b"key\nk1\nk2\n"), [Known("k1"), Known("k2")])

    def test_what_cannot_be_read_is_refused_without_telling_what_stands_there(self):
        for data in (
            b"", b"k1\nk2\n", b"\xff\xfe", b'key\n"k1\n', b"key,received_at\nSecret,tomorrow\n",
            b"key\n" + b"x" * 300 + b"\n", b"key,received_at\n,2026-11-26\n",
        ):  # fmt: skip
            with self.assertRaises(AnswerError) as caught:
                read_answer(data)
            self.assertNotIn("Secret", str(caught.exception))

    def test_replies_that_are_none_are_refused(self):
        for body in (
            b"", b"[]", b"{}", b'{"known": 3}', b'{"known": [3]}', b'{"known": [{"at": ""}]}',
            b'{"known": [{"key": "k", "at": 3}]}', b"[" * 100_000,
        ):  # fmt: skip
            with self.assertRaises(AnswerError, msg=body[:40]):
                read_reply(body)

    def test_what_we_ask_is_what_a_partner_can_answer(self):
        self.assertEqual(question(["k1"]), b'{"keys": ["k1"]}')
        self.assertEqual(read_reply(b'{"known": []}'), [])

    def test_the_file_for_the_partner_is_read_back(self):
        data = keys_file([("k1", 'Purchase, "Order" 1.0', "2026-11-26T05:00:00Z"), ("k2", "", "")])
        self.assertEqual(read_answer(data), [Known("k1"), Known("k2")])

    @given(
        doubtful=KEYS, others=KEYS, answered=st.lists(st.sampled_from([f"k{n}" for n in range(16)]))
    )
    def test_each_key_is_judged_once_and_none_is_forgotten(self, doubtful, others, answered):
        ours = doubtful | others
        found = compare(doubtful, map(Known, answered), ours)
        known, lost = {k.key for k in found.known}, {k.key for k in found.lost}
        self.assertEqual(known | set(found.missing), doubtful)
        self.assertEqual(known, doubtful & set(answered))
        self.assertEqual(lost, set(answered) - ours)
        self.assertEqual(len(found.known), len(known))
        self.assertEqual(len(found.lost), len(lost))

    def test_of_a_key_that_comes_twice_the_earliest_time_counts(self):
        early, late = datetime(2026, 1, 1), datetime(2026, 1, 2)
        told = [Known("k", late), Known("k"), Known("k", early)]
        self.assertEqual(compare({"k"}, told, {"k"}).known, (Known("k", early),))


def anchor(
    number, total, at="2026-11-26T05:00:00.000001Z", instance="we", form="interop-audit-anchor/1"
):
    statement = (
        f'{{\\"instance\\":\\"{instance}\\",\\"number\\":{number},'
        f'\\"sealed_at\\":\\"{at}\\",\\"total\\":{total}}}'
    )
    return f'{{"format":"{form}","statement":"{statement}","signature":"00","endorsement":""}}'


class TestKnownOutside(BaseCase):
    def test_seals_after_the_backup_are_counted_and_dated(self):
        lines = [anchor(n, n * 100, f"2026-11-26T05:{n:02}:00Z") for n in (3, 4, 5, 5)]
        self.assertEqual(
            later(lines, "we", number=3, total=300),
            Outside(read=4, seals=2, entries=200, until=datetime(2026, 11, 26, 5, 5)),
        )

    def test_the_last_of_many_tells_of_those_that_are_not_shown(self):
        found = later([anchor(903, 9000)], "we", number=3, total=300)
        self.assertEqual((found.seals, found.entries), (900, 8700))

    def test_other_installations_and_other_lines_are_passed_over(self):
        lines = [anchor(9, 900, instance="they"), anchor(9, 9, form="x"), "", "{", "3", "[" * 9999]
        self.assertEqual(later(lines, "we", 0, 0), Outside(0, 0, 0, None))

    def test_a_backup_that_is_up_to_date_lost_nothing(self):
        found = later([anchor(3, 300)], "we", number=3, total=300)
        self.assertEqual(found, Outside(1, 0, 0, None))
