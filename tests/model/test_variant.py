"""Variants and scenarios: what is accepted, what is refused, and in which words."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kreislauf.model.errors import InputError
from kreislauf.model.variant import (
    Scenario,
    Variant,
    load_scenario,
    load_variant,
    scenario_names,
    scenario_schema,
    variant_names,
    variant_schema,
)

TEN = [
    "status_quo",
    "subsidiarity",
    "district_lead",
    "lead_agency",
    "intermunicipal",
    "community",
    "regional_budget",
    "municipal_association",
    "regional_fund",
    "crowdfunding",
]


def problems_of(tmp_path, text, load=load_variant):
    file = tmp_path / "mine.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError) as raised:
        load("mine.toml", tmp_path)
    return str(raised.value).splitlines()


def test_the_ten_shipped_variants_load_and_the_status_quo_comes_first():
    assert variant_names() == TEN
    assert [load_variant(name).name for name in TEN] == TEN


def test_shipped_variants_differ_from_the_status_quo_in_rule_or_instrument_only_once():
    reference = load_variant("status_quo")
    for variant in map(load_variant, TEN[1:]):
        assert (variant.rule != reference.rule) + (variant.funding != reference.funding) == 1
        assert variant.allocation == reference.allocation


@pytest.mark.parametrize("name", TEN)
def test_every_shipped_variant_has_title_and_description_in_both_languages(name):
    variant = load_variant(name)
    assert all([variant.title_de, variant.title_en, variant.description_de, variant.description_en])


def test_the_base_scenario_changes_nothing():
    assert scenario_names()[0] == "base"
    base = load_scenario("base")
    assert (base.arrivals_factor, base.ukraine_factor, base.revenue_growth_shift, base.parameters) == (
        1.0,
        1.0,
        0.0,
        {},
    )
    assert all(load_scenario(name).title_de for name in scenario_names())


def test_what_a_variant_file_does_not_say_is_as_in_the_status_quo(tmp_path):
    (tmp_path / "mine.toml").write_text('rule = "community"')
    mine, reference = load_variant("mine.toml", tmp_path), load_variant("status_quo")
    assert mine.name == mine.title_en == "mine"
    assert mine.rule == "community"
    for key in ("allocation", "funding", "rounds_per_year", "shared_register", "lead", "parameters"):
        assert getattr(mine, key) == getattr(reference, key)


def test_all_problems_of_a_file_are_reported_at_once_with_line_and_nearest_name(tmp_path):
    lines = problems_of(
        tmp_path,
        'rule = "subsidarity"\nruel = "x"\nshared_register = "False"\nrounds_per_year = 4.5\nallocation = "quotta"\n'
        "[funding]\nown_bugdet = 0.5\ncrowdfunding = 1.5\n[parameters]\nno_such_parameter = 3\n",
    )
    expected = [
        ("line 1", "unknown rule 'subsidarity', did you mean 'subsidiarity'?"),
        ("line 2", "unknown key 'ruel', did you mean 'rule'?"),
        ("line 3", "true or false, without quotes"),
        ("line 4", "a whole number"),
        ("line 5", "did you mean 'quota'?"),
        ("line 7", "unknown instrument 'own_bugdet', did you mean 'own_budget'?"),
        ("line 8", "at most 1"),
        ("line 10", "unknown parameter"),
    ]
    assert len(lines) == len(expected)
    for line, (place, words) in zip(lines, expected, strict=True):
        assert line.startswith(f"mine.toml, {place}")
        assert words in line


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rule = = 3", ["line 1", "column 8", "not valid TOML"]),
        ('title_de = "a"\nrule = "para', ["line 2", "not valid TOML"]),
        ("funding = {own_budget = 0.4}", ["line 1", "add up to 0.4, not to 1"]),
        ("rounds_per_year = -1", ["at least 0"]),
        ("rounds_per_year = true", ["true/false", "a whole number"]),
        ("funding = 3", ["a table of keys and values"]),
        ('name = "two words"', ["without spaces"]),
        ("[lead]\nadvice = 3", ["line 2", "a text in quotes"]),
        ('title_de = "x"\n# Dörfles'.encode("latin-1"), ["line 2", "not UTF-8"]),
    ],
)
def test_a_wrong_value_gets_one_sentence(tmp_path, text, words):
    (line,) = problems_of(tmp_path, text)
    assert all(word in line for word in words), line


@pytest.mark.parametrize("value", ["nan", "inf", "true", '"2"', "-1", "11"])
def test_a_scenario_factor_is_a_finite_number_within_its_range(tmp_path, value):
    (line,) = problems_of(tmp_path, f"arrivals_factor = {value}", load_scenario)
    assert "arrivals_factor" in line


def test_an_unknown_name_gets_the_nearest_one_and_a_missing_file_its_path():
    with pytest.raises(InputError, match="unknown variant 'comunity', did you mean 'community'"):
        load_variant("comunity")
    with pytest.raises(InputError, match="unknown scenario 'bse', did you mean 'base'"):
        load_scenario("bse")
    with pytest.raises(InputError, match=r"nowhere/mine\.toml: there is no such file"):
        load_variant("nowhere/mine.toml")


def test_a_variant_made_in_python_is_checked_like_a_file():
    with pytest.raises(InputError, match="unknown rule"):
        Variant(name="mine", rule="nobody")


def test_leads_are_checked_against_the_tasks_of_the_field_and_the_owners_of_the_region():
    variant = Variant(name="mine", lead={"advice": "caritas"})
    variant.check_lead(tasks=["advice"], owners=["caritas"])
    with pytest.raises(InputError, match=r"(?s)unknown task 'advice'.*unknown owner 'caritas'"):
        variant.check_lead(tasks=["health"], owners=["vhs"])


def test_the_fingerprint_follows_content_not_titles_or_order():
    one = Variant(name="a", title_de="A", funding={"own_budget": 0.5, "crowdfunding": 0.5})
    two = Variant(name="b", title_de="B", funding={"crowdfunding": 0.5, "own_budget": 0.5})
    assert one.fingerprint() == two.fingerprint()
    assert one.fingerprint() != Variant(name="a", rounds_per_year=5).fingerprint()


@given(share=st.floats(0.0, 1.0))
def test_any_two_weights_that_add_up_to_one_are_accepted(share):
    assert (
        Variant(name="mix", funding={"own_budget": share, "regional_fund": 1.0 - share}).funding["own_budget"] == share
    )


def test_schemas_describe_every_key():
    for schema in (variant_schema(), scenario_schema()):
        assert json.loads(json.dumps(schema)) == schema
        assert all("description" in entry for entry in schema["properties"].values())
    assert Scenario(name="x").name == "x"


def test_every_key_is_explained_in_the_documentation():
    text = (Path(__file__).parents[2] / "docs" / "variant-format.md").read_text(encoding="utf-8")
    for key in {**variant_schema()["properties"], **scenario_schema()["properties"]}:
        assert f"| {key} |" in text or f"`{key}`" in text or f"`[{key}]`" in text
