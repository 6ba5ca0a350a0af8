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
    settings text not null,
    started_at text not null,
    finished_at text,
    outcome text,
    detail text,
    is_retryable integer
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
    source text not null,
    settings text not null,
    folder text not null,
    rows integer not null,
    bytes integer not null,
    seconds real not null,
    extracted_at text not null,
    is_current integer not null,
    is_complete integer not null,
    primary key (replay_id, source, settings)
);

-- Which compacted file holds rows that lay in an extraction's folder.
create table if not exists compacted_files (
    replay_id text not null,
    source text not null,
    settings text not null,
    table_name text not null,
    path text not null,
    held_replays integer not null,
    primary key (replay_id, source, settings, table_name)
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
