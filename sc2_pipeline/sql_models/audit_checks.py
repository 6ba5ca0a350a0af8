"""The folder of audit checks: one select each, whose leading comment documents it, and the page made of those."""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from sc2_pipeline.errors import ContractError, SettingsError
from sc2_pipeline.sql_models.model import AuditCheck
from sc2_pipeline.sql_models.read import sql_folder
from sc2_pipeline.sql_models.statement import read_statement

_PARTS = {
    "Looks at": "looks_at",
    "Explained in": "explained_in",
    "Holds": "holds",
    "Why": "why",
    "Reading": "reading",
}
"""Parts of the leading comment, each ``Name: text``, with the field it becomes; text goes on in the lines below."""


@cache
def read_audit_checks(folder: Path | None = None) -> tuple[AuditCheck, ...]:
    """Every check under ``folder/audit`` (default: the package's own), by name.

    Raises ContractError for a file that is not one select, or whose leading comment lacks a part.
    """
    folder = folder or sql_folder()
    return tuple(_check(path, folder) for path in sorted((folder / "audit").glob("*.sql")))


def _check(path: Path, folder: Path) -> AuditCheck:
    statement = read_statement(path)
    parts: dict[str, str] = {}
    field = ""
    for line in statement.head:
        name, colon, text = line.partition(": ")
        is_part = bool(colon) and name in _PARTS
        field = _PARTS[name] if is_part else field
        parts[field] = f"{parts.get(field, '')} {text if is_part else line}".strip()
    if set(parts) != set(_PARTS.values()):
        raise ContractError(
            f"{path} does not begin with -- {', -- '.join(f'{part}: ...' for part in _PARTS)}; add them"
        )
    return AuditCheck(
        name=path.stem,
        sql=statement.text,
        path=path.relative_to(folder).as_posix(),
        depends_on=statement.reads,
        **parts,
    )


def chosen_audit_checks(names: tuple[str, ...] = ()) -> tuple[AuditCheck, ...]:
    """The checks of those names, or all of them without names; raises SettingsError for an unknown name."""
    checks = {check.name: check for check in read_audit_checks()}
    for name in names:
        if name not in checks:
            raise SettingsError(f"there is no audit check {name}; there are {', '.join(checks)}")
    return tuple(check for check in checks.values() if not names or check.name in names)


def audit_markdown(checks: Iterable[AuditCheck], command: str) -> str:
    """The text of ``docs/audit.md``, which ``command`` writes."""
    checks = tuple(checks)
    rows = [f"| [{check.name}](#{check.name}) | {check.looks_at} | {check.holds} |" for check in checks]
    lines = [
        "# Audit",
        "",
        f"Made from the {len(checks)} files of `dbt_like_sql/audit/` by `{command}`; do not edit.",
        "",
        "A load tests the replays that it loads. `sc2-pipeline audit` looks at all games of the published warehouse together, and only",
        "reads. A check counts what it looks at, and what is odd among it:",
        "",
        "* **explained**: an understood fact of the data; the page that the check names describes it.",
        "* **unexplained**: a defect, of the data or of ours. Please report ours.",
        "",
        "```",
        "sc2-pipeline audit                                # all checks; exit code 1 if a finding is unexplained",
        "sc2-pipeline audit starts_equal --examples 20     # one of them, with more examples",
        "sc2-pipeline audit --json",
        "```",
        "",
        "`open_home(...).audit()` gives the same rows to Python; in Dagster they are checks of `published_warehouse`, which the job `audit`",
        "and the schedule `nightly_audit` run.",
        "",
        "| check | looks at | what holds |",
        "|---|---|---|",
        *rows,
    ]
    return "\n".join([*lines, *(line for check in checks for line in _section(check))]) + "\n"


def _section(check: AuditCheck) -> Iterator[str]:
    page, _, section = check.explained_in.partition("#")
    words = section.replace("-", " ") or page.removesuffix(".md").replace("_", " ")
    yield from ("", f"## {check.name}", "", check.holds, "")
    yield from (f"* Looks at: {check.looks_at} ([SQL](../dbt_like_sql/{check.path})).", f"* Why: {check.why}")
    yield from (f"* How to read a finding: {check.reading}", f"* See [{words}]({check.explained_in}).")
