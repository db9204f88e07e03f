"""What all property tests run under: a slow machine is no finding, and nothing is kept on disk."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "interop",
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("interop")
