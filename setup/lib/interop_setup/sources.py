"""Reads the machine's apt sources: which mirror does this machine take Debian from?

Both forms are understood: one line per source (sources.list(5), "one-line-style") and stanzas
("deb822-style"), which Debian 12 and newer images use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .console import StepFailed

_KEPT = ("signed-by", "trusted", "check-valid-until")
_ONE_LINE = re.compile(
    r"^deb\s+(?:\[(?P<options>[^\]]*)\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)(?P<components>.*)$"
)


@dataclass(frozen=True)
class Source:
    """One source of binary packages; `options` are those that say whom to trust."""

    uris: tuple[str, ...]
    suites: tuple[str, ...]
    components: tuple[str, ...]
    options: tuple[tuple[str, str], ...]

    def stanza(self, suite: str) -> str:
        """The same mirror, looked at for another suite, in deb822 form."""
        lines = [
            "Types: deb",
            f"URIs: {' '.join(self.uris)}",
            f"Suites: {suite}",
            "Components: main",
        ]
        lines += [f"{name}: {value}" for name, value in self.options]
        return "\n".join(lines) + "\n"


def debian_mirror(etc: Path = Path("/etc")) -> Source:
    """The source that this machine's own Debian comes from."""
    codename = _codename(etc / "os-release")
    plain = {codename, "stable", "testing", "unstable", "sid"} - {""}
    found = [source for source in _all(etc / "apt") if "main" in source.components]
    for source in found:
        if plain & set(source.suites):
            return source
    for source in found:
        if any(
            suite.partition("-")[0] in plain and "security" not in suite for suite in source.suites
        ):
            return source
    raise StepFailed(
        "no Debian mirror was found in /etc/apt. Odoo 19 is taken from Debian: add a mirror to the "
        "machine's apt sources, or point ODOO_HOME to an Odoo 19 that you have."
    )


def _codename(os_release: Path) -> str:
    if not os_release.exists():
        return ""
    match = re.search(r'^VERSION_CODENAME="?([^"\n]*)', os_release.read_text(), re.MULTILINE)
    return match.group(1) if match else ""


def _all(apt: Path) -> Iterator[Source]:
    parts = apt / "sources.list.d"
    for path in [apt / "sources.list", *sorted(parts.glob("*.list"))]:
        if path.is_file():
            yield from _one_line_sources(path.read_text())
    for path in sorted(parts.glob("*.sources")):
        yield from _stanzas(path.read_text())


def _one_line_sources(text: str) -> Iterator[Source]:
    for line in text.splitlines():
        match = _ONE_LINE.match(line.partition("#")[0].strip())
        if match:
            options = dict(
                word.split("=", 1) for word in (match["options"] or "").split() if "=" in word
            )
            yield Source(
                (match["uri"],),
                (match["suite"],),
                tuple(match["components"].split()),
                _kept(options),
            )


def _stanzas(text: str) -> Iterator[Source]:
    for block in re.split(r"\n\s*\n", text):
        fields: dict[str, str] = {}
        name = ""
        for line in block.splitlines():
            if line.startswith("#"):
                continue
            if line[:1] in " \t" and name:
                fields[name] += "\n" + line  # a continuation, such as a key written into the file
            elif ":" in line:
                name, _, value = line.partition(":")
                name = name.strip().lower()
                fields[name] = value.strip()
        if (
            "deb" in fields.get("types", "").split()
            and fields.get("enabled", "yes").lower() != "no"
        ):
            yield Source(
                tuple(fields.get("uris", "").split()),
                tuple(fields.get("suites", "").split()),
                tuple(fields.get("components", "").split()),
                _kept(fields),
            )


def _kept(options: dict[str, str]) -> tuple[tuple[str, str], ...]:
    found = {name.lower(): value for name, value in options.items()}
    return tuple(
        ("-".join(part.title() for part in name.split("-")), found[name])
        for name in _KEPT
        if name in found
    )
