import argparse
import json
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from odoo.cli import Command
from odoo.tools import config

# Imports of the addon stand inside the methods: an ImportError up here would be reported as
# "Unknown command".


class InteropVerify(Command):
    """Verify the audit trail: is each entry as it was sealed, nothing added, removed, rewritten?

    Only reads, but for an entry in the trail that says that it was verified. Without anchors that
    were kept outside, a trail that was cut off or written anew with its own key cannot be told from
    a true one. Ends with 1 if something was found, with 2 if it was called wrongly.
    """

    name = "interop_verify"

    def run(self, args: list[str]) -> None:
        options = self._parse(args)
        arguments = ["--no-http"]
        arguments += ["-c", options.config] if options.config else []
        arguments += ["-d", options.database] if options.database else []
        config.parse_config(arguments, setup_logging=True)
        names = config["db_name"]
        if len(names) != 1:
            self.parser.error("name one database: -d DATABASE")
        threading.current_thread().dbname = names[0]
        sys.exit(self._in_database(names[0], options))

    def _parse(self, args: list[str]) -> argparse.Namespace:
        parser = self.parser
        parser.add_argument("-c", "--config", help="Odoo's configuration file")
        parser.add_argument("-d", "--database", help="the database whose trail is verified")
        parser.add_argument(
            "--anchors",
            action="append",
            default=[],
            metavar="FILE",
            help="anchors that were kept outside: a file of lines, or a folder of files",
        )
        parser.add_argument(
            "--public-key",
            dest="public_keys",
            action="append",
            default=[],
            metavar="FILE",
            help="a trusted public key, as PEM, hex or base64, or the key itself in hex (default: "
            "those of the keyring)",
        )
        parser.add_argument(
            "--from", dest="begin", type=_moment, help="seals made from then on (UTC)"
        )
        parser.add_argument("--to", dest="end", type=_moment, help="seals made until then (UTC)")
        parser.add_argument(
            "--export",
            metavar="FOLDER",
            help="write the trail into this new folder instead, to be verified anywhere",
        )
        parser.add_argument("--json", action="store_true", help="for programs")
        return parser.parse_args(args)

    def _in_database(self, database: str, options: argparse.Namespace) -> int:
        from odoo import SUPERUSER_ID
        from odoo.api import Environment
        from odoo.modules.registry import Registry

        from odoo.addons.interop_base.lib.keyring import KeyringError  # pylint: disable=W8150

        registry = Registry(database)
        registry.check_signaling()
        with registry.cursor() as cr:
            env = Environment(cr, SUPERUSER_ID, {})
            if "interop.audit.verifier" not in env:
                sys.exit(f"{database}: the module interop_audit is not installed there.")
            try:
                if options.export:
                    return self._export(env, options)
                return self._verify(env, options)
            except KeyringError as error:
                sys.exit(f"{database}: {error.sentence}")

    def _verify(self, env, options: argparse.Namespace) -> int:
        # Odoo loads commands outside their addon: a relative import finds nothing here.
        from odoo.addons.interop_audit.lib.evidence import telling  # pylint: disable=W8150

        trusted, anchors = self._given(options)
        after, to = env["interop.audit.exporter"]._numbers(options.begin, options.end)
        report = env["interop.audit.verifier"]._verify(
            trusted=env["interop.audit.verifier"]._trusted(trusted),
            anchors=anchors,
            after=after,
            to=to,
        )
        env["interop.audit.verifier"]._record_act(report)
        if options.json:
            told = json.dumps(telling.as_json(report), indent=2, ensure_ascii=False)
            sys.stdout.write(told + "\n")
        else:
            sys.stdout.writelines(line + "\n" for line in telling.as_text(report))
        return 0 if report.is_clean else 1

    def _export(self, env, options: argparse.Namespace) -> int:
        folder = Path(options.export)
        if folder.exists():
            self.parser.error(f"{folder} is there already")
        after, to = env["interop.audit.exporter"]._numbers(options.begin, options.end)
        _trusted, anchors = self._given(options)
        exporter = env["interop.audit.exporter"]
        written = exporter._export_folder(folder, after=after, to=to, anchors=anchors)
        sys.stdout.write(
            f"{written.entries:,} entries and {written.seals:,} seals written to {folder}; "
            f"SHA-256 of manifest.json: {written.digest}\n"
        )
        return 0

    def _given(self, options: argparse.Namespace) -> tuple[list[str], list[str]]:
        """Keys and anchors from the files that were named."""
        from odoo.addons.interop_audit.lib.evidence import keys  # pylint: disable=W8150
        from odoo.addons.interop_audit.lib.evidence.command import (  # pylint: disable=W8150
            read_anchors,
        )

        try:
            trusted = [key for given in options.public_keys for key in keys.read(given)]
            anchors = [line for given in options.anchors for line in read_anchors(Path(given))]
        except (OSError, ValueError) as error:
            self.parser.error(str(error))
        return trusted, anchors


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    # As Odoo keeps moments: UTC, without saying so.
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
