"""Reads a folder of SQL and yml into models and tests, in build order, each with its version."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib.resources import files
from pathlib import Path

from sc2_pipeline.errors import ContractError
from sc2_pipeline.sql_models.documents import Document, read_documents
from sc2_pipeline.sql_models.inputs import input_versions, input_words_versions
from sc2_pipeline.sql_models.model import LAYERS, SEVERITIES, Model, SingularTest
from sc2_pipeline.sql_models.statement import read_statement

_FOLDER = "dbt_like_sql"
_GRAIN = "Grain: "
_SEVERITY = "Severity: "


def sql_folder() -> Path:
    """The folder of SQL: beside the package in a checkout, inside it when installed."""
    package = Path(str(files("sc2_pipeline")))
    beside = package.parent / _FOLDER
    return beside if (package.parent / "pyproject.toml").is_file() and beside.is_dir() else package / _FOLDER


def read_models(folder: Path | None = None) -> tuple[Model, ...]:
    """Every model under ``folder`` (default: the package's own), each after all that it reads.

    Raises ContractError naming the file for invalid SQL or yml, a model without yml, yml without a model, an unknown
    relation, and a dependency cycle.
    """
    return _own_models() if folder is None else _models_of(folder)


@cache
def _own_models() -> tuple[Model, ...]:
    # This takes some 0.4 s.
    return _models_of(sql_folder())


def _models_of(folder: Path) -> tuple[Model, ...]:
    models = [_model(path, folder, documents) for documents, path in _files(folder)]
    return _in_build_order({model.relation: model for model in models})


def _files(folder: Path) -> Iterable[tuple[dict[str, Document], Path]]:
    for layer in LAYERS:
        described = [d for path in sorted((folder / layer).glob("*.yml")) for d in read_documents(path)]
        documents = {document.name: document for document in described}
        paths = sorted((folder / layer).glob("*.sql"))
        if len(documents) != len(described):
            raise ContractError(f"a model of {folder / layer} is described twice; keep one description")
        if undone := sorted(set(documents) - {path.stem for path in paths}):
            raise ContractError(f"{layer}/{undone[0]}.sql is not there, though yml describes it; add it")
        for path in paths:
            yield documents, path


def _model(path: Path, folder: Path, documents: Mapping[str, Document]) -> Model:
    if path.stem not in documents:
        raise ContractError(f"{path} has no yml beside it; describe the model and its columns")
    document = documents[path.stem]
    statement = read_statement(path)
    if not statement.head or not statement.head[0].startswith(_GRAIN):
        raise ContractError(f"{path} does not begin with -- {_GRAIN}...; say what one row is")
    return Model(
        schema=path.parent.name,
        name=path.stem,
        sql=statement.text,
        path=path.relative_to(folder).as_posix(),
        materialized=document.materialized,
        description=document.description,
        grain=statement.head[0].removeprefix(_GRAIN),
        columns=document.columns,
        tests=document.tests,
        depends_on=statement.reads,
        calls=statement.calls,
        version="",
        words_version="",
    )


def _in_build_order(models: Mapping[str, Model]) -> tuple[Model, ...]:
    versions, words = dict(input_versions()), input_words_versions()
    sorter = TopologicalSorter({name: set(model.depends_on) & set(models) for name, model in models.items()})
    try:
        order = tuple(sorter.static_order())
    except CycleError as error:
        raise ContractError(f"models read one another in a circle: {' -> '.join(error.args[1])}") from error
    ordered = []
    for name in order:
        model = models[name]
        _refuse_bad_inputs(model, models, versions)
        versions[name] = _version(model, versions)
        words[name] = _words_version(model, words)
        ordered.append(replace(model, version=versions[name], words_version=words[name]))
    return tuple(ordered)


def _refuse_bad_inputs(model: Model, models: Mapping[str, Model], versions: Mapping[str, str]) -> None:
    for name in model.depends_on:
        if name not in versions:
            raise ContractError(f"{model.path} reads {name}, which is no raw table and no model; mend the name")
    if model.materialized == "incremental" and (whole := _whole_ancestor(model, models, {})):
        # It would be rebuilt from the batch's replays alone, silently corrupting other replays' rows.
        raise ContractError(f"{model.path} is incremental and reads {whole}, which is about all replays together")


def _whole_ancestor(model: Model, models: Mapping[str, Model], found: dict[str, str | None]) -> str | None:
    """The first relation read that is about all replays together; ``found`` keeps the answers for models met before."""
    if model.relation not in found:
        parents = [models[name] for name in model.depends_on if name in models]
        whole = (p.relation for p in parents if p.materialized == "table" or _whole_ancestor(p, models, found))
        found[model.relation] = next(whole, None)
    return found[model.relation]


def batch_models(models: Iterable[Model]) -> tuple[Model, ...]:
    """The models that can be built from a subset of replays: all but tables, and views that read tables.

    Intermediate views become tables there: a batch is small, and several models and tests read each of them.
    """
    known = {model.relation: model for model in models}
    found: dict[str, str | None] = {}
    alone = (m for m in known.values() if m.materialized != "table" and not _whole_ancestor(m, known, found))
    return tuple(replace(m, materialized="table") if m.schema == "intermediate" else m for m in alone)


def _version(model: Model, versions: Mapping[str, str]) -> str:
    parts = [model.materialized, model.sql, {name: versions[name] for name in model.depends_on}]
    if model.calls:
        parts.append({macro.name: macro.version for macro in model.calls})
    return _digest(parts)


def _words_version(model: Model, words: Mapping[str, str]) -> str:
    """Hash of a model's own texts and of all it may inherit. Which columns it inherits depends on the SQL, which
    ``version`` covers."""
    own = [model.description, model.grain, [asdict(column) for column in model.columns]]
    return _digest([*own, {name: words[name] for name in model.depends_on}])


def _digest(parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def read_tests(folder: Path | None = None) -> tuple[SingularTest, ...]:
    """Every test under ``folder/tests`` (default: the package's own), by name; raises ContractError as read_models
    does."""
    folder = folder or sql_folder()
    return tuple(_singular_test(path, folder) for path in sorted((folder / "tests").glob("*.sql")))


def _singular_test(path: Path, folder: Path) -> SingularTest:
    statement = read_statement(path)
    head = statement.head
    severities = [line.removeprefix(_SEVERITY).strip() for line in head if line.startswith(_SEVERITY)]
    description = " ".join(line for line in head if not line.startswith(_SEVERITY))
    for severity in SEVERITIES:
        if severities == [severity] and description:
            return SingularTest(
                name=path.stem,
                sql=statement.text,
                path=path.relative_to(folder).as_posix(),
                severity=severity,
                description=description,
                depends_on=statement.reads,
            )
    raise ContractError(f"{path} does not begin with -- {_SEVERITY}error or warn, and a sentence; add them")
