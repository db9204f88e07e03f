"""`setup/tool lock [--upgrade]`: writes requirements/test.txt, run.txt and bench.txt, with hashes.

`run` takes the versions of `test`, so that one environment can serve both.
"""

from __future__ import annotations

import sys

from interop_setup.console import Word

from .programs import passes, script

_OPTIONS = ("--quiet", "--universal", "--python-version=3.11", "--generate-hashes")
_NO_HOSTS = ("--no-header", "--no-emit-index-url", "--no-emit-find-links", "--no-annotate")


def program() -> int:
    compile_: list[Word] = [script("uv"), "pip", "compile", *_OPTIONS, *_NO_HOSTS, *sys.argv[1:]]
    done = passes([*compile_, "requirements/test.in", "--output-file=requirements/test.txt"])
    limits = "--constraints=requirements/test.txt"
    done = done and passes(
        [*compile_, limits, "requirements/run.in", "--output-file=requirements/run.txt"]
    )
    # Without what it asks for itself: that is Odoo, and what the environment holds anyway.
    done = done and passes(
        [*compile_, "--no-deps", "requirements/bench.in", "--output-file=requirements/bench.txt"]
    )
    return 0 if done else 1


if __name__ == "__main__":
    sys.exit(program())
