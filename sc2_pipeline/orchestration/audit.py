"""Asset checks of the published warehouse as a whole: what ``sc2-pipeline audit`` finds. Contains no check logic."""

from collections.abc import Iterator

import dagster as dg

from sc2_pipeline.config import Home
from sc2_pipeline.orchestration.resources import HomeResource, saying_what_to_do
from sc2_pipeline.public.published import opened_warehouse
from sc2_pipeline.sql_models import read_audit_checks
from sc2_pipeline.warehouse.audit import AuditOutcome, audit

_AUDITED = "published_warehouse"
_CHECKS = {check.name: check for check in read_audit_checks()}
_SPECS = [dg.AssetCheckSpec(check.name, asset=_AUDITED, description=check.holds) for check in _CHECKS.values()]


@dg.multi_asset_check(name="audit_checks", specs=_SPECS, can_subset=True)
def audit_checks(context: dg.AssetCheckExecutionContext, home: HomeResource) -> Iterator[dg.AssetCheckResult]:
    """Runs the audit over the published warehouse, which it only reads; red where a finding is unexplained."""
    chosen = [_CHECKS[key.name] for key in context.selected_asset_check_keys]
    with saying_what_to_do(), opened_warehouse(Home(home.settings().home)) as connection:
        outcomes = tuple(audit(connection, chosen))
    yield from map(_result, outcomes)


def _result(outcome: AuditOutcome) -> dg.AssetCheckResult:
    row = outcome.row()
    return dg.AssetCheckResult(
        check_name=outcome.check.name,
        asset_key=_AUDITED,
        passed=not outcome.unexplained,
        severity=dg.AssetCheckSeverity.ERROR,
        description=f"{outcome.unexplained} of {outcome.looked_at} {outcome.check.looks_at}"
        if outcome.unexplained
        else None,
        metadata={name: row[name] for name in ("findings", "unexplained", "looked_at", "explained_in", "examples")},
    )
