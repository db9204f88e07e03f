from . import claims, enqueue, evidence
