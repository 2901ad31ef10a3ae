-- One row for each database; its lock puts the commits of all hubs in one order.
create table livesync_feed (
    db text primary key,
    identity text not null,
    incarnation text not null,
    position bigint not null,
    number bigint not null,
    attempt bigint not null,
    pending bigint not null,
    evictions bigint not null,
    blocks bigint not null,
    bytes bigint not null
);

-- One row for each transaction. What has no row here did not take place.
create table livesync_commits (
    db text not null,
    number bigint not null,
    attempt bigint not null,
    position bigint not null,
    committed timestamp with time zone not null default now(),
    primary key (db, number),
    unique (db, attempt)
);

-- Every block, seen from the commit of its attempt on; not between "gone" and "back", which are numbers of commits.
create table livesync_blocks (
    db text not null,
    cid bytea not null,
    attempt bigint not null,
    ord integer not null,
    gone bigint,
    back bigint,
    bytes bytea not null,
    primary key (db, cid)
);
create index livesync_blocks_written on livesync_blocks (db, attempt, ord);
create index livesync_blocks_gone on livesync_blocks (db, gone) where gone is not null;

-- The feed: complete events in the order in which they became complete, without a gap. Flags: 1 interior, 2 first of its commit.
create table livesync_events (
    db text not null,
    position bigint not null,
    cid bytea not null,
    flags smallint not null,
    primary key (db, position)
);

-- Events that wait for others.
create table livesync_pending (
    db text not null,
    cid bytea not null,
    number bigint not null,
    ord integer not null,
    peer text not null,
    arrived bigint not null,
    primary key (db, cid)
);
create index livesync_pending_number on livesync_pending (db, number, ord);
