package dev.livesync.kotlin

import dev.livesync.api.Cid
import dev.livesync.database.Database
import dev.livesync.database.query.Condition
import dev.livesync.database.query.Query
import java.util.Random
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.flow.transformWhile
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test

class DatabaseFlowsTest {
    @Test
    fun changesThatAreAppliedGiveTheDocuments() {
        for (seed in 1L..5) {
            Database.inMemory().use { database ->
                database.put("0", """{"n":-1}""")
                val copy = mutableMapOf<String, String>()
                val clock = within(seed) {
                    launch(Dispatchers.Default) { write(database, Random(seed)) }
                    lateinit var seen: List<Cid>
                    database.changesFlow(since = listOf())
                        .transformWhile {
                            emit(it)
                            it.changes().none { change -> change.id() == "end" }
                        }
                        .collect { changes ->
                            for (change in changes.changes()) {
                                change.document().ifPresentOrElse({ copy[change.id()] = it.json() }, { copy.remove(change.id()) })
                            }
                            seen = changes.clock()
                        }
                    seen
                }
                assertThat(copy).describedAs("seed %s", seed).isEqualTo(database.all().associate { it.id() to it.json() })
                assertThat(clock).isEqualTo(database.clock())
            }
        }
    }

    @Test
    fun aBusyCollectorGetsWhatWasWrittenMeanwhileAtOnceAndHoldsNobodyUp() {
        Database.inMemory().use { database ->
            within(0) {
                val begun = Channel<Unit>()
                val goOn = Channel<Unit>()
                val ids = mutableListOf<List<String>>()
                val collecting = launch {
                    database.changesFlow(since = listOf()).take(2).collect { changes ->
                        ids.add(changes.changes().map { it.id() })
                        if (ids.size == 1) {
                            begun.send(Unit)
                            goOn.receive()
                        }
                    }
                }
                database.put("first", "{}")
                begun.receive()
                val told = Channel<Unit>(Channel.CONFLATED)
                database.watch { if (it.changes().any { change -> change.id() == "999" }) told.trySend(Unit) }.use {
                    repeat(1000) { n -> database.put("$n", "{}") }
                    told.receive()
                }
                goOn.send(Unit)
                collecting.join()
                assertThat(ids[0]).containsExactly("first")
                assertThat(ids[1]).containsExactlyInAnyOrderElementsOf((0 until 1000).map { "$it" })
            }
        }
    }

    @Test
    fun resultsAreKeptInStep() {
        val query = Query.all().where("/n", Condition.below(50)).orderBy("/n")
        for (seed in 1L..5) {
            Database.inMemory().use { database ->
                val last = within(seed) {
                    launch(Dispatchers.Default) { write(database, Random(seed)) }
                    database.resultsFlow(query).first { result -> result.any { it.id() == "end" } }
                }
                assertThat(last).describedAs("seed %s", seed).isEqualTo(database.query(query).toList())
            }
        }
    }

    @Test
    fun aLiveFlowEndsWithItsDatabase() {
        val database = Database.inMemory()
        val updates = within(0) {
            val updates = Channel<Boolean>(Channel.UNLIMITED)
            val collecting = launch {
                database.liveFlow(Query.all()).collect { updates.send(it.isFirst()) }
            }
            assertThat(updates.receive()).isTrue()
            database.close()
            collecting.join()
            updates.close()
            updates.receiveCatching().getOrNull()
        }
        assertThat(updates).isNull()
    }

    @Test
    fun aFlowOfChangesEndsWithItsDatabase() {
        for (written in listOf(false, true)) {
            val database = Database.inMemory()
            database.put("a", "{}")
            within(0) {
                val first = Channel<Unit>()
                val collecting = launch(Dispatchers.Default) {
                    database.changesFlow(since = listOf()).collect { first.send(Unit) }
                }
                first.receive()
                if (written) {
                    database.put("b", "{}")
                    withContext(Dispatchers.Default) { first.receive() }
                }
                database.close()
                collecting.join()
            }
        }
    }

    @Test
    fun aFlowOfChangesOfAClosedDatabaseIsOver() {
        val database = Database.inMemory()
        val flow = database.changesFlow(since = listOf())
        database.close()
        within(0) { assertThat(flow.toList()).isEmpty() }
    }

    @Test
    fun eachCollectorHasAResultOfItsOwn() {
        Database.inMemory().use { database ->
            database.put("a", "{}")
            val flow = database.resultsFlow(Query.all())
            within(0) {
                assertThat(flow.first()).hasSize(1)
                database.put("b", "{}")
                assertThat(flow.take(1).toList().single()).hasSize(2)
            }
        }
    }

    private fun write(database: Database, random: Random) {
        repeat(300) {
            val id = "${random.nextInt(20)}"
            if (random.nextInt(4) == 0 && database.get(id).isPresent) {
                database.delete(id)
            } else {
                database.put(id, """{"n":${random.nextInt(100)}}""")
            }
        }
        database.put("end", """{"n":0}""")
    }

    private fun <T> within(seed: Long, block: suspend kotlinx.coroutines.CoroutineScope.() -> T): T = try {
        runBlocking { withTimeout(60_000, block) }
    } catch (e: kotlinx.coroutines.TimeoutCancellationException) {
        throw AssertionError("seed $seed: nothing came any more", e)
    }
}
