import hashlib
from dataclasses import replace
from datetime import UTC, datetime

from odoo.tests import BaseCase

from ..lib.evidence import leaf, merkle, seal
from ..lib.evidence.seal import Statement
from ..lib.evidence.source import Dropped, Epoch, Start
from .trails import Trail, entry, entry_id, key, public, sealed_trail, txid

NOW = datetime(2026, 1, 1, 0, 1, tzinfo=UTC)


class TrailCase(BaseCase):
    def found(self, report, severity="error"):
        """Code, seal and entry of each finding of this severity."""
        return [
            (each.code, each.seal, each.entry)
            for each in report.findings
            if each.severity == severity
        ]

    def assertClean(self, report):
        self.assertEqual([each for each in report.findings if each.severity != "note"], [])
        self.assertTrue(report.is_clean)


class TestCleanTrail(TrailCase):
    def test_a_trail_that_nobody_touched_is_clean(self):
        trail = sealed_trail()
        report = trail.verify(anchors=trail.anchor_lines())
        self.assertClean(report)
        self.assertEqual((report.entries, report.seals, report.unsealed), (36, 4, 0))
        self.assertEqual((report.first_seal, report.last_seal), (1, 4))
        self.assertEqual(report.keys, [public()])
        self.assertEqual((report.anchors, report.highest_anchor), (4, 4))

    def test_an_empty_trail_is_clean(self):
        self.assertClean(Trail().verify())

    def test_what_is_younger_than_the_last_seal_is_told_and_no_fault(self):
        trail = sealed_trail()
        trail.lines.append(entry(60, 712))
        report = trail.verify(now=NOW)
        self.assertClean(report)
        self.assertEqual(report.unsealed, 1)
        self.assertEqual(self.found(report, "note"), [("unsealed", None, None)])

    def test_what_waits_too_long_for_its_seal_is_a_warning(self):
        trail = sealed_trail()
        trail.lines.append(entry(60, 712))
        report = trail.verify(now=datetime(2026, 1, 1, 0, 12, tzinfo=UTC))
        self.assertEqual(self.found(report, "warning"), [("lag", None, None)])
        self.assertFalse(report.is_clean)

    def test_a_restored_trail_is_clean_though_transaction_numbers_begin_anew(self):
        trail = sealed_trail()
        trail.lines += [entry(40, 712), entry(41, 713)]  # before the backup, not sealed
        trail.lines += [entry(42, 701), entry(43, 705)]  # after it, in a server with low numbers
        trail.begin_epoch()
        trail.lines += [entry(44, 701), entry(45, 706)]
        trail.seal_range(700, 704)
        trail.seal_range(704, 710)
        report = trail.verify()
        self.assertClean(report)
        self.assertEqual(report.entries, 42)
        self.assertEqual(self.found(report, "note"), [("restored", None, None)])

    def test_the_newer_part_is_verified_from_the_seal_before(self):
        trail = sealed_trail()
        before = trail.seals[1]
        newer = Trail(
            trail.lines, trail.seals[2:], trail.leaves, trail.epochs_, log=merkle.Frontier()
        )
        newer.loose = lambda: []
        report = newer.verify(start=Start(before, before.frontier))
        self.assertClean(report)
        self.assertEqual((report.first_seal, report.last_seal, report.entries), (3, 4, 24))
        self.assertEqual(report.log_root, trail.verify().log_root)


