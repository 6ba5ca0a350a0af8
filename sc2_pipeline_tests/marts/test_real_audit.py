"""The audit over real replays: every finding has its explanation."""

import pytest

from sc2_pipeline.sql_models import read_audit_checks
from sc2_pipeline.warehouse.audit import audit
from sc2_pipeline.warehouse.declared import make_declared_tables
from sc2_pipeline_tests.marts.conftest import marts_of_folder

pytestmark = pytest.mark.slow


def _unexplained(marts):
    outcomes = tuple(audit(marts, read_audit_checks()))
    return {o.check.name: o.examples for o in outcomes if o.unexplained}, {o.check.name for o in outcomes if o.findings}


def test_no_finding_in_real_replays_is_unexplained(real_marts):
    unexplained, found = _unexplained(real_marts)

    assert unexplained == {}
    assert {"counters_below_zero", "mode_evidence", "results_of_sides"} <= found


def test_no_finding_in_the_cases_of_known_faults_is_unexplained(shared):
    marts = marts_of_folder(shared / "cases")
    make_declared_tables(marts)

    unexplained, found = _unexplained(marts)

    assert unexplained == {}
    assert {"games_held_apart", "games_joined", "resumed_games", "recordings_known_by_little"} <= found
