package dev.livesync.database;

import dev.livesync.database.replica.LocalReplica;

/** What only a database has whose events are its own, in a directory or in memory. */
record EmbeddedParts(LocalReplica replica, DatabaseAttachments attachments, DatabaseErasures erasures) {}
