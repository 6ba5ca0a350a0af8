"""SQL assets: every model of ``dbt_like_sql`` with its dependencies, column lineage and row samples."""

from collections.abc import Iterator

import dagster as dg
from pydantic import Field

from sc2_pipeline.orchestration.asset_checks import counts_check, counts_result, report_batch_tests
from sc2_pipeline.orchestration.code_references import sql_reference
from sc2_pipeline.orchestration.freshness import FRESHNESS
from sc2_pipeline.orchestration.metadata import lineage_metadata, sample_metadata
from sc2_pipeline.orchestration.resources import HomeResource, saying_what_to_do
from sc2_pipeline.orchestration.sql import MODELS
from sc2_pipeline.pipeline.warehouse_stages import refresh_models
from sc2_pipeline.sql_models import Model, column_lineage, column_texts


class ModelsConfig(dg.Config):
    """Run configuration of ``sql_models``."""

    is_whole: bool = Field(
        default=False,
        description="Make the selected models anew from raw rows. Else only what a new release changed is: a load's own "
        "transaction has merged the rest.",
    )


def _spec(model: Model) -> dg.AssetSpec:
    return dg.AssetSpec(
        model.relation.split("."),
        deps=[relation.split(".") for relation in model.depends_on],
        group_name=model.schema,
        kinds={"duckdb", "sql"},
        code_version=model.version[:16],
        description=f"{model.description}\n\n```sql\n{model.sql}\n```",
        metadata={
            "file": model.path,
            "materialized": model.materialized,
            "dagster/code_references": sql_reference(model.path),
        },
        tags={"layer": model.schema},
        freshness_policy=FRESHNESS if model.schema == "marts" else None,
    )


@dg.multi_asset(
    specs=[_spec(model) for model in MODELS],
    check_specs=[counts_check()],
    can_subset=True,
    pool="warehouse_writer",
)
def sql_models(
    context: dg.AssetExecutionContext, home: HomeResource, config: ModelsConfig
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Brings the selected models to their current version and reports their contents."""
    selected = [model for model in MODELS if dg.AssetKey(model.relation.split(".")) in context.selected_asset_keys]
    whole = [model.relation for model in selected] if config.is_whole else []
    with saying_what_to_do():
        report = refresh_models(home.settings(), whole=whole)
    # Asked once: to find what they gave for these models before, all models are hashed.
    texts, lineage = column_texts(MODELS), column_lineage(MODELS)
    for model in selected:
        descriptions = {name: text.description for name, text in texts[model.relation].items()}
        yield dg.MaterializeResult(
            asset_key=model.relation.split("."),
            metadata={
                **sample_metadata(report.samples[model.relation], descriptions),
                "dagster/column_lineage": lineage_metadata(lineage[model.relation]),
            },
        )
    if not config.is_whole:
        report_batch_tests(context)
    if context.selected_asset_check_keys:
        yield counts_result(report.miscounts)
