-- The contents of attachments, in blocks. "whole" is a root of which no block was missing, "unneeded" when a sweep found that no event names it. Hubs of earlier versions don't know these two and go on.
create table livesync_pieces (
    db text not null,
    cid bytea not null,
    size integer not null,
    whole boolean not null default false,
    unneeded timestamp with time zone,
    bytes bytea not null,
    primary key (db, cid)
);

-- What they take, and how often blocks came and were found damaged, so that hubs see that there is something to look at.
create table livesync_contents (
    db text primary key,
    bytes bigint not null,
    added bigint not null,
    lost bigint not null
);
