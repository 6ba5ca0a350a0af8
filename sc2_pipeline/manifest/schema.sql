-- The manifest: what became of every replay, and why. Version in pragma user_version.
create table if not exists replay_files (
    path text primary key,
    replay_id text not null,
    file_bytes integer,
    modified_ns integer,
    first_seen_at text not null,
    last_seen_at text not null
);
create index if not exists replay_files_by_replay on replay_files (replay_id);

create table if not exists replays (
    replay_id text primary key,
    sha256 text,
    path text not null,
    file_bytes integer,
    status text not null check (status in ('found', 'rejected', 'failed', 'extracted', 'loaded')),
    stage text not null,
    reason text,
    detail text,
    is_retryable integer not null default 0,
    attempts integer not null default 0,
    first_seen_at text not null,
    updated_at text not null,
    batch text
);
create index if not exists replays_by_status on replays (status);
create index if not exists replays_by_batch on replays (batch);

-- Facts of the lobby as JSON, so that other filters can judge without reading files again.
create table if not exists lobby_facts (
    replay_id text primary key,
    decoder_version text not null,
    facts text not null
);

create table if not exists attempts (
    attempt_id integer primary key,
    replay_id text not null,
    run_id text not null,
    source text not null,
    settings_digest text not null,
    started_at text not null,
    finished_at text,
    outcome text,
    detail text,
    is_retryable integer,
    is_alone integer not null default 0,
    is_forgiven integer not null default 0,
    fault_folder text
);
create index if not exists attempts_by_replay on attempts (replay_id);

create table if not exists rule_outcomes (
    replay_id text not null,
    filters text not null,
    rule text not null,
    passed integer not null,
    observed text not null,
    wanted text not null,
    primary key (replay_id, rule)
);

create table if not exists extractions (
    replay_id text not null,
    part text not null,
    settings_digest text not null,
    folder text not null,
    rows integer not null,
    bytes integer not null,
    seconds real not null,
    extracted_at text not null,
    is_current integer not null,
    is_complete integer not null,
    primary key (replay_id, part, settings_digest)
);
create index if not exists superseded_extractions on extractions (replay_id) where not is_current;

-- Which compacted file holds rows that lay in an extraction's folder.
create table if not exists compacted_files (
    replay_id text not null,
    part text not null,
    settings_digest text not null,
    table_name text not null,
    path text not null,
    held_replays integer not null,
    primary key (replay_id, part, settings_digest, table_name)
);

create table if not exists runs (
    run_id text primary key,
    started_at text not null,
    finished_at text,
    command text not null,
    source text not null,
    filters text not null,
    outcome text,
    counts text
);

-- The writer's file of the warehouse, as it was last left.
create table if not exists written_warehouse (
    the_only integer primary key check (the_only = 1),
    generation integer,
    generation_name text,
    is_being_written integer not null default 0,
    mirror_name text
);

-- Replays of which schema ops of the warehouse does not yet have all. Whatever changes their rows marks them, with a number
-- that is never given twice: what changes while marks are worked off keeps its own. That a file was seen again is no change.
create table if not exists unmirrored_replays (
    change integer primary key autoincrement,
    replay_id text not null unique
);

-- What triggers insert into. `insert or replace` would not do: within an upsert it aborts.
create view if not exists changed_replays as select replay_id from unmirrored_replays;
create trigger if not exists changed_replays_are_marked instead of insert on changed_replays begin
    delete from unmirrored_replays where replay_id = new.replay_id;
    insert into unmirrored_replays (replay_id) values (new.replay_id);
end;

create trigger if not exists replays_come after insert on replays begin
    insert into changed_replays values (new.replay_id);
end;
create trigger if not exists replays_change after update on replays
when (old.path, old.sha256, old.file_bytes, old.status, old.stage, old.reason, old.detail, old.is_retryable,
        old.attempts, old.updated_at, old.batch)
    is not (new.path, new.sha256, new.file_bytes, new.status, new.stage, new.reason, new.detail, new.is_retryable,
        new.attempts, new.updated_at, new.batch)
begin
    insert into changed_replays values (new.replay_id);
end;
create trigger if not exists replays_go after delete on replays begin
    insert into changed_replays values (old.replay_id);
end;

create trigger if not exists replay_files_come after insert on replay_files begin
    insert into changed_replays values (new.replay_id);
end;
create trigger if not exists replay_files_change after update on replay_files
when (old.replay_id, old.file_bytes, old.modified_ns) is not (new.replay_id, new.file_bytes, new.modified_ns)
begin
    insert into changed_replays values (old.replay_id);
    insert into changed_replays values (new.replay_id);
end;
create trigger if not exists replay_files_go after delete on replay_files begin
    insert into changed_replays values (old.replay_id);
end;

create trigger if not exists rule_outcomes_come after insert on rule_outcomes begin
    insert into changed_replays values (new.replay_id);
end;
create trigger if not exists rule_outcomes_change after update on rule_outcomes begin
    insert into changed_replays values (new.replay_id);
end;
create trigger if not exists rule_outcomes_go after delete on rule_outcomes begin
    insert into changed_replays values (old.replay_id);
end;

create trigger if not exists attempts_come after insert on attempts begin
    insert into changed_replays values (new.replay_id);
end;
create trigger if not exists attempts_change after update on attempts begin
    insert into changed_replays values (new.replay_id);
end;
create trigger if not exists attempts_go after delete on attempts begin
    insert into changed_replays values (old.replay_id);
end;

create trigger if not exists extractions_come after insert on extractions begin
    insert into changed_replays values (new.replay_id);
end;
create trigger if not exists extractions_change after update on extractions begin
    insert into changed_replays values (new.replay_id);
end;
create trigger if not exists extractions_go after delete on extractions begin
    insert into changed_replays values (old.replay_id);
end;
