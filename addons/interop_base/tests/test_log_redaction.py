import contextlib
import io
import logging
import traceback

import psycopg2

from odoo.exceptions import ValidationError
from odoo.netsvc import PerfFilter
from odoo.tests import BaseCase, TransactionCase

from ..lib import log_redaction

CANARY = "Canary Fieldmouse"
NUMBER = "4711000815"
ODOO_FORMAT = "%(asctime)s %(pid)s %(levelname)s %(dbname)s %(name)s: %(message)s %(perf_info)s"


class LogCase(BaseCase):
    @contextlib.contextmanager
    def logged(self, *names):
        """What a handler of Odoo's own form would write meanwhile."""
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        handler.setFormatter(logging.Formatter(ODOO_FORMAT, defaults={"pid": 0, "dbname": "?"}))
        handler.addFilter(PerfFilter())
        loggers = [logging.getLogger(name) for name in names]
        before = [(logger, logger.level, logger.propagate) for logger in loggers]
        for logger in loggers:
            logger.addHandler(handler)
            logger.setLevel(logging.DEBUG)
            logger.propagate = False
        try:
            yield stream
        finally:
            for logger, level, propagate in before:
                logger.removeHandler(handler)
                logger.setLevel(level)
                logger.propagate = propagate

    def assertSilent(self, text):
        self.assertNotIn("Canary", text)
        self.assertNotIn("Fieldmouse", text)
        self.assertNotIn(NUMBER, text)


class TestFailingStatements(LogCase, TransactionCase):
    """Real statements that fail, and what Odoo writes to its log about them."""

    def fail(self, query, params):
        logger = logging.getLogger("odoo.test.interop")
        with self.logged("odoo.sql_db", logger.name) as stream:
            try:
                with self.env.cr.savepoint(flush=False):
                    self.env.cr.execute(query, params)
            except psycopg2.Error as error:
                logger.exception("Something failed: %s", error)
                logger.error(error)
                logger.warning("Once more: %r", [error])
                with contextlib.suppress(ValidationError):
                    self.wrap(logger, error)
        return stream.getvalue()

    def wrap(self, logger, error):
        try:
            raise ValidationError(error) from error
        except ValidationError as wrapped:
            logger.exception("Wrapped")
            logger.error("Wrapped: %s", wrapped)
            raise

    def test_values_of_a_missing_column_are_withheld(self):
        text = self.fail(
            "INSERT INTO res_partner_category (color, parent_path) VALUES (%s, %s)",
            [None, f"{CANARY} {NUMBER}"],
        )
        self.assertSilent(text)
        self.assertIn("bad query: INSERT INTO res_partner_category (color, parent_path)", text)
        self.assertIn('null value in column "name"', text)
        self.assertIn("23502, table res_partner_category, column name", text)
        self.assertIn("psycopg2.errors.NotNullViolation", text)

    def test_values_of_a_broken_unique_constraint_are_withheld(self):
        self.env["interop.area"].create({"name": "x", "code": CANARY})
        self.env["interop.area"].flush_model()
        text = self.fail("INSERT INTO interop_area (name, code) VALUES ('{}', %s)", [CANARY])
        self.assertSilent(text)
        self.assertIn("constraint interop_area_code_unique", text)

    def test_values_of_the_wrong_type_are_withheld(self):
        for query in (
            "SELECT %s::int",
            "SELECT %s::date",
            "SELECT %s::json",
            "SELECT %s::uuid",
            "SELECT id FROM res_partner WHERE id = %s",
            "SELECT 1 FROM res_partner WHERE name = %s AND",
            "SELECT xmlparse(document %s)",
        ):
            self.assertSilent(self.fail(query, [f"{CANARY} {NUMBER}"]))

    def test_message_of_a_database_function_is_withheld(self):
        text = self.fail(
            "DO $$ BEGIN RAISE EXCEPTION 'of Canary Fieldmouse, number 4711000815'; END $$", None
        )
        self.assertSilent(text)
        self.assertIn("message of a database function (withheld) [P0001]", text)

    def test_names_that_help_are_kept(self):
        text = self.fail("SELECT no_such_column FROM res_partner WHERE name = %s", [CANARY])
        self.assertSilent(text)
        self.assertIn('column "no_such_column" does not exist', text)

    def test_statements_logged_for_debugging_are_withheld_too(self):
        with self.logged("odoo.sql_db") as stream:
            self.env.cr.execute("SELECT id FROM res_partner WHERE name = %s", [CANARY])
        self.assertSilent(stream.getvalue())
        self.assertIn("query: SELECT id FROM res_partner WHERE name = ?", stream.getvalue())


class TestOddMessages(LogCase):
    """The hook sees every record of the process: it must stand anything."""

    def test_odd_messages_of_the_statement_logger_survive(self):
        logger = logging.getLogger("odoo.sql_db")
        with self.logged("odoo.sql_db") as stream:
            logger.error("bad query: %s", f"SELECT '{CANARY}'")
            logger.error(f"bad query: SELECT '{CANARY}'")
            logger.error("bad query: %s\nERROR: %s", f"SELECT '{CANARY}'".encode(), None)
            logger.error("bad query: %s\nERROR: %s", b"\xff\xfe '" + CANARY.encode(), 7)
            logger.error("bad query: %(query)s", {"query": f"SELECT '{CANARY}'"})
            logger.error("query: %s", ["SELECT", f"'{CANARY}'"])
            logger.warning("plain")
            logger.warning("100%")
            logger.warning("Too many iterations %d of %s", 7, "flush")
            logger.warning(None)
        self.assertSilent(stream.getvalue())
        self.assertIn("plain", stream.getvalue())
        self.assertIn("100%", stream.getvalue())
        self.assertIn("Too many iterations 7 of flush", stream.getvalue())

    def test_other_loggers_are_left_alone(self):
        logger = logging.getLogger("odoo.test.interop")
        with self.logged(logger.name) as stream:
            logger.info("query: it's %s for %d of %r", "'fine'", 3, {"a": "'b'"})
            try:
                raise ValueError("an ordinary mistake")
            except ValueError:
                logger.exception("Oh")
        self.assertIn("""query: it's 'fine' for 3 of {'a': "'b'"}""", stream.getvalue())
        self.assertIn("ValueError: an ordinary mistake", stream.getvalue())

    def test_error_without_a_statement_keeps_its_text(self):
        record = self.record(psycopg2.OperationalError("connection to server failed: no route"))
        self.assertIn("connection to server failed: no route", record.exc_text)

    def test_errors_in_a_group_and_far_down_a_chain_are_found(self):
        bad = psycopg2.DataError(f"boom\nDETAIL:  Key (name)=({CANARY}) is odd.")
        group = ExceptionGroup("several", [ValueError("other"), bad])
        outer = RuntimeError("outer")
        outer.__context__ = group
        self.assertSilent(self.record(outer).exc_text)

    def test_error_whose_text_fails_is_withheld(self):
        class Odd(Exception):
            def __str__(self):
                raise RuntimeError(CANARY)

        record = self.record(Odd())
        self.assertSilent(record.exc_text)
        self.assertIsNone(record.exc_info)

    def test_endless_chain_is_survived(self):
        one, two = ValueError("one"), ValueError("two")
        one.__context__, two.__context__ = two, one
        self.record(one)

    def test_installing_twice_changes_nothing(self):
        before = logging.LogRecord.__init__
        log_redaction.install()
        self.assertIs(logging.LogRecord.__init__, before)

    def record(self, error):
        info = (type(error), error, error.__traceback__)
        record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "Oh", (), info)
        if record.exc_info:
            record.exc_text = "".join(traceback.format_exception(*info))
        return record
