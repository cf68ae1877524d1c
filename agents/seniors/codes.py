"""The integer codes of senior households, shared by rules, measures and tables."""

from __future__ import annotations

from typing import Final

# Need of care of a person.
NO_NEED: Final = 0
FRAIL: Final = 1  # needs help in the household, no grade of care (Pflegegrad) yet
GRADE: Final = 2  # care grade 2 or 3: help several times a week to daily
HIGH_GRADE: Final = 3  # care grade 4 or 5: help around the clock
NEED_NAMES: Final = ("none", "frail", "grade", "high_grade")

# Where a person is.
ABSENT: Final = 0  # no such person
AT_HOME: Final = 1
IN_CARE_HOME: Final = 2
DEAD: Final = 3
WHERE_NAMES: Final = ("absent", "home", "care_home", "dead")

# Who cares informally.
NO_CARER: Final = 0
PARTNER: Final = 1
CHILD: Final = 2  # a child or another near person outside the household
CARER_NAMES: Final = ("none", "partner", "child")

MAX_PERSONS: Final = 2

# The tasks of the field `seniors`, in the order of its tasks.csv.
(
    CARE_ADVICE,
    HOUSEHOLD_HELP,
    TRANSPORT,
    HOME_ADAPTATION,
    MEETING_PLACE,
    VISITING,
    RESPITE,
    DISCHARGE,
) = range(8)
N_TASKS: Final = 8

# Features of a household's situation. One bit each.
FEATURES: Final = (
    "frail",  # somebody at home needs help, with or without a grade
    "grade",  # somebody at home has a care grade
    "newly_in_need",  # need began or rose within three months
    "alone",
    "few_contacts",
    "housebound",  # somebody has a grade, or is frail and 85 or older: does not go out unaided
    "remote",
    "unsafe_home",  # need, and the flat is not adapted
    "strained_carer",  # an informal carer at or above the strain at which help is asked for
    "discharged",  # back from hospital within two months
)
FEATURE_BIT: Final = {name: 1 << position for position, name in enumerate(FEATURES)}
F_FRAIL: Final = FEATURE_BIT["frail"]
F_GRADE: Final = FEATURE_BIT["grade"]
F_NEWLY_IN_NEED: Final = FEATURE_BIT["newly_in_need"]
F_ALONE: Final = FEATURE_BIT["alone"]
F_FEW_CONTACTS: Final = FEATURE_BIT["few_contacts"]
F_HOUSEBOUND: Final = FEATURE_BIT["housebound"]
F_REMOTE: Final = FEATURE_BIT["remote"]
F_UNSAFE_HOME: Final = FEATURE_BIT["unsafe_home"]
F_STRAINED_CARER: Final = FEATURE_BIT["strained_carer"]
F_DISCHARGED: Final = FEATURE_BIT["discharged"]
