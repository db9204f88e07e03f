from odoo.tests import BaseCase

from ..lib import failures


class TestFailures(BaseCase):
    def test_every_failure_has_a_known_class_and_a_sentence(self):
        # Modules above define failures of their own; those are theirs to test.
        own = [cls for cls in vars(failures).values() if isinstance(cls, type)]
        errors = [cls for cls in own if issubclass(cls, failures.InteropError)]
        self.assertGreater(len(errors), len(failures.FAILURE_CLASSES))
        for error in errors:
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
