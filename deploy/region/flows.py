"""How people come, wait, stay and leave, by service: the only numbers behind the synthetic exports.

Where a published figure or a quoted experience exists, it stands beside the number; the rest is our
own round guess, made to look plausible and nothing more. The figures are Flemish or one person's:
spread over a region they are an allocation, not a measurement (README.md lists the sources).
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Flow:
    """`weight`: how many ask, beside the organisation's other services. Waits are log-normal with
    the median `wait_weeks`; stays, from the first appointment to the closing, have the mean
    `stay_weeks`; `contact_weeks` is the median gap between two contacts; `left_share` gives up
    before the first appointment."""

    weight: float
    wait_weeks: float
    wait_spread: float
    stay_weeks: float
    contact_weeks: float
    left_share: float

    @property
    def open_weeks(self) -> float:
        """Mean weeks from the request to the closing. Who gives up does so after three quarters
        of the wait, in the mean."""
        wait = self.wait_weeks * math.exp(self.wait_spread**2 / 2)
        return self.left_share * 0.75 * wait + (1 - self.left_share) * (wait + self.stay_weeks)


# OCMW: "at least a week just to get an appointment", "four weeks before there is a next contact",
# a rent deposit takes "days, sometimes weeks" (policy brief 001: one person each). Equivalent to
# ordinary integration income about as 380 to 872 (Ostend, 2013).
_OCMW = {
    "onthaal": Flow(3.0, 1.4, 0.6, 5, 3.0, 0.10),
    "leefloon": Flow(1.6, 1.8, 0.5, 44, 4.0, 0.05),
    "equivalent-leefloon": Flow(0.8, 1.8, 0.5, 36, 4.0, 0.05),
    "huurwaarborg": Flow(0.9, 2.2, 0.7, 7, 2.5, 0.18),
    "installatiepremie": Flow(0.4, 2.0, 0.6, 5, 3.0, 0.10),
    "medische-kosten": Flow(0.5, 1.2, 0.6, 12, 4.0, 0.05),
    "budgetbeheer": Flow(0.4, 4.5, 0.7, 52, 4.0, 0.15),
    "schuldbemiddeling": Flow(0.2, 6.0, 0.7, 60, 5.0, 0.15),
    "woonbegeleiding": Flow(0.4, 6.5, 0.7, 26, 3.0, 0.20),
    "toeleiding": Flow(0.5, 2.5, 0.6, 14, 2.0, 0.08),
}

# 24,912 first contracts a year over the Flemish Region (2023, policy paper 002) and 4.70 % of its
# inhabitants make 22.5 contracts a week: the weights of the agency are requests a week in this
# region. MO was the course with the long lists (nearly 1,500 over a year in 2018, press).
_AGII = {
    "inburgering-intake": Flow(23.0, 3.5, 0.6, 3, 2.5, 0.07),
    "trajectbegeleiding": Flow(22.5, 2.5, 0.5, 52, 7.0, 0.04),
    "taalinschatting": Flow(14.0, 3.0, 0.6, 1.5, 2.0, 0.10),
    "mo-dag": Flow(11.0, 13.0, 0.6, 10, 2.0, 0.10),
    "mo-avond": Flow(5.0, 17.0, 0.6, 14, 2.0, 0.13),
    "netwerktraject": Flow(4.0, 9.0, 0.7, 20, 4.0, 0.15),
    "vreemdelingenrecht": Flow(5.0, 1.5, 0.6, 4, 3.0, 0.05),
}

# Welfare: waits for guidance are longer than for a first talk. Own guess.
_WELFARE = {
    "psychosociaal": Flow(0.9, 6.0, 0.7, 22, 2.5, 0.18),
    "jongeren": Flow(0.4, 2.0, 0.6, 14, 2.5, 0.12),
    "dmw-rechten": Flow(1.6, 2.0, 0.6, 16, 4.5, 0.06),
    "rechtenverkenning": Flow(1.0, 1.5, 0.6, 6, 4.0, 0.06),
}

# NT2: officially on a list only if one can't start within half a year, while over half of the
# municipalities say that lessons start too late (press, 2017). Alpha groups and evenings wait
# longest. A course lasts a term or two.
_NT2 = {
    "nt2-alfa-a1-dag": Flow(0.8, 18.0, 0.6, 34, 1.5, 0.16),
    "nt2-a1-dag": Flow(2.4, 9.0, 0.6, 20, 1.5, 0.12),
    "nt2-a1-avond": Flow(1.6, 14.0, 0.6, 24, 1.5, 0.15),
    "nt2-a2-dag": Flow(1.5, 7.0, 0.6, 20, 1.5, 0.10),
    "nt2-a2-avond": Flow(1.1, 11.0, 0.6, 24, 1.5, 0.13),
    "nt2-b1-avond": Flow(0.6, 12.0, 0.6, 24, 1.5, 0.12),
}

# Volunteers fill the gaps: letters at once, a buddy when one is found. Own guess.
_VOLUNTEERS = {
    "buddy": Flow(0.5, 8.0, 0.8, 40, 1.6, 0.15),
    "brieven": Flow(1.6, 0.8, 0.6, 3, 1.5, 0.05),
    "taaloefening": Flow(0.7, 4.0, 0.7, 24, 1.3, 0.15),
}

SERVICE_FLOWS = _OCMW | _AGII | _WELFARE | _NT2 | _VOLUNTEERS

# Order of origins at the three agencies in 2023: Morocco, Afghanistan, Ukraine, Syria, Turkey; most
# immigrants to the Flemish Region in 2023: Romania 11,161, Ukraine 8,249, Netherlands 8,038,
# Bulgaria 4,150, Turkey 3,204, Morocco 2,957, Afghanistan 2,670 (policy paper 002). Which contact
# language goes with an origin, and the share of the others, is our own allocation.
LANGUAGES = {
    "ara": 21.0,
    "ukr": 11.0,
    "ron": 9.0,
    "prs": 8.0,
    "tur": 7.0,
    "pus": 6.0,
    "nld": 6.0,
    "fra": 5.0,
    "bul": 4.0,
    "ary": 4.0,
    "rus": 3.0,
    "eng": 3.0,
    "tir": 2.5,
    "som": 2.0,
    "kmr": 2.0,
    "sqi": 1.5,
    "spa": 1.5,
    "pol": 1.2,
    "por": 1.0,
    "lin": 0.6,
    "fas": 0.6,
    "urd": 0.4,
    "amh": 0.3,
}

# Shares by reason; the words are the closed list's (shared/base/lists.h). Own guess.
CLOSED_BEFORE_START = {
    "unreachable": 0.35,
    "elsewhere": 0.28,
    "moved": 0.15,
    "refused": 0.10,
    "not-competent": 0.09,
    "other": 0.03,
}
CLOSED_AFTER_START = {
    "finished": 0.62,
    "moved": 0.12,
    "elsewhere": 0.10,
    "unreachable": 0.08,
    "refused": 0.03,
    "not-competent": 0.02,
    "other": 0.03,
}
