"""Storage conditions of medical goods and the temperatures they mean.

Source: the customary ranges of good distribution practice (refrigerated 2–8 °C, frozen −25…−15 °C,
deep-frozen −90…−60 °C, controlled room temperature 15–25 °C).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Storage:
    code: str
    label: str
    min_celsius: int
    max_celsius: int

    @property
    def cold_chain(self) -> bool:
        return self.max_celsius < 15


STORAGE = {
    storage.code: storage
    for storage in (
        Storage("ambient", "Room temperature (15 to 25 °C)", 15, 25),
        Storage("refrigerated", "Refrigerated (2 to 8 °C)", 2, 8),
        Storage("frozen", "Frozen (-25 to -15 °C)", -25, -15),
        Storage("deep_frozen", "Deep-frozen (-90 to -60 °C)", -90, -60),
    )
}


def cold_chain(code: str | None) -> dict[str, bool | int | str] | None:
    """The document's cold-chain requirement for a storage condition; None if none is stated.

    >>> cold_chain("refrigerated")
    {'required': True, 'condition': 'refrigerated', 'min_celsius': 2, 'max_celsius': 8}
    """
    storage = STORAGE.get(code or "")
    if storage is None:
        return None
    return {
        "required": storage.cold_chain,
        "condition": storage.code,
        "min_celsius": storage.min_celsius,
        "max_celsius": storage.max_celsius,
    }
