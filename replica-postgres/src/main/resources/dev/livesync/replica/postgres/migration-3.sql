-- What processes have worked out, to begin with that instead of the history: the one that counts of each name. Hubs of earlier versions don't know these two and go on.
create table livesync_checkpoints (
    db text not null,
    name text not null,
    generation text not null,
    pieces integer not null,
    bytes bigint not null,
    primary key (db, name)
);

-- Its pieces, and those of others that are being written or were never finished.
create table livesync_checkpoint_pieces (
    db text not null,
    name text not null,
    generation text not null,
    piece integer not null,
    written timestamp with time zone not null default now(),
    hash bytea not null,
    bytes bytea not null,
    primary key (db, name, generation, piece)
);
