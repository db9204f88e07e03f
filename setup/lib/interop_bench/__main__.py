"""`./setup/bench`: prepares the machine, then measures with the environment's own Python."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from interop_setup import machine
from interop_setup.console import main


def program() -> int:
    if {"-h", "--help"} & set(sys.argv[1:]):
        python: str | os.PathLike[str] = sys.executable
    else:
        python = machine.prepare("run", "test").layout.python
    library = Path(__file__).resolve().parents[1]
    return subprocess.run(
        [python, "-m", "interop_bench.program", *sys.argv[1:]],
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.fspath(library)},
    ).returncode


if __name__ == "__main__":
    main(program)
