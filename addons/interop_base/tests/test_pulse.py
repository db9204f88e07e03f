import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..lib import pulse
from ..lib.pulse import BEAT, SILENCE, Seen, Verdict

PLACE = "7/1"
PRIMARY = Seen(5, "monday", "db1:5432")
COPY = Seen(5, "tuesday", "db2:5432")


class TestPulse(BaseCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.keyring = str(Path(folder.name) / "keyring.json")

    def beat(self, seen, now):
        return pulse.beat(self.keyring, PLACE, seen, now)

    def judged(self, seen, now):
        return pulse.judge(pulse.read(self.keyring, PLACE), seen, now)

    def test_a_copy_stays_silent_as_long_as_its_original_beats(self):
        now = 0.0
        for _beat in range(30):
            self.assertIs(self.beat(PRIMARY, now), Verdict.OURS)
            now += BEAT
            self.assertIs(self.judged(COPY, now), Verdict.ELSEWHERE)
            self.assertIs(self.beat(COPY, now), Verdict.ELSEWHERE)

    def test_a_copy_takes_over_from_an_original_that_is_dead_and_shuts_it_out(self):
        self.beat(PRIMARY, 0.0)
        self.assertIs(self.beat(COPY, SILENCE - 1), Verdict.ELSEWHERE)
        self.assertIs(self.beat(COPY, SILENCE), Verdict.OURS)
        self.assertIs(self.judged(PRIMARY, SILENCE + 1), Verdict.ELSEWHERE)

    def test_of_two_that_find_the_place_free_at_once_one_takes_it(self):
        self.beat(Seen(5, "sunday", "db0:5432"), 0.0)
        copies = [Seen(5, f"start {n}", f"host{n}:5432") for n in range(8)]
        with ThreadPoolExecutor(8) as pool:
            verdicts = list(pool.map(lambda seen: self.beat(seen, SILENCE), copies))
        self.assertEqual(verdicts.count(Verdict.OURS), 1)
        self.assertEqual(verdicts.count(Verdict.ELSEWHERE), 7)

    def test_a_server_that_was_restarted_goes_on_at_once(self):
        self.beat(PRIMARY, 0.0)
        self.assertIs(self.beat(Seen(6, "tuesday", PRIMARY.address), 1.0), Verdict.OURS)

    def test_a_server_has_the_addresses_at_which_it_was_found_since_its_start(self):
        self.beat(PRIMARY, 0.0)
        self.beat(Seen(6, PRIMARY.started, "10.0.0.5:5432"), 1.0)
        restarted = Seen(6, "tuesday", "10.0.0.5:5432")
        self.assertIs(self.beat(restarted, 2.0), Verdict.OURS)
        self.assertIs(self.judged(Seen(6, "wednesday", PRIMARY.address), 3.0), Verdict.ELSEWHERE)

    def test_a_database_that_was_set_back_is_told_wherever_it_runs(self):
        self.beat(Seen(9, "monday", "db1:5432"), 0.0)
        for seen in (PRIMARY, COPY):
            self.assertIs(self.judged(seen, 10 * SILENCE), Verdict.SET_BACK)
            self.assertIs(self.beat(seen, 10 * SILENCE), Verdict.SET_BACK)

    def test_a_person_takes_the_place_and_an_undone_decision_changes_nothing(self):
        self.beat(Seen(9, "monday", "db1:5432"), 0.0)
        number = pulse.take(self.keyring, PLACE, COPY, 1.0)
        self.assertEqual(number, 9)
        self.assertIs(self.judged(Seen(number, COPY.started, COPY.address), 2.0), Verdict.OURS)
        self.assertIs(self.judged(COPY, 2.0), Verdict.SET_BACK, "its count was not committed")
        self.assertIs(self.judged(Seen(9, "monday", "db1:5432"), 2.0), Verdict.ELSEWHERE)

    def test_what_makes_no_sense_is_no_note(self):
        for text in ("", "[]", "{", '{"7/1": 3}', '{"7/1": {"number": "x"}}'):
            Path(self.keyring + pulse.SUFFIX).write_text(text)
            self.assertIsNone(pulse.read(self.keyring, PLACE), text)
        self.assertIs(self.beat(PRIMARY, 0.0), Verdict.OURS)

    def test_a_folder_that_cannot_be_written_is_told(self):
        with self.assertRaises(OSError):
            pulse.beat("/proc/nowhere/keyring.json", PLACE, PRIMARY, 0.0)

    @given(
        noted=st.builds(
            pulse.Pulse,
            st.integers(0, 3),
            st.floats(0, 10 * SILENCE),
            st.sampled_from(["monday", "tuesday"]),
            st.lists(st.sampled_from(["db1", "db2"]), max_size=2).map(tuple),
        ),
        mine=st.integers(0, 3),
        later=st.floats(0, 10 * SILENCE),
    )
    def test_two_running_servers_are_never_both_right(self, noted, mine, later):
        """Whatever the note says: at one time one of two servers at two addresses may go on."""
        first, second = Seen(mine, "monday", "db1"), Seen(mine, "tuesday", "db2")
        now = noted.at + later
        alive = [s for s in (first, second) if pulse.judge(noted, s, now) is Verdict.OURS]
        self.assertLessEqual(len(alive), 1)
        if noted.number > mine:
            self.assertEqual(alive, [])
