from types import MappingProxyType

from hypothesis import given
from hypothesis import strategies as st
from kreislauf.model.parameters import parameter_table
from kreislauf.visualization.choices import STATUS_QUO, Choice, all_choices
from kreislauf.visualization.view import Limits, View, read_query

LIMITS = Limits(("start", "overview", "assumptions"), ("09473112", "09473120"), (0, 131))
PARAMETERS = parameter_table()


@st.composite
def assumptions(draw):
    names = draw(st.lists(st.sampled_from(sorted(PARAMETERS)), max_size=4, unique=True))
    return MappingProxyType(
        {name: draw(st.floats(PARAMETERS[name].low, PARAMETERS[name].high, allow_subnormal=False)) for name in names}
    )


views = st.builds(
    View,
    screen=st.sampled_from(LIMITS.screens),
    baseline=st.sampled_from(all_choices()),
    choice=st.builds(
        Choice,
        st.sampled_from(["parallel", "community"]),
        st.sampled_from(["crowdfunding", "own_budget"]),
        st.integers(1, 100).map(lambda percent: percent / 100),
    ),
    language=st.sampled_from(["de", "en"]),
    place=st.none() | st.sampled_from(LIMITS.places),
    month=st.none() | st.integers(0, 131),
    assumptions=assumptions(),
    presenter=st.booleans(),
    options=st.dictionaries(st.sampled_from(["measure", "shocks"]), st.text(max_size=20)).map(MappingProxyType),
)


@given(views)
def test_a_view_survives_its_way_through_the_address(view: View):
    assert read_query(view.query(), LIMITS) == (view, ())


@given(st.text(max_size=200))
def test_any_address_gives_a_view(query: str):
    view, _ = read_query(query, LIMITS)
    assert view.screen in LIMITS.screens
    assert view.place is None or view.place in LIMITS.places


def test_what_an_address_names_wrongly_is_left_out_and_told():
    view, wrong = read_query(
        "screen=nowhere&a=parallel-gold&place=1&month=2031-01&lang=fr&set=overlap_loss:99&set=nothing:1&set=x&b=community-own_budget",
        LIMITS,
    )
    assert view == View(choice=Choice("community"))
    assert set(wrong) == {
        "screen=nowhere", "a=parallel-gold", "place=1", "month=2031-01", "lang=fr", "set=overlap_loss:99",
        "set=nothing:1", "set=x",
    }  # fmt: skip


def test_a_variant_that_exists_only_in_a_results_folder_is_not_taken_from_an_address():
    view, wrong = read_query("b=variant-<script>", LIMITS)
    assert view.choice == STATUS_QUO
    assert wrong == ("b=variant-<script>",)


def test_the_usual_view_has_a_short_address():
    assert View().query() == "screen=start&lang=de"
