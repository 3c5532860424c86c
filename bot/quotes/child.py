"""The child process that reads one file: limits first, then the bytes on standard input, JSON out."""

from __future__ import annotations

import json
import sys

MEMORY = 420 * 2**20
"""Bytes of address space; what is used of it in earnest stays under 200 MB."""
CPU_SECONDS = 1.6
"""Of the processor, so that a refusal comes within two seconds on a clock."""
USAGE_SECONDS = 60
"""For a billing file, which is long without being hostile."""


def limit() -> None:
    """Takes from this process what reading a file does not need."""
    import resource
    import signal

    signal.setitimer(
        signal.ITIMER_PROF, CPU_SECONDS
    )  # finer than whole seconds; its signal ends us
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (2, USAGE_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    limit()
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    body = sys.stdin.buffer.read()
    from bot.quotes import interpret, usage

    if usage.is_focus(body[:65536]):
        import resource
        import signal

        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_CPU, (USAGE_SECONDS, USAGE_SECONDS))
    try:
        made = interpret.file(body, name)
    except (MemoryError, RecursionError):
        made = interpret.refused("too_costly")
    sys.stdout.buffer.write(json.dumps(made, ensure_ascii=False).encode())


if __name__ == "__main__":
    main()
