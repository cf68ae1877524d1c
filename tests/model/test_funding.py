import pytest
from kreislauf.model.funding import INSTRUMENTS, check_instrument


@pytest.mark.parametrize("name", sorted(INSTRUMENTS))
def test_every_shipped_instrument_keeps_the_common_rules(name):
    check_instrument(INSTRUMENTS[name])
