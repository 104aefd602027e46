"""The simulated terminal under the package's name, for a host to own; faults come from the environment.

FAKE_CALL names the function that fails while the file FAKE_WHEN exists (always, where it is not set), FAKE_FAULT how:
`hang` holds Python's lock as the package does, `slow` sleeps for FAKE_SECONDS, `crash` ends the process, `print` writes
to standard output, `raise` raises, `ipc` says that the terminal is gone, `deny` answers False.
"""

from __future__ import annotations

import ctypes
import os
import sys
import time
from pathlib import Path
from typing import Any

from tests.mt5bridge.terminals import booked

terminal = booked()
__author__ = "SIMULATED"


def _sleep_with_the_lock(seconds: int) -> None:
    if sys.platform == "win32":
        ctypes.PyDLL("kernel32").Sleep(seconds * 1000)
    else:
        ctypes.PyDLL(None).sleep(seconds)


def _fail() -> None:
    fault = os.environ.get("FAKE_FAULT", "")
    if fault == "hang":
        _sleep_with_the_lock(600)
    elif fault == "slow":
        time.sleep(float(os.environ["FAKE_SECONDS"]))
    elif fault == "crash":
        sys.stderr.write("terminal gone\n")
        sys.stderr.flush()
        os._exit(3)
    elif fault == "print":
        sys.stdout.write("a line nobody asked for\n")
        sys.stdout.flush()
    elif fault == "raise":
        message = "argument 1 must be int"
        raise SystemError(message)


def _due() -> bool:
    marker = os.environ.get("FAKE_WHEN")
    return marker is None or Path(marker).exists()


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a function or constant of the package
    value = getattr(terminal, name)
    if name != os.environ.get("FAKE_CALL"):
        return value

    def failing(*arguments: Any, **keywords: Any) -> Any:  # noqa: ANN401 - whatever the function takes
        if _due():
            if os.environ.get("FAKE_FAULT") == "ipc":
                terminal.shutdown()
            if os.environ.get("FAKE_FAULT") == "deny":
                return False
            _fail()
        return value(*arguments, **keywords)

    return failing
