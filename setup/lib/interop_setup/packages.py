"""Debian's packages: installed if the machine lacks them, or only downloaded from another suite."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from . import sources
from .console import StepFailed, ask, run, say
from .layout import Layout

_QUIET = {
    "DEBIAN_FRONTEND": "noninteractive",
    "NEEDRESTART_MODE": "a",
    "APT_LISTCHANGES_FRONTEND": "none",
}


def install(layout: Layout, packages: Sequence[str]) -> None:
    """Install packages on the machine, as root or through sudo, without a question."""
    wanted = " ".join(packages)
    if shutil.which("apt-get") is None:
        raise StepFailed(
            f"this is no Debian (no apt-get). Install yourself what these packages hold: {wanted}"
        )
    say(f"apt: installing {wanted}")
    log = layout.logs / "apt.log"
    prefix = [
        *_as_root(wanted),
        "env",
        *(f"{name}={value}" for name, value in _QUIET.items()),
        "apt-get",
    ]
    options = ["-y", "-o", "DPkg::Lock::Timeout=300"]
    install = [*prefix, "install", "--no-install-recommends", *options, *packages]
    if _lists_are_empty():
        run([*prefix, "update", *options], log=log)
    try:
        run(install, log=log)
    except StepFailed:
        # Old lists name versions that the mirror no longer has.
        run([*prefix, "update", *options], log=log)
        run(install, log=log)


def _as_root(wanted: str) -> list[str]:
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and ask([sudo, "-n", "true"]).returncode == 0:
        return [sudo, "-n"]
    raise StepFailed(
        "these Debian packages are missing and sudo does not work without a password: "
        f"{wanted}. As root:  apt-get update && apt-get install {wanted}"
    )


def _lists_are_empty() -> bool:
    return not any(Path("/var/lib/apt/lists").glob("*_Packages*"))


def download(layout: Layout, suites: Sequence[str], packages: Sequence[str], into: Path) -> None:
    """Download packages of the first of `suites` that has them all, from the machine's own mirror.

    Neither root nor any change to the machine's apt is needed: apt works in a folder of ours.
    """
    home = layout.runtime / "apt"
    log = layout.logs / "apt.log"
    parts = home / "sources.list.d"
    for folder in (
        parts,
        home / "lists" / "partial",
        home / "cache" / "archives" / "partial",
        into,
    ):
        folder.mkdir(parents=True, exist_ok=True)
    mirror = sources.debian_mirror()
    options = [
        "-q",
        *_option("Dir::Etc::SourceList", "/dev/null"),
        *_option("Dir::Etc::SourceParts", parts),
        *_option("Dir::State::Lists", home / "lists"),
        *_option("Dir::Cache", home / "cache"),
        *_option("Acquire::Languages", "none"),
        *_option("Acquire::Retries", "3"),
        *(_option("APT::Sandbox::User", "root") if os.geteuid() == 0 else []),
    ]
    failures = []
    for suite in suites:
        say(f"apt: looking at {suite} on the machine's own mirror")
        (parts / "interop.sources").write_text(mirror.stanza(suite))
        try:
            run(["apt-get", "update", *options], log=log)
            say(f"apt: downloading {packages[0]} and the {len(packages) - 1} packages it links to")
            run(["apt-get", "download", *options, *packages], log=log, cwd=into)
            return
        except StepFailed as failure:
            failures.append(f"{suite}: {failure}")
    raise StepFailed("\n".join(failures))


def _option(name: str, value: str | Path) -> list[str]:
    return ["-o", f"{name}={value}"]
