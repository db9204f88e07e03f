import os
import sys

from odoo.cli import Command
from odoo.tools import config

# Imports of the addon stand inside the methods: an ImportError up here would be reported as
# "Unknown command". They are absolute because Odoo loads this file as odoo.cli.interop_keys.


class InteropKeys(Command):
    """Make and check the keyring, the file with the keys that seal secrets and content.

    init    make a new keyring file, readable by its owner only (never overwrites)
    status  say whether the keyring can be used
    """

    name = "interop_keys"

    def run(self, args: list[str]) -> None:
        parser = self.parser
        parser.add_argument("-c", "--config", help="Odoo's configuration file")
        parser.add_argument(
            "--keyring", help="path of the keyring file (default: the one that is configured)"
        )
        parser.add_argument("action", choices=["init", "status"])
        options = parser.parse_args(args)
        config.parse_config(["-c", options.config] if options.config else [], setup_logging=True)
        from odoo.addons.interop_base.lib import settings  # pylint: disable=W8150

        path = options.keyring or settings.load(config["config"], os.environ).keyring
        if not path:
            sys.exit(
                "Which keyring? Give --keyring PATH, or set `keyring` in the [interop] section of "
                "Odoo's configuration file."
            )
        from odoo.addons.interop_base.lib.keyring import (  # pylint: disable=W8150
            Keyring,
            KeyringError,
        )

        try:
            if options.action == "init":
                Keyring.create(path)
                self._say(
                    f"Made the keyring {path}. Keep a copy in a safe place: without it nothing "
                    "that was sealed can be opened."
                )
            else:
                keyring = Keyring.load(path)
                for key_id in keyring.key_ids:
                    mark = " (current)" if key_id == keyring.current else ""
                    made = keyring.created.get(key_id) or "at some time"
                    self._say(f"{key_id}{mark}, made {made}")
        except KeyringError as error:
            sys.exit(f"{path}: {error.sentence}")

    @staticmethod
    def _say(sentence: str) -> None:
        sys.stdout.write(sentence + "\n")