class TestBentEntries(TrailCase):
    def test_a_changed_entry_is_named(self):
        trail = sealed_trail()
        trail.lines[7] = entry(8, txid(trail.lines[7]), outcome="refused")
        self.assertEqual(self.found(trail.verify()), [("changed", 2, 8)])

    def test_a_removed_entry_is_named(self):
        trail = sealed_trail()
        del trail.lines[20]
        self.assertEqual(self.found(trail.verify()), [("deleted", 3, 21)])

    def test_all_entries_of_a_seal_removed_are_named_one_by_one(self):
        trail = sealed_trail()
        trail.lines = trail.lines[12:]
        found = self.found(trail.verify())
        self.assertEqual(found, [("deleted", 2, number) for number in range(1, 13)])

    def test_an_entry_that_was_slipped_in_is_named(self):
        trail = sealed_trail()
        trail.lines.append(entry(99, 705))
        self.assertEqual(self.found(trail.verify()), [("inserted", 3, 99)])

    def test_an_entry_before_all_seals_is_slipped_in(self):
        for line in (entry(99, 3), entry(-4, 712)):
            trail = sealed_trail()
            trail.lines.append(line)
            self.assertEqual(
                self.found(trail.verify(now=NOW)), [("inserted", None, entry_id(line))]
            )

    def test_contents_that_changed_places_are_reordered(self):
        for a, b in ((3, 8), (3, 30)):
            trail = sealed_trail()
            one, two = (leaf.values(trail.lines[at - 1]) for at in (a, b))
            trail.lines[a - 1] = leaf.line([*one[:3], *two[3:]])
            trail.lines[b - 1] = leaf.line([*two[:3], *one[3:]])
            found = self.found(trail.verify())
            self.assertEqual(
                [(code, number) for code, _seal, number in found],
                [("reordered", a), ("reordered", b)],
            )

    def test_numbers_and_times_that_changed_places_are_reordered(self):
        for columns in ((0,), (1,), (0, 1), (2,), (0, 1, 2)):
            trail = sealed_trail()
            one, two = (leaf.values(trail.lines[at]) for at in (4, 25))
            for at in columns:
                one[at], two[at] = two[at], one[at]
            trail.lines[4], trail.lines[25] = leaf.line(one), leaf.line(two)
            found = self.found(trail.verify())
            if columns == (0, 1, 2):
                # The rest changed places then.
                self.assertEqual({code for code, _seal, _entry in found}, {"reordered"})
            self.assertEqual(
                {(code, number) for code, _seal, number in found},
                {("reordered", 5), ("reordered", 26)},
            )

    def test_what_was_written_with_an_entry_slipped_in_before_a_restore_is_named(self):
        trail = sealed_trail()
        trail.lines.append(entry(30, 700, "test.late"))  # the number of an entry twice
        self.assertEqual(self.found(trail.verify()), [("inserted", 2, 30)])

    def test_leaves_bent_with_the_entry_do_not_hide_it(self):
        trail = sealed_trail()
        line = trail.lines[7]
        trail.lines[7] = entry(8, txid(line), outcome="refused")
        ids, hashes = seal.unpack_leaves(trail.leaves[2])
        hashes[ids.index(8)] = leaf.leaf_hash(trail.lines[7])
        trail.leaves[2] = seal.pack_leaves(ids, hashes)
        self.assertEqual(self.found(trail.verify()), [("changed", 2, None)])

    def test_bent_or_missing_leaves_are_found_though_the_entries_are_right(self):
        trail = sealed_trail()
        trail.leaves[2] = trail.leaves[2][:-1] + b"\x00"
        del trail.leaves[3]
        self.assertEqual(self.found(trail.verify()), [("changed", 2, None), ("deleted", 3, None)])

    def test_of_many_removed_entries_two_hundred_are_named_and_the_rest_counted(self):
        trail = sealed_trail(transactions=40, each=30, per_seal=40)
        del trail.lines[100:500]
        report = trail.verify()
        found = self.found(report)
        self.assertEqual(found[:2], [("deleted", 2, 101), ("deleted", 2, 102)])
        self.assertEqual(len(found), 201)
        self.assertIn("200 more of this kind", report.findings[200].sentence)


