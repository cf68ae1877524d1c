"""What a senior household needs, to which group it belongs, and what help changes in it."""

from __future__ import annotations

from typing import Any

from ..jit import rule
from .codes import (
    AT_HOME,
    F_ALONE,
    F_DISCHARGED,
    F_FEW_CONTACTS,
    F_FRAIL,
    F_GRADE,
    F_HOUSEBOUND,
    F_NEWLY_IN_NEED,
    F_REMOTE,
    F_STRAINED_CARER,
    F_UNSAFE_HOME,
    FRAIL,
    GRADE,
    HOME_ADAPTATION,
    MEETING_PLACE,
    NO_CARER,
    RESPITE,
    TRANSPORT,
    VISITING,
)


@rule
def features(h: Any, a: Any, b: Any, month: int, place: Any, p: Any) -> int:
    """Return the bits of the household's situation (see codes.FEATURES) from which needs open."""
    bits = 0
    home = 0
    for j in range(2):
        person = a if j == 0 else b
        if int(person.where) != AT_HOME:
            continue
        home += 1
        need = int(person.need)
        if need < FRAIL:
            continue
        bits |= F_FRAIL
        if month - int(person.need_since) <= 3:
            bits |= F_NEWLY_IN_NEED
        if need >= GRADE:
            bits |= F_GRADE
        if need >= GRADE or month - int(person.born) >= 1020:
            bits |= F_HOUSEBOUND
    if home == 1:
        bits |= F_ALONE
    if float(h.contacts) < 1.0:
        bits |= F_FEW_CONTACTS
    if float(place.remote) > 0.5:
        bits |= F_REMOTE
    if bits & F_FRAIL and int(h.adapted) == 0:
        bits |= F_UNSAFE_HOME
    if int(h.carer) != NO_CARER and float(h.strain) >= p.senior_strain_limit:
        bits |= F_STRAINED_CARER
    if month - int(h.hospital_at) <= 1:
        bits |= F_DISCHARGED
    return bits


@rule
def standing_of(a: Any, b: Any) -> int:
    """Return 1 when somebody at home has a care grade (and with it claims on the care insurance), else 0."""
    for j in range(2):
        person = a if j == 0 else b
        if int(person.where) == AT_HOME and int(person.need) >= GRADE:
            return 1
    return 0


@rule
def receive_service(h: Any, task: int, month: int, p: Any, u: float) -> None:
    """Apply what a served case changes: the home is adapted, ties are won, the carer rests.

    Advice, household help, transport and a guided discharge act through `served_at` in the months that follow.
    """
    h.served_at[task] = month
    if task == HOME_ADAPTATION:
        if int(h.adapted) == 0:
            h.adapted = 1
            h.adapted_since = month
    elif task == MEETING_PLACE:
        if u < p.senior_match_meeting:
            h.contacts = float(h.contacts) + 1.0
    elif task == VISITING:
        if u < p.senior_match_visiting:
            h.contacts = float(h.contacts) + 1.0
    elif task == TRANSPORT:
        if u < p.senior_match_transport:
            h.contacts = float(h.contacts) + 1.0
    elif task == RESPITE:
        h.strain = float(h.strain) * (1.0 - p.senior_respite)
