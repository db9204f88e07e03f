"""A process that has Odoo's registry loaded and bears workers in milliseconds instead of seconds.

It reads orders from its standard input, one JSON line each, forks a child for each, and tells on
its standard output who was born and who has ended. It has one thread and no connection to the
database, so that children begin clean. When its input ends, its children are killed and it ends.
"""

from __future__ import annotations

import importlib
import json
import os
import selectors
import signal
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

from odoo import sql_db
from odoo.modules.registry import Registry
from odoo.tools import config


class Nursery:
    def __init__(self, database: str, folder: Path) -> None:
        self._database = database
        self._folder = folder
        self._children: dict[int, int] = {}
        self._wake_read, wake_write = os.pipe()
        os.set_blocking(wake_write, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake_write)

    def run(self) -> None:
        watched = selectors.DefaultSelector()
        watched.register(0, selectors.EVENT_READ)
        watched.register(self._wake_read, selectors.EVENT_READ)
        rest = b""
        self._tell(ready=os.getpid())
        while True:
            for key, _events in watched.select():
                data = os.read(key.fd, 65536)
                if key.fd == self._wake_read:
                    self._bury()
                elif not data:
                    return self._end()
                else:
                    *lines, rest = (rest + data).split(b"\n")
                    for line in lines:
                        self._bear(json.loads(line))

    def _bear(self, order: dict[str, Any]) -> None:
        sql_db.close_all()
        pid = os.fork()
        if not pid:
            self._live(order)
        self._children[pid] = order["number"]
        self._tell(born=pid, number=order["number"])

    def _bury(self) -> None:
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            number = self._children.pop(pid)
            self._tell(ended=pid, number=number, code=os.waitstatus_to_exitcode(status))

    def _end(self) -> None:
        for pid in self._children:
            os.kill(pid, signal.SIGKILL)

    def _tell(self, **facts: Any) -> None:
        os.write(1, json.dumps(facts).encode() + b"\n")

    def _live(self, order: dict[str, Any]) -> None:
        """The child's whole life; never returns."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            number = order["number"]
            log = os.open(self._folder / f"{number}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            for fd in (1, 2):
                os.dup2(log, fd)
            os.environ |= order["environment"]
            threading.current_thread().dbname = self._database
            result = tasks.TASKS[order["task"]](self._database, **order["arguments"])
            (self._folder / f"{number}.json").write_text(json.dumps(result))
            code = 0
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else int(bool(leaving.code))
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            # Not sys.exit: what the parent wanted done at its own exit is not the child's to do.
            os._exit(code)


if __name__ == "__main__":
    name, place = sys.argv[1:]
    config.parse_config(["--no-http", "-d", name], setup_logging=True)
    threading.current_thread().dbname = name
    Registry(name).check_signaling()
    import tasks

    for more in (
        "canary_tasks",
        "direct_tasks",
        "gate_tasks",
        "keyring_tasks",
        "recovery_tasks",
        "redrive_tasks",
        "routing_tasks",
        "token_tasks",
        "traffic_tasks",
    ):  # which add to the tasks
        importlib.import_module(more)
    Nursery(name, Path(place)).run()
