"""A dbt project that makes the warehouse's models anew, from the raw tables of a home's published file."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import sqlglot
import yaml
from sqlglot import exp

from sc2_pipeline.config import Home
from sc2_pipeline.export.new_folder import new_folder
from sc2_pipeline.sql_models import (
    MACROS,
    ColumnTest,
    Model,
    SingularTest,
    column_texts,
    read_models,
    read_tests,
    sql_folder,
)
from sc2_pipeline.sql_models.model import LAYERS
from sc2_pipeline.warehouse.comments import model_documentation
from sc2_pipeline.warehouse.reading.current_file import published_warehouse

PROJECT: Final = "sc2_pipeline"
ATTACHED: Final = "home"
"""Name under which the project's database has the home's published file."""

_JINJA: Final = re.compile(r"\{[{%#]")

_SCHEMAS = """\
{% macro generate_schema_name(custom_schema_name, node) %}{{ custom_schema_name or target.schema }}{% endmacro %}
"""
_TESTS = """\
{% test in_range(model, column_name, minimum=none, maximum=none) %}
select * from {{ model }} where false
    {% if minimum is not none %}or {{ column_name }} < {{ minimum }}{% endif %}
    {% if maximum is not none %}or {{ column_name }} > {{ maximum }}{% endif %}
{% endtest %}

{% test unique_together(model, columns) %}
select {{ columns | join(', ') }} from {{ model }} group by all having count(*) > 1
{% endtest %}

{% test related(model, columns, to, to_columns) %}
select * from {{ model }} as one anti join {{ to }} as other
    on {% for column in columns %}one.{{ column }} = other.{{ to_columns[loop.index0] }} and {% endfor %}true
where {% for column in columns %}one.{{ column }} is not null and {% endfor %}true
{% endtest %}
"""
_README = """\
# The warehouse as a dbt project

Made by `sc2-pipeline export dbt` from the models of sc2_pipeline {version}. It reads the raw tables of {warehouse} and makes the models in dbt.duckdb here:

    uv tool run --python 3.11 --from 'dbt-core<1.12' --with dbt-duckdb --with duckdb=={duckdb} dbt build --profiles-dir .

