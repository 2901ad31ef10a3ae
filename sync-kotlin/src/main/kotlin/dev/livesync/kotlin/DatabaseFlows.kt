package dev.livesync.kotlin

import dev.livesync.api.Cid
import dev.livesync.api.ErrorKind
import dev.livesync.api.SyncException
import dev.livesync.database.ChangesSince
import dev.livesync.database.Database
import dev.livesync.database.Document
import dev.livesync.database.live.LiveUpdate
import dev.livesync.database.query.Query
import dev.livesync.presence.Presence
import dev.livesync.presence.PresenceEntry
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow

/**
 * Everything that changes, from now on or from a clock on.
 *
 * What a collector has got leads up to the `clock()` of the last element, with nothing left out. What is written while it is busy comes as one
 * element when it is done, so a slow one holds up nobody, keeps nothing in memory, and is never behind for long. Cold: each collector has its own place.
 * The changes are read in the collector's coroutine; `flowOn(Dispatchers.IO)` moves that elsewhere.
 *
 * @param since what the collector has seen, as in `Database.changesSince`; null for now, the moment of collecting
 * @return a flow that ends when the database is closed; what was written just before may be missing then, and comes from the clock of the last element on when it is open again
 */
public fun Database.changesFlow(since: List<Cid>? = null): Flow<ChangesSince> = flow {
    val signals = Channel<Unit>(Channel.CONFLATED)
    var seen = since ?: unlessClosed { clock() } ?: return@flow
    val closing = Closing { signals.close() }
    live(NOTHING).subscribe(closing)
    try {
        val listening = unlessClosed { replica().onChange { signals.trySend(Unit) } } ?: return@flow
        listening.use {
            signals.trySend(Unit)
            for (signal in signals) {
                val changes = unlessClosed { changesSince(seen) } ?: break
                if (changes.changes().isNotEmpty()) {
                    emit(changes)
                }
                seen = changes.clock()
            }
        }
    } finally {
        closing.cancel()
    }
}

/** No document: what follows it is told of nothing but the end. */
private val NOTHING: Query = Query.all().idFrom("a").idBelow("a")

private fun <T : Any> unlessClosed(read: () -> T): T? = try {
    read()
} catch (e: SyncException) {
    if (e.kind() != ErrorKind.CLOSED) throw e
    null
}

/**
 * What a query finds, kept in step: first all of it, then what makes each result the next one. See `Database.live`.
 *
 * @param query which documents
 * @return updates, each when the one before was collected, with all that has happened meanwhile; it ends when the database is closed
 */
public fun Database.liveFlow(query: Query): Flow<LiveUpdate<Document>> = live(query).collected()

/**
 * What a query finds, each time that it has changed.
 *
 * @param query which documents
 * @return the whole result, in its order, each time a list of its own; a collector that is busy misses results in between and sees the newest
 */
public fun Database.resultsFlow(query: Query): Flow<List<Document>> = flow {
    val result = mutableListOf<Document>()
    liveFlow(query).collect { update ->
        update.applyTo(result)
        emit(result.toList())
    }
}

/**
 * What peers show: all of it, first as it is, then each time that it has changed.
 *
 * @return a flow without an end; a collector that is busy misses what was shown in between and sees the newest
 */
public fun Presence.entriesFlow(): Flow<List<PresenceEntry>> = flow {
    val newest = Channel<List<PresenceEntry>>(Channel.CONFLATED)
    subscribe { newest.trySend(it) }.use {
        for (entries in newest) {
            emit(entries)
        }
    }
}
