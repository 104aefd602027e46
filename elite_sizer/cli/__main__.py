"""Run one command; whatever happens, end with a sentence and an exit code, never with a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from elite_sizer.cli.console import Console
from elite_sizer.cli.failure import failure, keep_traceback

INTERRUPTED = 130
"""The exit code by which a shell knows Ctrl-C: 128 + SIGINT (2)."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # we have none, and looking for them takes its time
    words = list(sys.argv[1:] if arguments is None else arguments)
    console = Console.of(words)
    try:
        return _run(words)
    except KeyboardInterrupt:
        console.say("Interrupted.")
        return INTERRUPTED
    except BrokenPipeError:
        console.hush()
        return 0
    except Exception as error:  # noqa: BLE001 - a traceback helps no trader; it is written to our log
        ending = failure(error)
        log = keep_traceback(error) if ending.bug else None
        if console.json:
            console.emit(ending.as_json())
        console.say(ending.sentence if log is None else f"{ending.sentence} Details: {log}")
        return ending.code


def _run(words: list[str]) -> int:
    from elite_sizer.cli.app import application  # noqa: PLC0415 - an import that fails must end in a sentence too

    code = application().main(words, prog_name="elite-sizer", standalone_mode=False)
    return code if isinstance(code, int) else 0


if __name__ == "__main__":
    sys.exit(main())
