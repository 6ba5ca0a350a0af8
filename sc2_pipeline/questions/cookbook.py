"""Documentation pages of the questions: ``python -m sc2_pipeline.questions.cookbook --write``."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from sc2_pipeline.errors import ContractError
from sc2_pipeline.population.options import OPTIONS
from sc2_pipeline.questions.answer import REPLAY, REPLAY_MEANING
from sc2_pipeline.questions.question import GROUPS, Question
from sc2_pipeline.questions.read import read_questions
from sc2_pipeline.sql_models.read import sql_folder

_COMMAND = "python -m sc2_pipeline.questions.cookbook --write"

_TITLES = {
    "units": "Units",
    "economy": "Economy",
    "combat": "Combat",
    "builds": "Build orders",
    "macro": "Macro mechanics",
    "scouting": "Scouting",
    "learning": "Prediction and learning",
    "meta": "The state of the game",
    "coop": "Co-op",
}

_NEEDS = {
    "tracker": "",
    "estimate": " An estimate; the game itself would be exact.",
    "engine": " Needs replays that were run through the game (`run --source sc2`).",
}


_OF = {
    "melee": "",
    "1v1": " Games of one against one, unless `--mode` says otherwise.",
    "coop": " Games of co-op.",
}


def cookbook_pages(questions: Sequence[Question] | None = None) -> dict[Path, str]:
    """Text of every page of the questions (default: the package's own) by path; raises ContractError in an installed
    package, which has no documentation."""
    folder = sql_folder()
    if not (folder.parent / "pyproject.toml").is_file():
        raise ContractError(f"{folder} is no checkout; documentation is made where the sources are")
    docs = folder.parent / "docs" / "cookbook"
    questions = read_questions() if questions is None else questions
    groups = [(name, held) for name in GROUPS if (held := [q for q in questions if q.group == name])]
    pages = {docs / f"{group}.md": _page(group, held) for group, held in groups}
    links = "\n".join(f"* [{_TITLES[group]}]({group}.md): {len(held)} questions" for group, held in groups)
    pages[docs / "README.md"] = (
        f"# Cookbook\n\n{len(questions)} questions that people ask of replays. Each is a select in `dbt_like_sql/questions/`, and a command:\n\n"
        "```\nsc2-pipeline ask                                  # all of them\n"
        "sc2-pipeline ask openings --matchup PvZ           # narrowed\n"
        "sc2-pipeline ask openings --about                 # options, columns, traps\n"
        "sc2-pipeline ask openings --sql                   # the statement, to be changed\n"
        "sc2-pipeline ask openings --csv openings.csv      # or --json, --parquet\n```\n\n"
        f"{links}\n\nWhat the measures mean: [definitions](../definitions.md).\n\n{_population()}"
    )
    return pages


def _population() -> str:
    rows = [
        f"| `{option.flag}` | {'' if option.default is None else option.default} | {option.description} |"
        for option in OPTIONS
    ]
    rows.append(f"| `--{REPLAY}` | | {REPLAY_MEANING} |")
    table = "\n".join(["| option | default | |", "|---|---|---|", *rows])
    return (
        "## Which games\n\n"
        "An answer is about melee games between people that were not resumed from a replay and lasted a minute, each counted "
        "once. Its first line says how many games these are, and how many were left out and why. Questions about one against "
        "one alone, and about co-op, begin with that mode; their pages say so. The same options choose games for `report`, "
        "`export`, `players` and `compare`; bot authors give `--include-ai`.\n\n"
        f"{table}\n\n"
        "In SQL: `marts.games` has `left_out_by`, NULL for games that answers count by default; in Python: "
        '`home.ask("openings", include_ai=True).asked`.\n'
    )


def _page(group: str, questions: Sequence[Question]) -> str:
    parts = [f"# {_TITLES[group]}", "Made from `dbt_like_sql/questions/`. All groups: [cookbook](README.md)."]
    for question in questions:
        link = f"../../dbt_like_sql/questions/{question.name}.sql"
        parts.append(f"## {question.question}")
        parts.append(
            f"`sc2-pipeline ask {question.name}` ([SQL]({link})).{_NEEDS[question.answered_from]}{_OF[question.mode]}"
        )
        if question.parameters:
            rows = [
                f"| `--{p.name}` | {'' if p.default is None else p.default} | {p.description} |"
                for p in question.parameters
            ]
            parts.append("\n".join(["| option | default | |", "|---|---|---|", *rows]))
        parts.append(
            "\n".join(["| column | |", "|---|---|", *(f"| `{name}` | {said} |" for name, said in question.columns)])
        )
        parts.append("\n".join(f"* {trap}" for trap in question.traps))
    return "\n\n".join(part for part in parts if part) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the cookbook pages, or lists those that are out of date; 1 if any are."""
    parser = argparse.ArgumentParser(prog="python -m sc2_pipeline.questions.cookbook", description=main.__doc__)
    parser.add_argument("--write", action="store_true", help="write them; without it they are only compared")
    write = parser.parse_args(arguments).write
    behind = 0
    for path, text in cookbook_pages().items():
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        behind += 1
        if write:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        sys.stdout.write(f"{path} {'written' if write else 'is behind its questions; run ' + _COMMAND}\n")
    return 0 if write or not behind else 1


if __name__ == "__main__":
    sys.exit(main())
