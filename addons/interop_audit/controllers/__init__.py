from . import anchors, export
