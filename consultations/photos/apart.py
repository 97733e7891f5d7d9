"""Decoding in a process of its own: hostile bytes meet neither our keys nor our memory, and cannot take for ever.

The child gets the bytes on stdin, an environment without secrets, and hard limits on processor time and memory; it writes
``size of the large one (4 bytes), width (4), height (4)``, then both JPEGs. A refusal is one line on stderr, status 3.
"""

import os
import resource
import struct
import subprocess
import sys
import threading
from pathlib import Path

from consultations.photos.redraw import LARGEST_FILE, NotAPhoto, Redrawn, format_of, redraw

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS, MEMORY = 20, 1536 * 1024 * 1024
"""Processor seconds and bytes one photo may take."""
AT_ONCE = threading.BoundedSemaphore(2)
"""Photos decoded side by side in one server process; more wait for their turn."""
REFUSED = 3
HEAD = struct.Struct(">III")


def redraw_apart(data: bytes) -> Redrawn:
    """The same as ``redraw``, out of harm's way. Raises NotAPhoto; ``busy`` when no turn came within the time."""
    if len(data) > LARGEST_FILE:
        raise NotAPhoto("size")
    format_of(data)
    if not AT_ONCE.acquire(timeout=SECONDS):
        raise NotAPhoto("busy")
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", __name__],
            input=data,
            capture_output=True,
            timeout=2 * SECONDS,
            cwd=ROOT,
            env=_bare(),
        )
    except subprocess.TimeoutExpired:
        raise NotAPhoto("broken") from None
    finally:
        AT_ONCE.release()
    if done.returncode == REFUSED:
        raise NotAPhoto(done.stderr.decode(errors="replace").strip().splitlines()[-1])
    if done.returncode != 0 or len(done.stdout) < HEAD.size:
        raise NotAPhoto("broken")
    size, width, height = HEAD.unpack(done.stdout[: HEAD.size])
    body = done.stdout[HEAD.size :]
    return Redrawn(body[:size], body[size:], width, height)


def _bare() -> dict[str, str]:
    """What a Python needs to start, and nothing that is ours."""
    return {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "LANG") if name in os.environ}


def main() -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        done = redraw(sys.stdin.buffer.read(LARGEST_FILE + 1))
    except NotAPhoto as refusal:
        sys.stderr.write(f"{refusal.code}\n")
        return REFUSED
    sys.stdout.buffer.write(HEAD.pack(len(done.full), done.width, done.height) + done.full + done.thumb)
    return 0


if __name__ == "__main__":
    sys.exit(main())
