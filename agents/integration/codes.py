"""The integer codes of migrant households and adults, shared by rules, measures and tables.

Integers, because compiled rules compare them; the names are what files and tables show.
"""

from __future__ import annotations

from typing import Final

# Legal status (aufenthaltsrechtlicher Status).
PROCEDURE: Final = 0  # asylum procedure running (Aufenthaltsgestattung)
RECOGNISED: Final = 1  # refugee or entitled to asylum
SUBSIDIARY: Final = 2  # subsidiary protection or ban on deportation
TEMPORARY: Final = 3  # temporary protection (§ 24 AufenthG)
TOLERATED: Final = 4  # rejected, deportation suspended (Duldung)
NATURALISED: Final = 5
STATUS_NAMES: Final = ("procedure", "recognised", "subsidiary", "temporary", "tolerated", "naturalised")

# Accommodation.
EMERGENCY: Final = 0  # Notunterkunft
COLLECTIVE: Final = 1  # Gemeinschaftsunterkunft (GU)
DECENTRAL: Final = 2  # flat rented by the district
PRIVATE: Final = 3
ACCOMMODATION_NAMES: Final = ("emergency", "collective", "decentral", "private")

# Groups that structures may serve (field `integration`).
ASYLUM: Final = 0
PROTECTED: Final = 1
TOLERATED_GROUP: Final = 2

# Prospects at arrival (Bleibeperspektive) and origin.
GOOD_PROSPECT: Final = 0
UNCERTAIN: Final = 1
UKRAINE: Final = 2
ORIGIN_NAMES: Final = ("good_prospect", "uncertain", "ukraine")

# Work of an adult.
NO_WORK: Final = 0
MINOR: Final = 1  # mini-job or internship
TRAINEE: Final = 2  # apprenticeship
REGULAR: Final = 3
WORK_NAMES: Final = ("none", "minor", "apprenticeship", "regular")

# Language course of an adult.
NO_COURSE: Final = 0
WAITING: Final = 1  # a place is wanted
IN_COURSE: Final = 2
COMPLETED: Final = 3

# Child's place.
NO_PLACE: Final = 0
KITA: Final = 1
SCHOOL: Final = 2

MAX_CHILDREN: Final = 4
MAX_ADULTS: Final = 2

# The tasks of the field `integration`, in the order of its tasks.csv.
(
    ACCOMMODATION,
    PRIVATE_HOUSING,
    ADVICE,
    LANGUAGE_COURSE,
    COURSE_COORDINATION,
    JOB_PLACEMENT,
    APPRENTICESHIP,
    KITA_SCHOOL,
    CHILDCARE_COURSES,
    HEALTH,
    TRAUMA_CARE,
    ENCOUNTER,
    MOBILITY,
    INTERPRETING,
    HANDOVER,
) = range(15)
N_TASKS: Final = 15

# Features of a household's situation: a need opens when its task's features are present. One bit each.
FEATURES: Final = (
    "emergency",
    "state_housing",
    "misplaced",  # protected, but still in state accommodation (Fehlbeleger)
    "procedure",
    "protected",
    "tolerated",
    "newly_protected",
    "first_year",
    "course_place_wanted",
    "in_course",
    "jobless",
    "qualifiable",
    "kita_wanted",
    "school_wanted",
    "mother_blocked",
    "vulnerable",
    "few_contacts",
    "remote",
    "low_german",
)
FEATURE_BIT: Final = {name: 1 << position for position, name in enumerate(FEATURES)}
F_EMERGENCY: Final = FEATURE_BIT["emergency"]
F_STATE_HOUSING: Final = FEATURE_BIT["state_housing"]
F_MISPLACED: Final = FEATURE_BIT["misplaced"]
F_PROCEDURE: Final = FEATURE_BIT["procedure"]
F_PROTECTED: Final = FEATURE_BIT["protected"]
F_TOLERATED: Final = FEATURE_BIT["tolerated"]
F_NEWLY_PROTECTED: Final = FEATURE_BIT["newly_protected"]
F_FIRST_YEAR: Final = FEATURE_BIT["first_year"]
F_COURSE_PLACE_WANTED: Final = FEATURE_BIT["course_place_wanted"]
F_IN_COURSE: Final = FEATURE_BIT["in_course"]
F_JOBLESS: Final = FEATURE_BIT["jobless"]
F_QUALIFIABLE: Final = FEATURE_BIT["qualifiable"]
F_KITA_WANTED: Final = FEATURE_BIT["kita_wanted"]
F_SCHOOL_WANTED: Final = FEATURE_BIT["school_wanted"]
F_MOTHER_BLOCKED: Final = FEATURE_BIT["mother_blocked"]
F_VULNERABLE: Final = FEATURE_BIT["vulnerable"]
F_FEW_CONTACTS: Final = FEATURE_BIT["few_contacts"]
F_REMOTE: Final = FEATURE_BIT["remote"]
F_LOW_GERMAN: Final = FEATURE_BIT["low_german"]
