"""Random numbers: published vectors of Philox, the textbook algorithm, uniformity, and who draws what."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kreislauf.model import rng
from kreislauf.model.rng import case_uniforms, identity_of, philox, uniforms

WORD = st.integers(0, 2**32 - 1)
LONG = st.integers(0, 2**64 - 1)

# Random123 (Salmon, Moraes, Dror, Shaw), file tests/kat_vectors, lines "philox4x32 10": counter, key, result.
KNOWN_ANSWERS = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]


def plain(function):
    """Return the Python function behind a compiled one (itself when compilation is off)."""
    return getattr(function, "py_func", function)


def words(text: str) -> tuple[int, ...]:
    return tuple(int(word, 16) for word in text.split())


@pytest.mark.parametrize(("counter", "key", "result"), KNOWN_ANSWERS)
def test_philox_gives_the_published_known_answers(counter, key, result):
    assert philox(*words(counter), *words(key)) == words(result)


def textbook(counter, key, *, bits, multipliers, weyl, rounds=10):
    """Philox-4xW as the paper defines it: multiply, split in halves, exchange and mix with the key, bump the key."""
    mask = (1 << bits) - 1
    x, k = list(counter), list(key)
    for _ in range(rounds):
        first, second = multipliers[0] * x[0], multipliers[1] * x[2]
        x = [(second >> bits) ^ x[1] ^ k[0], second & mask, (first >> bits) ^ x[3] ^ k[1], first & mask]
        k = [(part + step) & mask for part, step in zip(k, weyl, strict=True)]
    return tuple(x)


WIDE = {
    "bits": 64,
    "multipliers": (0xD2E7470EE14C6C93, 0xCA5A826395121157),
    "weyl": (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B),
}
NARROW = {"bits": 32, "multipliers": (0xD2511F53, 0xCD9E8D57), "weyl": (0x9E3779B9, 0xBB67AE85)}


@given(st.tuples(LONG, LONG, LONG, LONG), st.tuples(LONG, LONG))
def test_the_textbook_with_words_of_64_bits_is_numpys_philox(counter, key):
    number = sum(word << (64 * position) for position, word in enumerate(counter))
    # NumPy increases the counter before its first block.
    before = [((number - 1) % 2**256 >> (64 * i)) & (2**64 - 1) for i in range(4)]
    numpys = np.random.Philox(counter=np.array(before, np.uint64), key=np.array(key, np.uint64))
    assert tuple(int(word) for word in numpys.random_raw(4)) == textbook(counter, key, **WIDE)


@given(st.tuples(WORD, WORD, WORD, WORD), st.tuples(WORD, WORD))
def test_the_textbook_with_words_of_32_bits_is_ours(counter, key):
    assert philox(*counter, *key) == textbook(counter, key, **NARROW)


@given(st.tuples(WORD, WORD, WORD, WORD), st.tuples(WORD, WORD))
def test_compiled_and_plain_philox_agree(counter, key):
    assert philox(*counter, *key) == plain(philox)(*counter, *key)


ENTITY = (st.integers(0, 2**62), st.integers(0, 2**16 - 1), st.integers(0, 2**62), st.integers(-1000, 10_000))
PURPOSE = st.integers(0, 2**16 - 1)


@given(*ENTITY, PURPOSE)
def test_uniforms_lie_in_the_unit_interval_and_are_a_pure_function(seed, stream, identity, month, purpose):
    draws = uniforms(seed, stream, identity, month, purpose)
    assert all(0.0 <= u < 1.0 for u in draws)
    assert draws == uniforms(seed, stream, identity, month, purpose)
    assert draws == plain(uniforms)(seed, stream, identity, month, purpose)
    assert all((u * 2**32).is_integer() for u in draws)


@given(*ENTITY, PURPOSE, st.sampled_from(range(5)), st.integers(1, 1000))
def test_every_part_of_the_address_changes_the_draws(seed, stream, identity, month, purpose, part, change):
    address = [seed, stream, identity, month, purpose]
    other = list(address)
    other[part] = (address[part] + change) % 2**16 if part in (1, 4) else address[part] + change
    assert uniforms(*address) != uniforms(*other)


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1), WORD)
def test_every_structure_has_its_own_luck_with_a_household(seed, one, two, household):
    draws = case_uniforms(seed, one, household, 3, 5), case_uniforms(seed, two, household, 3, 5)
    assert (draws[0] == draws[1]) == (one == two)
    assert case_uniforms(seed, 0, household, 3, 5) == uniforms(seed, rng.CASE, household, 3, 5)


def test_streams_are_different_numbers_below_two_to_the_16():
    streams = [rng.ARRIVALS, rng.HOUSEHOLD, rng.CASE, rng.STRUCTURE, rng.ACTOR, rng.VOLUNTEERS, rng.FUNDING]
    assert len(set(streams)) == len(streams)
    assert all(0 < stream < 2**16 for stream in streams)


def chi_square(counts, expected):
    return float(((counts - expected) ** 2 / expected).sum())


# Quantiles of the chi-square distribution with 99 degrees of freedom at p = 0.0001 and 0.9999 (Wilson and Hilferty
# 1931). A fair generator leaves them with probability 0.0002 per test; the addresses are fixed, so the outcome is too.
CHI2_99 = (54.9, 160.2)


@pytest.mark.parametrize("lane", range(4))
@pytest.mark.parametrize("vary", ["identity", "month", "purpose", "seed"])
def test_draws_along_any_part_of_the_address_are_uniform(lane, vary):
    base = {"seed": 7, "stream": rng.HOUSEHOLD, "identity": 12345, "month": 3, "purpose": 2}
    draws = [uniforms(*(base | {vary: i}).values())[lane] for i in range(20_000)]
    counts = np.bincount((np.array(draws) * 100).astype(int), minlength=100)
    assert CHI2_99[0] < chi_square(counts, 200.0) < CHI2_99[1]


def test_neighbouring_months_of_one_household_are_uncorrelated():
    draws = np.array([uniforms(3, rng.HOUSEHOLD, 99, month, 1)[0] for month in range(20_000)])
    # |r| of independent draws exceeds 4 / sqrt(n) with probability 0.00006.
    assert abs(np.corrcoef(draws[:-1], draws[1:])[0, 1]) < 4 / np.sqrt(20_000)


@given(st.text())
def test_identities_are_the_lower_31_bits_of_the_crc_of_the_utf8_name(text):
    assert identity_of(text) == zlib.crc32(text.encode("utf-8")) % 2**31


def test_an_identity_is_the_published_check_value_of_crc32():
    """CRC-32 of "123456789" is cbf43926 (catalogue of CRC algorithms, check value of CRC-32/ISO-HDLC)."""
    assert identity_of("123456789") == 0xCBF43926 % 2**31


def test_no_two_names_of_coburg_share_an_identity():
    from kreislauf.model.region import load_region

    region = load_region("coburg")
    names = {*region.keys, *region.structures["unit"], *(d.key for d in region.districts)}
    assert len({identity_of(name) for name in names}) == len(names)
