"""Settings of all tests: no deadline for single examples, because the first call of a rule may compile it."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
