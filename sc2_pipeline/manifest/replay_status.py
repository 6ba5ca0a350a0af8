"""Found files, and the status of each replay."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sc2_pipeline.manifest.database import EACH, ManifestFile, listed, now
from sc2_pipeline.manifest.records import STATUSES, Verdict


class Standing(ManifestFile):
    """Files and replays of one home."""

    def known_files(self, paths: Sequence[str]) -> dict[str, tuple[str, int, int]]:
        """``(sha256, file_bytes, modified_ns)`` of those paths that were seen before and were readable."""
        rows = self._connection.execute(
            "select f.path, r.sha256, f.file_bytes, f.modified_ns from replay_files f join replays r using (replay_id)"
            f" where r.sha256 is not null and f.path in ({EACH})",
            (listed(paths),),
        )
        return {row[0]: (row[1], row[2], row[3]) for row in rows}

    def record_files(self, found: Iterable[Mapping[str, Any]], *, opened: Collection[str] = ()) -> None:
        """Records found files: mappings of path, replay_id, sha256, file_bytes, modified_ns.

        A replay seen for the first time gets the status ``found``; a known one keeps its status. A path whose bytes
        changed points to the new replay. ``opened`` are paths of packs, which are forgotten as files: an earlier run may
        have recorded one that it could not open.
        """
        moment = now()
        rows = [{**row, "now": moment} for row in found]
        with self._transaction() as db:
            db.executemany(
                "insert into replay_files (path, replay_id, file_bytes, modified_ns, first_seen_at, last_seen_at)"
                " values (:path, :replay_id, :file_bytes, :modified_ns, :now, :now)"
                " on conflict (path) do update set replay_id = excluded.replay_id, file_bytes = excluded.file_bytes,"
                " modified_ns = excluded.modified_ns, last_seen_at = excluded.last_seen_at",
                rows,
            )
            db.executemany(
                "insert into replays (replay_id, sha256, path, file_bytes, status, stage, first_seen_at, updated_at)"
                " values (:replay_id, :sha256, :path, :file_bytes, 'found', 'discover', :now, :now)"
                " on conflict (replay_id) do update set path = excluded.path",
                list({row["replay_id"]: row for row in rows}.values()),
            )
            db.execute(f"delete from replay_files where path in ({EACH})", (listed(opened),))
            # The placeholder of an unreadable file is removed once its path can be read.
            db.execute(
                "delete from replays where sha256 is null"
                " and not exists (select 1 from replay_files f where f.replay_id = replays.replay_id)"
            )

    def record_verdicts(self, verdicts: Iterable[Verdict]) -> None:
        """Sets the status of replays; one that already has that status is not changed, nor is its timestamp."""
        moment = now()
        with self._transaction() as db:
            db.executemany(
                "update replays set status = ?, stage = ?, reason = ?, detail = ?, is_retryable = ?, updated_at = ?"
                " where replay_id = ? and (status, stage, reason, detail, is_retryable) is not (?, ?, ?, ?, ?)",
                [
                    (*standing, moment, v.replay_id, *standing)
                    for v in verdicts
                    if (standing := (v.status, v.stage, v.reason, v.detail, v.is_retryable))
                ],
            )

    def record_rule_outcomes(self, filters: str, outcomes: Iterable[tuple[str, str, bool, str, str]]) -> None:
        """Replaces the rule outcomes of each replay named: ``(replay_id, rule, passed, observed, wanted)``."""
        rows = list(outcomes)
        with self._transaction() as db:
            rules: dict[str, list[str]] = {}
            for replay_id, rule, *_ in rows:
                rules.setdefault(replay_id, []).append(rule)
            db.executemany(
                f"delete from rule_outcomes where replay_id = ? and rule not in ({EACH})",
                [(replay_id, listed(kept)) for replay_id, kept in rules.items()],
            )
            db.executemany(
                "insert into rule_outcomes (replay_id, filters, rule, passed, observed, wanted) values (?, ?, ?, ?, ?, ?)"
                " on conflict (replay_id, rule) do update set filters = excluded.filters, passed = excluded.passed,"
                " observed = excluded.observed, wanted = excluded.wanted"
                " where (filters, passed, observed, wanted)"
                " is not (excluded.filters, excluded.passed, excluded.observed, excluded.wanted)",
                [(row[0], filters, *row[1:]) for row in rows],
            )

    def record_lobby_facts(self, decoder_version: str, facts: Mapping[str, str]) -> None:
        """Stores lobby facts (JSON text) by replay id."""
        with self._transaction() as db:
            db.executemany(
                "insert or replace into lobby_facts (replay_id, decoder_version, facts) values (?, ?, ?)",
                [(replay_id, decoder_version, text) for replay_id, text in facts.items()],
            )

    def forget_unreadable(self, reasons: Collection[str]) -> None:
        """Deletes the lobby facts of replays that failed validation for one of those reasons, so that they are read
        again."""
        with self._transaction() as db:
            db.execute(
                "delete from lobby_facts where replay_id in (select replay_id from replays"
                f" where status = 'failed' and stage = 'validate' and reason in ({EACH}))",
                (listed(reasons),),
            )

    def lobby_facts(self, decoder_version: str, replay_ids: Iterable[str]) -> dict[str, str]:
        """Lobby facts (JSON text) of the replays named that this version of the decoder has read."""
        rows = self._connection.execute(
            f"select replay_id, facts from lobby_facts where decoder_version = ? and replay_id in ({EACH})",
            (decoder_version, listed(replay_ids)),
        )
        return {row[0]: row[1] for row in rows}

    def loaded_replays(self) -> set[str]:
        """Ids of replays with status loaded."""
        return {row[0] for row in self._connection.execute("select replay_id from replays where status = 'loaded'")}

    def replay_ids(self, *statuses: str) -> list[str]:
        """Ids of readable replays with any of those statuses (all if none is given), in the order in which they were
        first seen."""
        rows = self._connection.execute(
            f"select replay_id from replays where sha256 is not null and status in ({EACH})"
            " order by first_seen_at, replay_id",
            (listed(statuses or STATUSES),),
        )
        return [row[0] for row in rows]

    def replays_of_file(self, name: str) -> list[str]:
        """Ids of the replays that have a file of that name, or at that path; case does not matter."""
        pattern = name.replace("\\", "/").replace("!", "!!").replace("%", "!%").replace("_", "!_")
        rows = self._connection.execute(
            "select distinct replay_id from replay_files where path like :name escape '!'"
            " or replace(path, '', '/') like '%/' || :name escape '!' or path like '%!!' || :name escape '!'"
            " order by replay_id",
            {"name": pattern},
        )
        return [row[0] for row in rows]

    def replays(self, replay_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Status rows of the replays named, by id."""
        return {row["replay_id"]: row for row in self.table("replays", replay_ids)}
