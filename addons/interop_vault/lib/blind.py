"""The keyed blind index: finding what points to a person without keeping the person.

Equal values have equal digests, so that a search for a name finds it; without the keyring nothing
can be told from a digest, and nothing can be tried out either.
"""

import re
import unicodedata

from odoo.addons.interop_base.lib.keyring import Keyring

_PURPOSE = "person"
_PHONE = re.compile(r"\+?[\d\s()./-]{7,}")


def normalise(value: object) -> str:
    """What counts as the same: case, accents, spaces and a phone number's punctuation do not.

    >>> normalise("  José  Núñez "), normalise("+1 (555) 010-77"), normalise(4711)
    ('jose nunez', '+155501077', '4711')
    """
    decomposed = unicodedata.normalize("NFKD", str(value)).casefold()
    text = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    if _PHONE.fullmatch(text.strip()):
        return re.sub(r"[^\d+]", "", text)
    return " ".join(text.split())


def blind(keyring: Keyring, value: object) -> str:
    """64 hexadecimal digits for `value`."""
    return keyring.mac(_PURPOSE, normalise(value).encode("utf-8", "surrogatepass"))
