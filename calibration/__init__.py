"""Calibration: what surveys and registers observed goes in, what the model says about the same people is compared.

The fit itself is `kreislauf.calibration.calibrate.calibrate`, the check afterwards `validation.validate`.

>>> from kreislauf.calibration import Targets
>>> Targets.of_region("coburg")["E01"].use
'calibrate'
"""

from typing import TYPE_CHECKING

from ..model.lazy import handed_on

if TYPE_CHECKING:
    from .codebook import Codebook as Codebook
    from .estimates import SurveyEstimates as SurveyEstimates
    from .estimates import estimate as estimate
    from .people import see as see
    from .priors import Prior as Prior
    from .priors import Priors as Priors
    from .survey import Survey as Survey
    from .survey import read_survey as read_survey
    from .survey import survey_of_rows as survey_of_rows
    from .targets import Target as Target
    from .targets import Targets as Targets

__all__ = [
    "Codebook",
    "Prior",
    "Priors",
    "Survey",
    "SurveyEstimates",
    "Target",
    "Targets",
    "estimate",
    "read_survey",
    "see",
    "survey_of_rows",
]
_HOMES = {
    "Codebook": "codebook",
    "Prior": "priors",
    "Priors": "priors",
    "Survey": "survey",
    "SurveyEstimates": "estimates",
    "Target": "targets",
    "Targets": "targets",
    "estimate": "estimates",
    "read_survey": "survey",
    "see": "people",
    "survey_of_rows": "survey",
}

__getattr__, __dir__ = handed_on(__name__, _HOMES)
