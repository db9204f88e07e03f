"""A person who does not exist, in every document of the fault tests, and how traces are found.

No policy of these tests lets a form of these values leave, and none of them is a number by which
people find a message: so they must not be anywhere in the clear, whatever went wrong.
"""

from __future__ import annotations

import base64
import mmap
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

NAME = "Zephyrine Quillfeather"
NUMBER = "MRN-88213547"
EMAIL = "z.quillfeather@patients.example"
NOTE = f"For patient {NAME}, {NUMBER}; call before delivery"
CONTACT = {"name": NAME, "email": EMAIL, "phone": "+1 555 0177 733"}
#: What is searched for: parts that survive whatever is cut off or put around them.
WORDS = ("Quillfeather", "88213547")


def forms(text: str) -> set[bytes]:
    """The bytes by which `text` is found again in files and dumps, readable or barely disguised."""
    plain = text.encode()
    found = {plain, text.upper().encode(), text.lower().encode(), text.encode("utf-16-le")}
    found |= {plain.hex().encode(), plain.hex().upper().encode(), quote(text).encode()}
    for offset in range(3):
        # The middle of what base64 makes of it, at each of the three places it can begin.
        coded = base64.b64encode(b"\0" * offset + plain)
        start = (offset * 8 + 5) // 6
        found.add(coded[start : len(coded.rstrip(b"=")) - 1])
    return found


def traces(path: Path, words: tuple[str, ...] = WORDS) -> list[str]:
    """The files at or below `path` that hold one of the words in some form."""
    wanted = {word: forms(word) for word in words}
    found = []
    for file in _files(path):
        with file.open("rb") as stream:
            if not os.fstat(stream.fileno()).st_size:
                continue
            with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
                found += [
                    f"{word} in {file}"
                    for word, sought in wanted.items()
                    if any(data.find(form) >= 0 for form in sought)
                ]
    return found


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    for folder, _folders, names in os.walk(path):
        for name in names:
            file = Path(folder, name)
            if file.is_file() and not file.is_symlink():
                yield file
