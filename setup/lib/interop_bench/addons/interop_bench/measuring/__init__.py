from . import claims, enqueue
