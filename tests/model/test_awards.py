"""Awards in force and wishes refused beforehand: shortcuts that may change no cent and no count."""

import numpy as np
import pandas as pd
import pytest
from kreislauf.model.awards import COST, DUE, FIRST, LAST, N_COLUMNS, PAYERS, STEADY, month_of_awards
from kreislauf.model.funding import Crowdfunding, MunicipalAssociation, OwnBudget, RegionalBudget, RegionalFund
from kreislauf.model.integration_model import IntegrationModel


def run(variant, months=48):
    return IntegrationModel("coburg", variant, months=months, rng=3).run()


def money_of(model):
    return model.ledger.flows(structures=True), {n: i.kpis() for n, i in model.politics.instruments.items()}


def test_payments_that_are_the_same_every_month_come_to_what_the_instrument_would_pay_month_by_month(monkeypatch):
    flows, figures = money_of(run("status_quo"))
    monkeypatch.setattr(OwnBudget, "steady", lambda self, award, cents: None)
    again, asked_monthly = money_of(run("status_quo"))
    assert (flows["purpose"] == "grant").any()
    pd.testing.assert_frame_equal(flows, again)
    assert figures["own_budget"]["paid_eur"] == asked_monthly["own_budget"]["paid_eur"] > 0
    assert figures["own_budget"]["district_help_eur"] == asked_monthly["own_budget"]["district_help_eur"]


@pytest.mark.parametrize(
    ("cls", "variant"),
    [
        (OwnBudget, "status_quo"),
        (Crowdfunding, "crowdfunding"),
        (RegionalBudget, "regional_budget"),
        (RegionalFund, "regional_fund"),
        (MunicipalAssociation, "municipal_association"),
    ],
)
def test_a_wish_refused_beforehand_counts_like_the_proposal_that_would_have_been_refused(cls, variant, monkeypatch):
    flows, figures = money_of(run(variant, 36))
    closed, refusal = cls.closed, cls.refusal
    monkeypatch.setattr(cls, "closed", lambda self, purpose, month: "")
    monkeypatch.setattr(cls, "refusal", lambda self, p: closed(self, p, p.month) or refusal(self, p))
    again, of_proposals = money_of(run(variant, 36))
    assert figures[cls.name]["excluded"] > 0
    pd.testing.assert_series_equal(pd.Series(figures[cls.name]), pd.Series(of_proposals[cls.name]))
    pd.testing.assert_frame_equal(flows, again)


def test_an_award_is_paid_from_its_first_to_its_last_month_by_everybody_who_bears_it():
    owner, staff, land, district = 3, 4, 5, 6
    row = np.zeros(N_COLUMNS, np.int64)
    row[[FIRST, LAST, COST, DUE, STEADY]] = 10, 12, 3000, 2700, 1
    row[2:7] = owner, staff, 0, 7, 1
    row[PAYERS:] = district, 200, land, 2500
    table = row[np.newaxis]
    lines, cents = np.zeros((3, 5), np.int64), np.zeros(3, np.int64)
    by_field, steady, asked = np.full(1, 9.0), np.full((1, 2), 9), np.zeros((1, 2), np.int64)
    for month, posted in ((9, []), (10, [200, 2500, 3000]), (12, [200, 2500, 3000]), (13, [])):
        n, waiting = month_of_awards(table, month, 8, 2, lines, cents, by_field, steady, asked)
        assert cents[:n].tolist() == posted
        assert waiting == 0
        assert steady.tolist() == ([[200, 2500]] if posted else [[0, 0]])
        assert by_field.tolist() == ([3000.0] if posted else [0.0])
    month_of_awards(table, 11, 8, 2, lines, cents, by_field, steady, asked)
    assert lines.tolist() == [[district, owner, 8, 7, 2], [land, owner, 8, 7, 2], [owner, staff, 0, 7, 1]]


def test_who_pays_for_an_own_post_moves_no_money_to_himself():
    district, staff = 3, 4
    row = np.zeros(N_COLUMNS, np.int64)
    row[[FIRST, LAST, COST, DUE, STEADY]] = 0, 5, 3000, 0, 1
    row[2:7] = district, staff, 0, 7, 1
    row[PAYERS:] = district, 0, district, 400
    lines, cents = np.zeros((3, 5), np.int64), np.zeros(3, np.int64)
    steady = np.zeros((1, 2), np.int64)
    n, _ = month_of_awards(
        row[np.newaxis], 0, 8, 2, lines, cents, np.zeros(1), steady, np.zeros((1, 2), np.int64)
    )  # fmt: skip
    assert lines[:n].tolist() == [[district, staff, 0, 7, 1]]
    assert steady.tolist() == [[0, 400]]
