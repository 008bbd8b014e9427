#!/usr/bin/python3
"""Holds nhs_expected.py to cases worked out by hand, and the extract to what its README says."""

import unittest
from fractions import Fraction
from typing import Any

import nhs_expected
from nhs_expected import MEDIAN, P80, Expected, Quantile, Row

KEY = ("00c", "ip100", "2014-12-31")
# NHS Darlington, general surgery, December 2014. Half of 521 is 260.5; 178 wait less than 4
# weeks, so 82.5 of the 135 in 4-8: 4 + 4 * 82.5 / 135. P80 is 416.8; 313 below 8 weeks, so 103.8
# of the 127 in 8-13: 8 + 5 * 103.8 / 127.
DARLINGTON = Row(*KEY, 31, 521, (178, 135, 127, 52, 23, 5, 1, 0), "6.5")
DARLINGTON_MEDIAN = 4 + 4 * 82.5 / 135
DARLINGTON_P80 = 8 + 5 * 103.8 / 127


def answer(**changes: Any) -> dict[str, Any]:
    elapsed = {
        "median_weeks": round(DARLINGTON_MEDIAN, 3),
        "median_beyond_last_bin": False,
        "p80_weeks": round(DARLINGTON_P80, 3),
        "p80_beyond_last_bin": False,
        "families": 521,
    }
    row = {
        "organisation": "00c",
        "service": "ip100",
        "municipality": None,
        "language": None,
        "figures": {"origin": "published", "as_of": "2014-12-31", "period_days": 31},
        "queue": {"value": 521},
        "elapsed": elapsed | changes.pop("elapsed", {}),
    }
    return row | changes


class Quantiles(unittest.TestCase):
    def test_a_quantile_lies_on_a_line_within_its_bin(self) -> None:
        median = nhs_expected.quantile(DARLINGTON.bins, MEDIAN)
        p80 = nhs_expected.quantile(DARLINGTON.bins, P80)
        assert median is not None and p80 is not None
        self.assertAlmostEqual(float(median.weeks), DARLINGTON_MEDIAN)
        self.assertAlmostEqual(float(p80.weeks), DARLINGTON_P80)

    def test_the_first_bin_starts_at_zero(self) -> None:
        found = nhs_expected.quantile((10, 0, 0, 0, 0, 0, 0, 0), MEDIAN)
        self.assertEqual(found, Quantile(Fraction(2), beyond=False))

    def test_a_quantile_on_an_edge_is_the_edge_and_skips_empty_bins(self) -> None:
        found = nhs_expected.quantile((5, 0, 0, 5, 0, 0, 0, 0), MEDIAN)
        self.assertEqual(found, Quantile(Fraction(4), beyond=False))

    def test_a_quantile_in_the_open_bin_is_beyond_the_last_edge(self) -> None:
        found = nhs_expected.quantile((1, 0, 0, 0, 0, 0, 0, 9), MEDIAN)
        self.assertEqual(found, Quantile(Fraction(52), beyond=True))

    def test_nobody_waiting_has_no_quantile(self) -> None:
        self.assertIsNone(nhs_expected.quantile((0,) * 8, P80))


class Comparison(unittest.TestCase):
    wanted = nhs_expected.expected([DARLINGTON])

    def differences(self, *rows: dict[str, Any]) -> list[str]:
        return nhs_expected.compare(rows, self.wanted)

    def test_the_right_answer_has_no_differences(self) -> None:
        self.assertEqual(self.differences(answer()), [])

    def test_a_wrong_figure_is_named(self) -> None:
        wrong = [
            answer(queue={"value": 520}),
            answer(queue={"low": 10, "high": 24, "band": "10-24"}),
            answer(elapsed={"median_weeks": DARLINGTON_MEDIAN + 0.02}),
            answer(elapsed={"p80_beyond_last_bin": True}),
            answer(elapsed={"families": 1}),
            answer() | {"elapsed": None},
            answer(figures={"origin": "register", "as_of": "2014-12-31", "period_days": 31}),
            answer(figures={"origin": "published", "as_of": "2014-12-31", "period_days": 7}),
        ]
        for row in wrong:
            self.assertEqual(len(self.differences(row)), 1, row)

    def test_a_row_that_is_missing_doubled_or_unknown_is_named(self) -> None:
        self.assertEqual(self.differences(), ["00c ip100 2014-12-31: no answer"])
        self.assertEqual(len(self.differences(answer(), answer())), 1)
        self.assertEqual(len(self.differences(answer(), answer(service="ip999"))), 1)

    def test_totals_of_an_organisation_or_a_municipality_are_left_alone(self) -> None:
        others = [answer(service=None), answer(municipality="34022"), answer(language="ara")]
        self.assertEqual(self.differences(answer(), *others), [])

    def test_a_wait_where_nobody_waits_is_named(self) -> None:
        nobody = {KEY: Expected(31, 0, None, None)}
        row = answer(queue={"value": 0})
        self.assertEqual(len(nhs_expected.compare([row], nobody)), 1)
        self.assertEqual(nhs_expected.compare([row | {"elapsed": None}], nobody), [])


class Extract(unittest.TestCase):
    rows = nhs_expected.read_extract()

    def test_it_covers_what_its_readme_says(self) -> None:
        self.assertEqual(len(self.rows), 23182)
        self.assertEqual(len(nhs_expected.expected(self.rows)), 23182)
        self.assertEqual(len({row.organisation for row in self.rows}), 213)
        self.assertEqual(len({row.service for row in self.rows}), 19)
        self.assertEqual(len({row.period_end for row in self.rows}), 6)

    def test_no_total_row_and_no_broken_row_is_left(self) -> None:
        self.assertNotIn("ip999", {row.service for row in self.rows})
        self.assertTrue(all(row.total == sum(row.bins) > 0 for row in self.rows))

    def test_our_medians_lie_near_the_files_own(self) -> None:
        gaps = nhs_expected.median_gaps_weeks(self.rows)
        self.assertLess(max(gaps), 3)
        self.assertLess(sorted(gaps)[len(gaps) // 2], 0.16)


if __name__ == "__main__":
    unittest.main()