class TestBentSeals(TrailCase):
    def bend(self, trail, at, **values):
        trail.seals[at] = replace(trail.seals[at], **values)

    def test_the_end_cut_off_is_found_by_an_anchor_and_by_nothing_else(self):
        trail = sealed_trail()
        anchors = trail.anchor_lines()
        del trail.seals[2:], trail.leaves[3], trail.leaves[4]
        trail.lines = [line for line in trail.lines if txid(line) < 704]
        self.assertClean(trail.verify(anchors=anchors[:2]))
        self.assertEqual(self.found(trail.verify(anchors=anchors)), [("truncated", 2, None)])

    def test_everything_cut_off_is_found_by_an_anchor(self):
        anchors = sealed_trail().anchor_lines()
        self.assertEqual(self.found(Trail().verify(anchors=anchors)), [("truncated", None, None)])

    def test_a_trail_written_anew_with_the_true_key_is_found_by_an_anchor(self):
        anchors = sealed_trail().anchor_lines()
        other = sealed_trail(each=2)
        self.assertClean(other.verify())
        # The first seal holds nothing and is the same.
        self.assertEqual(
            self.found(other.verify(anchors=anchors)),
            [("rewritten", number, None) for number in (2, 3, 4)],
        )

    def test_a_trail_signed_with_another_key_is_found(self):
        trail = Trail(key=key(2))
        trail.seal_bridge(0)
        self.assertEqual(self.found(trail.verify()), [("wrong_key", 1, None)])

    def test_an_anchor_that_is_signed_with_another_key_proves_nothing(self):
        other = Trail(key=key(2))
        for _turn in range(5):
            other.seal_bridge(0)
        report = sealed_trail().verify(anchors=[*other.anchor_lines(), "{}"])
        self.assertEqual({each.code for each in report.findings}, {"bad_statement"})

    def test_a_key_that_the_one_before_endorsed_is_believed(self):
        trail = sealed_trail()
        trail.key = key(2)
        trail.seal_range(712, 713, endorsed_by=key(1))
        trail.seal_range(713, 714)
        self.assertClean(trail.verify())
        # Who knows only the new key sees that the old one handed over to it.
        report = trail.verify([public(2)])
        self.assertClean(report)
        self.assertEqual(self.found(report, "note"), [("wrong_key", 1, None)])

    def test_a_new_key_without_endorsement_is_not_believed(self):
        for endorser in (None, key(3)):
            trail = sealed_trail()
            trail.key = key(2)
            trail.seal_range(712, 713, endorsed_by=endorser)
            self.assertIn(("wrong_key", 5, None), self.found(trail.verify()))
            self.assertIn(("wrong_key", 1, None), self.found(trail.verify([public(2)])))

    def test_no_trusted_key_believes_nothing(self):
        self.assertEqual(self.found(sealed_trail().verify([])), [("wrong_key", 1, None)])

    def test_a_seal_taken_out_of_the_middle_is_named(self):
        trail = sealed_trail()
        del trail.seals[2]
        found = self.found(trail.verify())
        self.assertIn(("deleted", 3, None), found)
        self.assertIn(("broken_chain", 4, None), found)  # there is a gap between the ranges
        self.assertIn(("inserted", None, 13), found)  # as nothing holds its entries

    def test_seals_that_changed_places_are_reordered(self):
        trail = sealed_trail()
        trail.seals[1], trail.seals[2] = trail.seals[2], trail.seals[1]
        self.assertIn(("reordered", 2, None), self.found(trail.verify()))

    def test_a_statement_other_than_signed_is_named_once(self):
        trail = sealed_trail()
        statement = trail.seals[1].statement.replace("T00:00:00", "T00:00:01")
        self.bend(trail, 1, statement=statement)
        self.assertEqual(
            self.found(trail.verify()),
            [
                ("broken_chain", 2, None),  # the log tree beside it is the true one's
                ("broken_chain", 3, None),
                ("broken_chain", 3, None),
                ("broken_chain", 4, None),
                ("bad_statement", 2, None),
            ],
        )

    def test_a_statement_that_is_none_is_named(self):
        trail = sealed_trail()
        self.bend(trail, 1, statement="{}")
        self.assertIn(("bad_statement", 2, None), self.found(trail.verify()))

    def test_values_beside_the_statement_must_be_its_own(self):
        trail = sealed_trail()
        self.bend(trail, 2, columns={"count": 11})
        self.assertEqual(self.found(trail.verify()), [("bad_statement", 3, None)])
        trail = sealed_trail()
        self.bend(trail, 2, frontier=trail.seals[1].frontier)
        self.assertEqual(self.found(trail.verify()), [("broken_chain", 3, None)])

    def test_a_seal_of_another_history_does_not_follow(self):
        trail, other = sealed_trail(), sealed_trail(each=2)
        trail.seals[3] = other.seals[3]
        self.assertIn(("broken_chain", 4, None), self.found(trail.verify()))

    def test_epochs_must_be_those_of_the_seals(self):
        trail = sealed_trail()
        trail.epochs_ = [Epoch(1, 5)]
        self.assertIn(("bad_statement", 1, None), self.found(trail.verify()))
        trail = sealed_trail()
        trail.begin_epoch()
        trail.epochs_[0] = Epoch(1, 0, 30)
        self.assertIn(("bad_statement", None, None), self.found(trail.verify()))


class TestDroppedMonths(TrailCase):
    def dropped(self, *, say=True, seal_it=True, ranges="[[1,15]]", seals="[[2,2]]"):
        """A trail whose entries 1 to 15 went: all of seal 2, a part of seal 3."""
        trail = sealed_trail()
        digest = hashlib.sha256(b"[[1,15]]").hexdigest()
        details = f'{{"ids_digest":"{digest}","month":"2020-01","seals":{seals}}}'
        trail.lines = trail.lines[15:]
        del trail.leaves[2]
        if say:
            trail.lines.append(entry(50, 712, "audit.month_dropped", details=details))
        if seal_it:
            trail.seal_range(712, 720)
        trail.dropped_ = [Dropped("2020-01", ranges)]
        return trail.verify(now=NOW)

    def test_a_month_that_a_sealed_entry_says_was_dropped_is_no_fault(self):
        report = self.dropped()
        self.assertClean(report)
        self.assertEqual(report.gone, 15)
        self.assertEqual(self.found(report, "note"), [("dropped", None, None)])

    def test_a_month_that_nobody_says_was_dropped_was_removed(self):
        found = self.found(self.dropped(say=False))
        self.assertEqual(
            found, [("deleted", 2, None), *(("deleted", 3, number) for number in (13, 14, 15))]
        )

    def test_more_than_was_dropped_is_removed(self):
        found = self.found(self.dropped(ranges="[[1,99]]"))
        self.assertEqual(found, [("deleted", 3, number) for number in (13, 14, 15)])
        self.assertEqual(self.found(self.dropped(seals="[]")), [("deleted", 2, None)])

    def test_a_month_whose_entry_is_not_sealed_yet_is_a_warning(self):
        report = self.dropped(seal_it=False)
        self.assertEqual(self.found(report), [])
        self.assertEqual(self.found(report, "warning"), [("dropped", None, None)])


class TestStatement(BaseCase):
    def test_trails_of_the_tests_are_made_of_true_statements(self):
        for stored in sealed_trail().seals:
            self.assertEqual(Statement.parse(stored.statement).text(), stored.statement)
