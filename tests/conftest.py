"""What holds for all tests."""

from hypothesis import settings

# A busy machine is slow at any moment: no test judges how long a step takes.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
