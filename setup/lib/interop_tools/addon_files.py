"""`setup/tool addon_files [--check]`: the files of an addon that are made from others.

README.rst and static/description/index.html come from the readme/ fragments and the manifest,
pyproject.toml is the same for all. With --check nothing is written and what is not current is told.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from docutils.core import publish_parts
from interop_setup import suite

from .markdown import MarkdownError, to_rst
from .programs import LAYOUT

_SECTIONS = ("DESCRIPTION", "INSTALL", "CONFIGURE", "USAGE", "ROADMAP", "DEVELOP")
_TITLES = {
    "INSTALL": "Installation",
    "CONFIGURE": "Configuration",
    "USAGE": "Usage",
    "ROADMAP": "Known limits and plans",
    "DEVELOP": "For developers",
}
_GENERATED = ".. This file is made from readme/ by ./setup/tool addon_files: change it there.\n"
_PYPROJECT = """\
[build-system]
requires = ["whool"]
build-backend = "whool.buildapi"
"""
_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
</head>
<body>
{body}
</body>
</html>
"""


def program() -> int:
    problems = []
    for folder in suite.addons(LAYOUT.checkout):
        name = folder.relative_to(LAYOUT.checkout)
        if not (folder / "static/description/icon.png").exists():
            problems.append(f"{name}: has no static/description/icon.png: ./setup/tool icons")
        try:
            files = dict(_files(folder))
        except MarkdownError as error:
            problems.append(f"{name}/readme: {error}")
            continue
        for path, text in files.items():
            if path.exists() and path.read_text() == text:
                continue
            if "--check" in sys.argv:
                shown = path.relative_to(LAYOUT.checkout)
                problems.append(f"{shown}: is not current: ./setup/tool addon_files")
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def _files(folder: Path) -> Iterator[tuple[Path, str]]:
    readme = _readme(folder)
    title = str(suite.manifest(folder)["name"])
    yield folder / "README.rst", _GENERATED + "\n" + readme
    yield folder / "static/description/index.html", _page(title, readme)
    yield folder / "pyproject.toml", _PYPROJECT


def _readme(folder: Path) -> str:
    facts = suite.manifest(folder)
    title = str(facts["name"])
    parts = ["=" * len(title), title, "=" * len(title), "", str(facts["summary"]) + ".", ""]
    if not (folder / "readme/DESCRIPTION.md").exists():
        raise MarkdownError("DESCRIPTION.md is missing")
    for section in _SECTIONS:
        fragment = folder / "readme" / f"{section}.md"
        if not fragment.exists():
            continue
        if section in _TITLES:
            parts += [_TITLES[section], "=" * len(_TITLES[section]), ""]
        try:
            parts += [to_rst(fragment.read_text())]
        except MarkdownError as error:
            raise MarkdownError(f"{fragment.name}: {error}") from None
    needs = facts.get("external_dependencies", {}).get("python", ())
    parts += ["Facts", "=====", "", f"* Technical name: ``{folder.name}``"]
    parts += [f"* Stands on: {', '.join(f'``{name}``' for name in facts['depends'])}"]
    if needs:
        parts += [f"* Python packages: {', '.join(f'``{name}``' for name in needs)}"]
    parts += [f"* Licence: {facts['license']}", f"* Authors: {facts['author']}"]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(parts) + "\n")


def _page(title: str, readme: str) -> str:
    settings = {
        "report_level": 2,
        "halt_level": 2,  # a fragment that makes wrong reStructuredText is refused, not published
        "file_insertion_enabled": False,
        "raw_enabled": False,
        "syntax_highlight": "none",
        "initial_header_level": 2,
    }
    body = publish_parts(readme, writer="html5", settings_overrides=settings)["html_body"]
    return _PAGE.format(title=title, body=body.strip())


if __name__ == "__main__":
    sys.exit(program())
