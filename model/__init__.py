"""The model: regions, variants, the monthly run, money, and results.

>>> from kreislauf.model import IntegrationModel
>>> IntegrationModel("coburg", "community", months=3, rng=1).run().results().monthly["month"].nunique()
3
"""

from typing import TYPE_CHECKING

from .lazy import handed_on

if TYPE_CHECKING:
    from .errors import InputError as InputError
    from .errors import KreislaufError as KreislaufError
    from .errors import Problem as Problem
    from .field import Field as Field
    from .field import load_field as load_field
    from .integration_model import IntegrationModel as IntegrationModel
    from .ledger import Ledger as Ledger
    from .measures import MEASURES as MEASURES
    from .measures import Measure as Measure
    from .measures import measures_of as measures_of
    from .parameters import Parameter as Parameter
    from .parameters import Parameters as Parameters
    from .parameters import parameter_table as parameter_table
    from .plan import Plan as Plan
    from .plan import load_plan as load_plan
    from .region import (
        Region as Region,
    )
    from .region import (
        check_region as check_region,
    )
    from .region import (
        load_region as load_region,
    )
    from .region import (
        region_names as region_names,
    )
    from .results import RunTables as RunTables
    from .variant import (
        Scenario as Scenario,
    )
    from .variant import (
        Variant as Variant,
    )
    from .variant import (
        load_scenario as load_scenario,
    )
    from .variant import (
        load_variant as load_variant,
    )
    from .variant import (
        scenario_names as scenario_names,
    )
    from .variant import (
        variant_names as variant_names,
    )

__all__ = [
    "MEASURES",
    "Field",
    "InputError",
    "IntegrationModel",
    "KreislaufError",
    "Ledger",
    "Measure",
    "Parameter",
    "Parameters",
    "Plan",
    "Problem",
    "Region",
    "RunTables",
    "Scenario",
    "Variant",
    "check_region",
    "load_field",
    "load_plan",
    "load_region",
    "load_scenario",
    "load_variant",
    "measures_of",
    "parameter_table",
    "region_names",
    "scenario_names",
    "variant_names",
]
_HOMES = {
    "MEASURES": "measures",
    "Field": "field",
    "InputError": "errors",
    "IntegrationModel": "integration_model",
    "KreislaufError": "errors",
    "Ledger": "ledger",
    "Measure": "measures",
    "Parameter": "parameters",
    "Parameters": "parameters",
    "Plan": "plan",
    "Problem": "errors",
    "Region": "region",
    "RunTables": "results",
    "Scenario": "variant",
    "Variant": "variant",
    "check_region": "region",
    "load_field": "field",
    "load_plan": "plan",
    "load_region": "region",
    "load_scenario": "variant",
    "load_variant": "variant",
    "measures_of": "measures",
    "parameter_table": "parameters",
    "region_names": "region",
    "scenario_names": "variant",
    "variant_names": "variant",
}

__getattr__, __dir__ = handed_on(__name__, _HOMES)
