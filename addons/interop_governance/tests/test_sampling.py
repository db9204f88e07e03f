import doctest
import hashlib

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..lib.sampling import choose, population_digest, rank, seed_of
from ..papers import bundle_paper

uuids = st.sets(st.uuids().map(str), max_size=40)


class TestSampling(BaseCase):
    @given(uuids, st.integers(1, 50), st.text(max_size=20), st.randoms())
    def test_the_same_seed_draws_the_same_in_whatever_order_they_stand(
        self, population, number, words, random
    ):
        seed = seed_of(words, "ab" * 32)
        drawn = choose(seed, sorted(population), number)
        turned = list(population)
        random.shuffle(turned)
        self.assertEqual(choose(seed, turned, number), drawn)
        self.assertEqual(len(drawn), min(number, len(population)))
        self.assertLessEqual(set(drawn), population)
        self.assertEqual(population_digest(turned), population_digest(population))

    @given(uuids, st.integers(1, 10))
    def test_a_larger_sample_begins_with_the_smaller_one(self, population, number):
        seed = seed_of("words", "ab" * 32)
        self.assertEqual(
            choose(seed, population, number + 5)[:number], choose(seed, population, number)
        )

    def test_other_words_or_another_seal_draw_others(self):
        population = [f"{at:032x}" for at in range(500)]
        seeds = [seed_of("a", "00"), seed_of("b", "00"), seed_of("a", "01")]
        self.assertEqual(len({tuple(choose(seed, population, 5)) for seed in seeds}), 3)

    def test_seed_and_rank_are_as_the_paper_says(self):
        told = hashlib.sha256(b"interop-evidence-sample/1\nab\nwords").hexdigest()
        self.assertEqual(seed_of("words", "ab"), told)
        self.assertEqual(rank(told, "u"), hashlib.sha256(f"{told}\nu".encode()).hexdigest())

    def test_examples_in_the_papers_code_hold(self):
        self.assertEqual(doctest.testmod(bundle_paper).failed, 0)
