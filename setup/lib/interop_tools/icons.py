"""`setup/tool icons`: static/description/icon.png of every addon, drawn with a few shapes.

One colour for each storey of the house, one white sign for each addon. Everything is drawn four
times too large and made smaller at the end, which smooths the edges.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from interop_setup import suite
from PIL import Image, ImageDraw

from .programs import LAYOUT

_SIZE, _SCALE = 128, 4
_WHITE = (255, 255, 255, 255)
_GROUND, _TRUST, _LANGUAGE, _EDGE = "#37474f", "#455a9c", "#00838f", "#2e7d6b"
_ENGINE, _PEOPLE, _FLOW, _PLAY = "#b5541c", "#a1375b", "#6a4c93", "#8d6e2f"

Point = tuple[float, float]


class Sign:
    """Shapes in units of the icon: 0 to 128 from the upper left."""

    def __init__(self, colour: str) -> None:
        side = _SIZE * _SCALE
        self.colour = colour
        self._image = Image.new("RGBA", (side, side), (0, 0, 0, 0))
        self._draw = ImageDraw.Draw(self._image)
        self.box(4, 4, 124, 124, radius=22, fill=colour)

    def box(
        self, x0: float, y0: float, x1: float, y1: float, radius: float = 0, fill: str = ""
    ) -> None:
        """A filled box with round corners."""
        corners = _scaled([(x0, y0), (x1, y1)])
        self._draw.rounded_rectangle(corners, radius * _SCALE, fill=fill or _WHITE)

    def frame(
        self, x0: float, y0: float, x1: float, y1: float, radius: float, width: float
    ) -> None:
        """A box with nothing in it."""
        corners = _scaled([(x0, y0), (x1, y1)])
        wide = round(width * _SCALE)
        self._draw.rounded_rectangle(corners, radius * _SCALE, outline=_WHITE, width=wide)

    def line(self, points: Sequence[Point], width: float = 8, fill: str = "") -> None:
        """A line with round ends and corners."""
        self._draw.line(
            _scaled(points), fill=fill or _WHITE, width=round(width * _SCALE), joint="curve"
        )
        for x, y in (points[0], points[-1]):
            self.disc(x, y, width / 2, fill)

    def disc(self, x: float, y: float, radius: float, fill: str = "") -> None:
        corners = _scaled([(x - radius, y - radius), (x + radius, y + radius)])
        self._draw.ellipse(corners, fill=fill or _WHITE)

    def ring(self, x: float, y: float, radius: float, width: float = 8) -> None:
        corners = _scaled([(x - radius, y - radius), (x + radius, y + radius)])
        self._draw.ellipse(corners, outline=_WHITE, width=round(width * _SCALE))

    def shape(self, points: Sequence[Point], fill: str = "") -> None:
        self._draw.polygon(_scaled(points), fill=fill or _WHITE)

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        small = self._image.resize((_SIZE, _SIZE), Image.Resampling.LANCZOS)
        small.save(path, optimize=True)


def _scaled(points: Sequence[Point]) -> list[Point]:
    return [(x * _SCALE, y * _SCALE) for x, y in points]


def _hub(sign: Sign) -> None:
    for x, y in ((28, 34), (100, 34), (28, 94), (100, 94)):
        sign.line([(64, 64), (x, y)], 6)
        sign.disc(x, y, 11)
    sign.disc(64, 64, 20)
    sign.disc(64, 64, 9, sign.colour)


def _house(sign: Sign) -> None:
    sign.shape([(64, 26), (104, 62), (24, 62)])
    sign.box(34, 62, 94, 102, 4)
    sign.box(56, 74, 72, 102, 2, sign.colour)


def _ledger(sign: Sign) -> None:
    sign.frame(32, 24, 96, 104, 8, 7)
    for y in (44, 60):
        sign.line([(46, y), (82, y)], 6)
    sign.line([(46, 80), (58, 92), (84, 72)], 8)


def _lock(sign: Sign) -> None:
    sign.ring(64, 50, 24, 9)
    sign.box(32, 54, 96, 104, 10)
    sign.disc(64, 74, 8, sign.colour)
    sign.box(60, 76, 68, 92, 3, sign.colour)


def _page(sign: Sign) -> None:
    sign.shape([(34, 22), (76, 22), (96, 42), (96, 106), (34, 106)])
    sign.shape([(76, 22), (76, 42), (96, 42)], sign.colour)
    sign.line([(76, 24), (76, 42), (94, 42)], 3)
    for y in (58, 74, 90):
        sign.line([(48, y), (82, y)], 6, sign.colour)


def _shield(sign: Sign) -> None:
    sign.shape([(64, 20), (102, 34), (100, 68), (64, 110), (28, 68), (26, 34)])
    sign.line([(46, 62), (60, 76), (84, 48)], 9, sign.colour)


def _plug(sign: Sign) -> None:
    sign.box(40, 46, 88, 76, 6)
    for x in (52, 76):
        sign.line([(x, 28), (x, 48)], 8)
    sign.shape([(44, 74), (84, 74), (70, 92), (58, 92)])
    sign.line([(64, 90), (64, 108)], 8)


def _queue(sign: Sign) -> None:
    for y in (34, 56, 78):
        sign.box(26, y, 74, y + 14, 4)
    sign.line([(90, 36), (90, 92)], 8)
    sign.line([(76, 80), (90, 96), (104, 80)], 8)


def _warning(sign: Sign) -> None:
    sign.shape([(64, 22), (110, 102), (18, 102)])
    sign.line([(64, 52), (64, 74)], 9, sign.colour)
    sign.disc(64, 89, 5.5, sign.colour)


def _person(sign: Sign) -> None:
    sign.disc(64, 46, 20)
    sign.shape([(28, 106), (36, 80), (52, 70), (76, 70), (92, 80), (100, 106)])
    sign.line([(28, 30), (100, 30)], 8, sign.colour)
    sign.line([(44, 46), (84, 46)], 10, sign.colour)


def _exchange(sign: Sign) -> None:
    sign.ring(64, 64, 42, 6)
    sign.line([(42, 52), (84, 52)], 8)
    sign.line([(72, 40), (86, 52), (72, 64)], 8)
    sign.line([(86, 78), (44, 78)], 8)
    sign.line([(56, 66), (42, 78), (56, 90)], 8)


def _cart(sign: Sign) -> None:
    sign.line([(22, 32), (38, 32), (50, 82), (94, 82)], 8)
    sign.shape([(42, 44), (106, 44), (98, 72), (48, 72)])
    sign.disc(56, 98, 8)
    sign.disc(88, 98, 8)


def _beaker(sign: Sign) -> None:
    sign.line([(48, 24), (80, 24)], 8)
    sign.shape([(52, 24), (76, 24), (76, 52), (102, 104), (26, 104), (52, 52)])
    sign.shape([(46, 74), (82, 74), (94, 98), (34, 98)], sign.colour)
    sign.disc(56, 86, 5)
    sign.disc(72, 90, 4)


def _parcel(sign: Sign) -> None:
    sign.shape([(24, 48), (64, 28), (104, 48), (104, 92), (64, 110), (24, 92)])
    sign.line([(24, 48), (64, 68), (104, 48)], 6, sign.colour)
    sign.line([(64, 68), (64, 110)], 6, sign.colour)


def _scales(sign: Sign) -> None:
    sign.line([(64, 26), (64, 100)], 7)
    sign.line([(30, 40), (98, 40)], 7)
    sign.line([(44, 102), (84, 102)], 8)
    for x in (30, 98):
        sign.line([(x, 42), (x - 14, 70)], 4)
        sign.line([(x, 42), (x + 14, 70)], 4)
        sign.shape([(x - 18, 70), (x + 18, 70), (x + 10, 82), (x - 10, 82)])


def _lights(sign: Sign) -> None:
    sign.box(46, 18, 82, 94, 16)
    for y in (36, 56, 76):
        sign.disc(64, y, 8, sign.colour)
    sign.line([(64, 92), (64, 110)], 8)


_SIGNS: dict[str, tuple[str, Callable[[Sign], None]]] = {
    suite.UMBRELLA: (_GROUND, _house),
    "interop_base": (_GROUND, _hub),
    "interop_audit": (_TRUST, _ledger),
    "interop_vault": (_TRUST, _lock),
    "interop_document": (_LANGUAGE, _page),
    "interop_policy": (_LANGUAGE, _shield),
    "interop_connector": (_EDGE, _plug),
    "interop_transport_http": (_EDGE, _exchange),
    "interop_queue": (_ENGINE, _queue),
    "interop_traffic": (_PEOPLE, _lights),
    "interop_pack": (_PEOPLE, _parcel),
    "interop_governance": (_PEOPLE, _scales),
    "interop_exception": (_PEOPLE, _warning),
    "interop_privacy": (_PEOPLE, _person),
    "interop_purchase": (_FLOW, _cart),
    "interop_sandbox": (_PLAY, _beaker),
}


def program() -> int:
    checkout = LAYOUT.checkout
    unknown = [name for name in suite.module_names(checkout) if name not in _SIGNS]
    for name in suite.module_names(checkout):
        if name in _SIGNS:
            colour, paint = _SIGNS[name]
            sign = Sign(colour)
            paint(sign)
            folder = checkout if name == suite.UMBRELLA else checkout / "addons" / name
            sign.save(folder / "static" / "description" / "icon.png")
    for name in unknown:
        print(f"{name}: has no sign yet: draw one in setup/lib/interop_tools/icons.py")
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(program())
