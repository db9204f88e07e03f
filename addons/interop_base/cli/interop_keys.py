import os
import sys
from collections.abc import Callable

from odoo.cli import Command
from odoo.tools import config

# Imports of the addon stand inside the methods: an ImportError up here would be reported as
# "Unknown command". They are absolute because Odoo loads this file as odoo.cli.interop_keys.


class InteropKeys(Command):
    """Make, check and change the keyring: the keys, outside the database, that seal content.

    init                    make a new keyring file, readable by its owner only (never overwrites)
    status                  versions and periods; with -d also what uses them and what does not fit
    extend [--months N]     make the period keys of this month and N more ahead
    rotate [--prepare]      add a master version and make it current (--prepare: only add it)
    rewrap                  bring everything that is sealed under the current version
    retire VERSION          destroy a version that nothing uses any more
    destroy CLASS MONTH     destroy a period key: its content is gone, in backups too

    rotate, rewrap, retire and destroy need the database: -d DATABASE.
    """

    name = "interop_keys"
    needs_database = frozenset({"rotate", "rewrap", "retire", "destroy"})

    def run(self, args: list[str]) -> None:
        from odoo.addons.interop_base import commands  # pylint: disable=W8150
        from odoo.addons.interop_base.lib import settings  # pylint: disable=W8150
        from odoo.addons.interop_base.lib.keyring import KeyringError  # pylint: disable=W8150

        parser = self.parser
        commands.add_options(parser, "the database that the keyring belongs to")
        parser.add_argument(
            "--keyring",
            help="path of the keyring, a file or a folder (default: the one that is configured)",
        )
        parser.add_argument("--months", type=int, default=12, help="extend: how many ahead (12)")
        parser.add_argument(
            "--class",
            dest="classes",
            action="append",
            default=[],
            metavar="CLASS",
            help="extend: this retention class (default: those that there are keys of)",
        )
        parser.add_argument(
            "--prepare", action="store_true", help="rotate: add the version, leave it unused"
        )
        parser.add_argument("action", choices=list({**_OFFLINE, **_ONLINE}))
        parser.add_argument("what", nargs="*", help="VERSION, or CLASS MONTH (2026-11)")
        options = parser.parse_args(args)
        wanted = {"retire": 1, "destroy": 2}.get(options.action, 0)
        if len(options.what) != wanted:
            parser.error(f"{options.action} takes {wanted or 'no'} argument(s)")
        if options.action in self.needs_database and not options.database:
            parser.error(f"{options.action} looks into the database: -d DATABASE")
        if options.months < 0:
            parser.error("--months: 0 or more")
        commands.configure(options)
        if options.keyring:
            os.environ["INTEROP_KEYRING"] = os.path.abspath(options.keyring)
        path = settings.load(config["config"], os.environ).keyring
        if not path:
            sys.exit(
                "Which keyring? Give --keyring PATH, or set `keyring` in the [interop] section of "
                "Odoo's configuration file."
            )
        try:
            if options.database and options.action in _ONLINE:
                with commands.opened(options.database, "interop_base") as env:
                    _ONLINE[options.action](env["interop.keyring"], options)
            else:
                _OFFLINE[options.action](path, options)
        except KeyringError as error:
            sys.exit(f"{path}: {error.sentence}")


def _say(sentence: str) -> None:
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


# -- without a database --------------------------------------------------------------------------


def _init(path: str, options) -> None:
    from odoo.addons.interop_base.lib.keyring_store import create

    create(path)
    _say(
        f"Made the keyring {path}. Keep a copy in a safe place: without it nothing that was sealed "
        "can be opened."
    )


def _show(path: str, options) -> None:
    from odoo.addons.interop_base.lib.keyring_store import load

    keyring = load(path)
    for key_id in keyring.key_ids:
        mark = " (current)" if key_id == keyring.current else ""
        _say(f"{key_id}{mark}, made {keyring.created.get(key_id) or 'at some time'}")
    _say(f"{len(keyring.periods)} period key(s)" + (":" if keyring.periods else ""))
    for period in keyring.periods:
        _say(f"  {period}")
    for key_id in sorted(keyring.destroyed):
        _say(f"{key_id}: destroyed {keyring.destroyed[key_id]}".rstrip())


def _extend_file(path: str, options) -> None:
    from datetime import UTC, datetime

    from odoo.addons.interop_base.lib.keyring import period_of
    from odoo.addons.interop_base.lib.keyring_months import months_ahead
    from odoo.addons.interop_base.lib.keyring_store import store_at

    with store_at(path).changing() as contents:
        before = len(contents.periods)
        classes = options.classes or {each.partition("/")[0] for each in contents.periods}
        for retention_class in sorted(classes) or ["standard"]:
            for month in months_ahead(datetime.now(UTC), options.months):
                contents.add_period(period_of(retention_class, month))
        count = len(contents.periods) - before
    _say(f"Made {count} period key(s).")


# -- with a database -----------------------------------------------------------------------------


def _status(keyrings, options) -> None:
    from odoo.addons.interop_base.lib.keyring_register import compare

    _show(keyrings._path(), options)
    usage = keyrings._usage(keyrings.env.cr)
    for label, counts in usage.items():
        for key_id, count in sorted(counts.items()):
            _say(f"{label}: {count} under {key_id}")
    findings = compare(keyrings._load(), keyrings._registered(keyrings.env.cr))
    for sentence, found in (
        ("not registered yet", findings.new),
        ("MISSING HERE", findings.missing),
        ("ANOTHER KEY than the registered one", findings.other),
        ("destroyed, but still in this keyring: remove it", findings.lingering),
    ):
        for key_id in found:
            _say(f"{key_id}: {sentence}")
    findings.require_sound()
    _say("The keyring is that of this database.")


def _extend(keyrings, options) -> None:
    made = keyrings._extend(options.months, options.classes)
    _say(f"Made {len(made)} period key(s).")


def _rotate(keyrings, options) -> None:
    version = keyrings._rotate(options.prepare)
    if options.prepare:
        _say(f"Added {version}, which is not used yet. Bring it to all hosts, then rotate again.")
    else:
        _say(f"{version} is current. Keep a copy of the keyring, then run rewrap.")


def _rewrap(keyrings, options) -> None:
    done = keyrings._rewrap(_say)
    _say(f"Re-wrapped {done.count} with {done.version}; {done.left} are under other versions.")
    if done.failed:
        sys.exit(
            f"{done.failed} could not be opened and were left as they are: their key is not in "
            "this keyring, or they were changed."
        )


def _retire(keyrings, options) -> None:
    [version] = options.what
    keyrings._retire(version)
    _say(f"Destroyed {version}. Backups of the database that use it need an older keyring.")


def _destroy(keyrings, options) -> None:
    retention_class, month = options.what
    keyrings._destroy_period(retention_class, month)
    _say(
        f"Destroyed the key of {retention_class}/{month}. Destroy it in copies of the keyring too: "
        "until then, who has one can read what backups hold."
    )


_OFFLINE: dict[str, Callable] = {"init": _init, "status": _show, "extend": _extend_file}
_ONLINE: dict[str, Callable] = {
    "status": _status,
    "extend": _extend,
    "rotate": _rotate,
    "rewrap": _rewrap,
    "retire": _retire,
    "destroy": _destroy,
}