All models are views or tables; incremental ones are tables here, built whole.
"""


def export_dbt(home: Home, destination: Path) -> int:
    """Writes the project, and gives its number of models.

    Sources are the raw tables of the published file, which the profile attaches by its path. Raises HomeError for a destination
    that is neither new nor empty, and if nothing is published.
    """
    warehouse = published_warehouse(home.warehouse).resolve()
    models = read_models()
    with new_folder(destination) as folder:
        for path, text in project_files(models, read_tests(), home=home.root.resolve(), warehouse=warehouse):
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
    return len(models)


def project_files(
    models: tuple[Model, ...], tests: Iterable[SingularTest], *, home: Path, warehouse: Path
) -> Iterator[tuple[str, str]]:
    """Path and text of every file of the project."""
    yield "dbt_project.yml", _yaml(_settings())
    yield "profiles.yml", _yaml(_profile(home, warehouse))
    yield "README.md", _readme(warehouse)
    yield "macros/schemas.sql", _SCHEMAS
    yield "macros/functions.sql", _functions()
    yield "tests/generic/tests.sql", _TESTS
    yield "models/sources.yml", _yaml(_sources())
    texts = column_texts(models)
    for model in models:
        yield f"models/{model.schema}/{model.name}.sql", with_references(model.sql, model.path) + "\n"
    for layer in LAYERS:
        described = [_described(model, texts[model.relation]) for model in models if model.schema == layer]
        yield f"models/{layer}/{layer}.yml", _yaml({"version": 2, "models": described})
    for test in tests:
        config = f"{{{{ config(severity='{test.severity}') }}}}"
        yield f"tests/{test.name}.sql", f"{config}\n{with_references(test.sql, test.path)}\n"


def with_references(sql: str, where: str) -> str:
    """A select whose relations are dbt's ``ref`` and ``source``, and which is else the same text, safe from Jinja.

    >>> with_references("select a from raw.replays join marts.games using (a)", "here")
    "select a from {{ source('raw', 'replays') }} join {{ ref('games') }} using (a)"
    """
    [select] = sqlglot.parse(sql, dialect="duckdb")
    assert select is not None, where
    places = sorted(
        (table.args["db"].meta["start"], table.this.meta["end"] + 1, table.db, table.name)
        for table in select.find_all(exp.Table)
        if table.db in ("raw", *LAYERS)
    )
    parts, until = [], 0
    for start, end, schema, name in places:
        parts += [_plain(sql[until:start]), "{{ ", _reference(schema, name), " }}"]
        until = end
    return "".join([*parts, _plain(sql[until:])])


def _reference(schema: str, name: str) -> str:
    return f"source('raw', '{name}')" if schema == "raw" else f"ref('{name}')"


def _plain(text: str) -> str:
    """Text that Jinja would take for its own, as a literal of Jinja."""
    return _JINJA.sub(lambda found: "{{ '" + found[0] + "' }}", text)


def _yaml(content: Any) -> str:
    return str(yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120))


def _settings() -> dict[str, Any]:
    return {
        "name": PROJECT,
        "version": "1.0.0",
        "profile": PROJECT,
        "flags": {"send_anonymous_usage_stats": False},
        "on-run-start": ["{{ create_functions() }}"],
        "models": {PROJECT: {layer: {"+schema": layer} for layer in LAYERS}},
    }


def _profile(home: Path, warehouse: Path) -> dict[str, Any]:
    output = {
        "type": "duckdb",
        "path": "dbt.duckdb",
        "threads": 2,
        "attach": [{"path": str(warehouse), "alias": ATTACHED, "read_only": True}],
        # Raw tables that stay in Parquet are views over files of the home.
        "settings": {"file_search_path": str(home)},
    }
    return {PROJECT: {"target": "local", "outputs": {"local": output}}}


def _readme(warehouse: Path) -> str:
    import duckdb  # noqa: PLC0415 - its release alone

    from sc2_pipeline import __version__  # noqa: PLC0415

    return _README.format(version=__version__, warehouse=warehouse, duckdb=duckdb.__version__)


def _functions() -> str:
    made = ";\n".join(f"create or replace macro {macro.signature} as {_plain(macro.expression)}" for macro in MACROS)
    return f"{{% macro create_functions() %}}\n{made}\n{{% endmacro %}}\n"


def _sources() -> Any:
    content = yaml.safe_load((sql_folder() / "sources.yml").read_text(encoding="utf-8"))
    for source in content["sources"]:
        source["database"] = ATTACHED
    return content


def _described(model: Model, texts: Any) -> dict[str, Any]:
    said = model_documentation(model, texts)
    tests = {column: [_test(test) for test in model.tests if test.columns == (column,)] for column in said.columns}
    columns = [
        {"name": column, "description": _plain(text)} | ({"data_tests": tests[column]} if tests[column] else {})
        for column, text in said.columns.items()
    ]
    several = [_test(test) for test in model.tests if len(test.columns) > 1]
    return {
        "name": model.name,
        "description": _plain(said.description),
        "config": {"materialized": "view" if model.materialized == "view" else "table"},
        "columns": columns,
        **({"data_tests": several} if several else {}),
    }


def _test(test: ColumnTest) -> dict[str, Any]:
    name, arguments = _generic(test)
    entry: dict[str, Any] = {"arguments": arguments} if arguments else {}
    if test.severity != "error":
        entry["config"] = {"severity": test.severity}
    return {name: entry}


def _generic(test: ColumnTest) -> tuple[str, dict[str, Any]]:
    """dbt's own test where it has one, else one of the project's."""
    if test.kind == "range":
        return "in_range", {"minimum": test.minimum, "maximum": test.maximum}
    if test.kind == "accepted_values":
        return "accepted_values", {
            "values": list(test.values),
            "quote": all(isinstance(value, str) for value in test.values),
        }
    if test.kind == "relationships":
        to = _reference(*str(test.to).split("."))
        if len(test.columns) == 1:
            return "relationships", {"to": to, "field": test.to_columns[0]}
        return "related", {"columns": list(test.columns), "to": "{{ " + to + " }}", "to_columns": list(test.to_columns)}
    if test.kind == "unique" and len(test.columns) > 1:
        return "unique_together", {"columns": list(test.columns)}
    return test.kind, {}
