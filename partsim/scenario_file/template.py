"""A scenario to start from: what `partsim init` writes."""

from __future__ import annotations

_TEXT = """\
# A small scenario that runs; replace names and numbers by yours.
# Every time has a unit (min, h, d, weeks, months, years), every share a per cent sign;
# money is in the one currency and may be short (100 k, 1.2 M).
partsim: 1
name: My service network
currency: CNY

parts:                        # by part number; or a table: {table: parts.csv}
  pump:
    price: 60 k
    lifetime: {weibull: {mean: 18 months, shape: 2}}
    supplier: importer
    difficulty: high
  seal: {price: 400, lifetime: {exponential: {mean: 8 months}}, supplier: plant, difficulty: low}

suppliers:                    # lead times run from the approved order to the receipt
  importer: {kind: outsourced, lead_time: {gamma: {mean: 60 d, cv: 0.5}}}
  plant: {kind: own, lead_time: {gamma: {mean: 14 d, cv: 0.3}}}

depots:                       # the supply tree: suppliers, a central depot, field depots
  central: {supplied_by: suppliers}
  north: {supplied_by: central, transport_time: 3 d}

machines:
  machine: {positions: {pump: 1, seal: 2}}      # how many of each part one machine has

fleets:                       # machines of one type and customer group, served by one depot
  - {machine: machine, depot: central, customers: key_accounts, count: 25}
  - {machine: machine, depot: north, customers: others, count: 15}

tiers:                        # the promise: from the call to the running machine
  gold: {customers: [key_accounts], promise: {within: 24 h, share: 95 %}}
  basic: {customers: [others], promise: {within: 48 h, share: 95 %}}

service:                      # what happens at a call
  phone_fix: 10 %
  diagnosis_time: 1 h
  travel_time: {lognormal: {mean: 6 h, cv: 0.5}}
  repair_time: {low: 2 h, medium: 4 h, high: 8 h}

grading:                      # which parts are managed how strictly
  weights: {price: 3, wear: 1, outsourced: 1, difficulty: 1}
  cuts: {A: 0.6, B: 0.3}      # of a score from 0 to 1
  grades:
    A: {approval_time: 7 d, approval_cost: 200}
    B: {approval_time: 3 d, approval_cost: 80, control_loss: 0.2 %}
    C: {approval_time: 0 d, approval_cost: 5, control_loss: 1 %}

costs: {holding: 20 % per year, order: 50}

simulation: {years: 3, warm_up: 1 year, replications: 5, seed: 1}
"""


def init_text() -> str:
    """
    Give the text of a small commented scenario that runs.

    Examples
    --------
    >>> init_text().splitlines()[3]
    'partsim: 1'
    """
    return _TEXT
