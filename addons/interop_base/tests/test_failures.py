from odoo.tests import BaseCase

from ..lib import failures


class TestFailures(BaseCase):
    def test_every_failure_has_a_known_class_and_a_sentence(self):
        for error in _subclasses(failures.InteropError):
            self.assertIn(error.failure_class, failures.FAILURE_CLASSES, error)
            self.assertTrue(error().sentence, error)

    def test_only_passing_faults_are_tried_again(self):
        self.assertEqual(failures.RETRYABLE, {"transient", "throttled"})
        self.assertIn(failures.FenceClosed().failure_class, failures.RETRYABLE)

    def test_sentence_is_the_text_of_the_error(self):
        error = failures.ThrottledError("Slow down, please.", retry_after=3.5)
        self.assertEqual(str(error), "Slow down, please.")
        self.assertEqual(error.sentence, "Slow down, please.")
        self.assertEqual(error.retry_after, 3.5)

    def test_data_error_lists_its_problems(self):
        self.assertEqual(failures.DataError("Two problems.", ["a", "b"]).problems, ["a", "b"])


def _subclasses(cls):
    for sub in cls.__subclasses__():
        yield sub
        yield from _subclasses(sub)
