"""Options of ``run`` that are not settings."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from sc2_pipeline.errors import REASONS

RetryOption = Annotated[
    str | None,
    typer.Option(
        "--retry-failed",
        metavar="[REASON]",
        help="Try again what was given up: all, or what failed for REASON (see rejects). (default: no)",
    ),
]
CountsOption = Annotated[bool, typer.Option("--json", help="Counts as one JSON object, the last line of stdout.")]

ALL_REASONS = "all"


class RunCommand(TyperCommand):
    """The command ``run``, whose ``--retry-failed`` takes an optional reason."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Inserts ``all`` if no reason is given."""
        return super().parse_args(ctx, list(_with_reason(args)))


def _with_reason(args: Sequence[str]) -> Iterator[str]:
    for word, following in zip_longest(args, args[1:]):
        yield word
        if word == "--retry-failed" and not _is_reason(following):
            yield ALL_REASONS


def _is_reason(word: str | None) -> bool:
    """Whether a word is a reason: it is present, not an option, and not an existing path."""
    return word is not None and (word in REASONS or not (word.startswith("-") or Path(word).exists()))


def retry_reasons(reason: str | None) -> tuple[str, ...]:
    """Reason codes that a value of ``--retry-failed`` stands for."""
    if reason is None:
        return ()
    return tuple(REASONS) if reason == ALL_REASONS else (reason,)
