from . import claims, enqueue, evidence, idle, rehearsing
