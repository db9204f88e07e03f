"""The stand-alone verifier: an export, a public key, and at best anchors kept elsewhere."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from . import bundle_telling, keys, telling
from .bundle import verify_bundle
from .bundle_text import unpacked
from .exported import Exported, ExportError
from .findings import Finding, is_bad
from .trail import Report, verify

CLEAN, FOUND, CALLED_WRONGLY = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify, tell, and give 0 if nothing was found, 1 if something was, 2 if called wrongly."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        trusted = [key for given in options.public_keys for key in keys.read(given)]
        anchors = list(_anchors(options.anchors))
    except (ValueError, OSError) as error:
        parser.error(str(error))
    if options.bundle:
        return _verify_bundle(parser, options, trusted, anchors)
    if not options.export:
        parser.error("what is to be verified? Give an export, or --bundle FILE")
    try:
        exported = Exported(Path(options.export))
        report = verify(
            exported,
            trusted,
            anchors=anchors or exported.anchors(),
            start=exported.start(),
            now=_made_at(exported),
        )
    except (ExportError, KeyError, TypeError, ValueError, OSError) as error:
        # Whoever damaged it so that it cannot be read has changed it: that is a finding.
        _tell_unreadable(error, as_json=options.json)
        return FOUND
    _tell(report, as_json=options.json)
    return CLEAN if report.is_clean else FOUND


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="interop_verify",
        description="Verifies an exported audit trail or an evidence bundle, without a database. "
        "Ends with 0 if nothing was found, 1 if something was, 2 if it was called wrongly.",
    )
    parser.add_argument("export", nargs="?", help="the export: a zip or its unpacked folder")
    parser.add_argument(
        "--public-key",
        dest="public_keys",
        action="append",
        required=True,
        metavar="KEY",
        help="the trusted public key: a file (PEM, or hex or base64 in lines) or the key itself in "
        "hex; may be given several times",
    )
    parser.add_argument(
        "--anchors",
        action="append",
        default=[],
        metavar="FILE",
        help="anchors that were kept outside: a file of lines, or a folder of files",
    )
    parser.add_argument(
        "--bundle",
        metavar="FILE",
        help="verify an evidence bundle instead: its archive, or the JSON in it",
    )
    parser.add_argument("--json", action="store_true", help="for programs")
    return parser


def read_anchors(path: Path) -> Iterable[str]:
    """The lines of a file, or of all files in a folder. Raises OSError if there is none."""
    files = sorted(each for each in path.iterdir() if each.is_file()) if path.is_dir() else [path]
    for file in files:
        with file.open(encoding="utf-8", errors="replace") as lines:
            yield from lines


def _anchors(given: Iterable[str]) -> Iterable[str]:
    for each in given:
        yield from read_anchors(Path(each))


def _made_at(exported: Exported) -> datetime | None:
    """What was not sealed then is measured by then, not by today."""
    made = exported.manifest.get("made_at")
    return datetime.fromisoformat(made) if isinstance(made, str) else None


def _tell(report: Report, *, as_json: bool) -> None:
    if as_json:
        _print_json(telling.as_json(report))
    else:
        sys.stdout.writelines(line + "\n" for line in telling.as_text(report))


def _tell_unreadable(error: Exception, *, as_json: bool) -> None:
    sentence = str(error) if isinstance(error, ExportError) else "The export is damaged."
    finding = Finding("bad_statement", "error", None, None, sentence)
    if as_json:
        _print_json({"clean": False, "findings": [finding.as_json()]})
    else:
        sys.stdout.write(f"error    {sentence}\n")


def _verify_bundle(
    parser: argparse.ArgumentParser,
    options: argparse.Namespace,
    trusted: Sequence[str],
    anchors: Sequence[str],
) -> int:
    """The archive of a bundle, or the JSON in it."""
    try:
        data = unpacked(Path(options.bundle).read_bytes())
    except (OSError, ValueError) as error:
        parser.error(f"{options.bundle} cannot be read: {error}")
    findings = verify_bundle(data, trusted, anchors)
    bad = any(map(is_bad, findings))
    if options.json:
        _print_json({"clean": not bad, "findings": [each.as_json() for each in findings]})
    else:
        sys.stdout.writelines(line + "\n" for line in bundle_telling.as_text(data, findings))
    return FOUND if bad else CLEAN


def _print_json(thing: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(thing, indent=2, ensure_ascii=False) + "\n")
