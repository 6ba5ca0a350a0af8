"""Code references: where an asset's Python and SQL are, on this machine or, if its URL is given, in the git repository."""

import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

import sc2_pipeline
from sc2_pipeline.sql_models import sql_folder

GIT_URL = "SC2_PIPELINE_GIT_URL"
"""Environment variable: the repository on GitHub or GitLab, such as ``https://github.com/me/sc2_pipeline``."""

GIT_BRANCH = "SC2_PIPELINE_GIT_BRANCH"
"""Environment variable: branch, tag or commit of the code that runs; left out, main."""

OWNERS = ["team:sc2_pipeline"]


class InRepository(dg.FilePathMapping):
    """Maps files of a clone or of an installed wheel, where the SQL is inside the package, to the repository."""

    def convert_to_source_control_path(self, local_path: Path) -> str:
        """Path from the repository's root."""
        for folder, name in ((sql_folder(), "dbt_like_sql"), (Path(sc2_pipeline.__file__).parent, "sc2_pipeline")):
            if local_path.is_relative_to(folder):
                return f"{name}/{local_path.relative_to(folder).as_posix()}"
        return local_path.name


def sql_reference(path: str) -> dg.CodeReferencesMetadataValue:
    """The file of a SQL model, given relative to the SQL folder."""
    with _without_beta_warnings():
        file = dg.LocalFileCodeReference(file_path=str(sql_folder() / path), line_number=1, label="SQL")
        return dg.CodeReferencesMetadataValue(code_references=[file])


def with_code_references(assets: Sequence[dg.AssetsDefinition]) -> Sequence[dg.AssetsDefinition]:
    """The assets with owners and references to their code; to the repository if the environment names it."""
    owned = [asset.map_asset_specs(lambda spec: spec.replace_attributes(owners=OWNERS)) for asset in assets]
    url = os.environ.get(GIT_URL)
    with _without_beta_warnings():
        linked = dg.with_source_code_references(owned)
        if url:
            branch = os.environ.get(GIT_BRANCH) or "main"
            linked = dg.link_code_references_to_git(
                linked, git_url=url, git_branch=branch, file_path_mapping=InRepository()
            )
    return [asset for asset in linked if isinstance(asset, dg.AssetsDefinition)]


@contextmanager
def _without_beta_warnings() -> Iterator[None]:
    """Dagster's release is pinned, and every process of a run would print them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)
        yield
