-- What peers had when they were in step, as far as any hub knows: hints, so rows may be missing or old. Hubs of version 1 don't know it and go on.
create table livesync_peers (
    db text not null,
    peer bigint not null,
    name text not null,
    met timestamp with time zone not null,
    heads bytea not null,
    primary key (db, peer)
);
