package dev.livesync.kotlin

import dev.livesync.Sync
import dev.livesync.database.Database
import dev.livesync.kotlin.pages.attachments.attachments1
import dev.livesync.kotlin.pages.collections.collections2
import dev.livesync.kotlin.pages.history.history1
import dev.livesync.kotlin.pages.kotlin.kotlin1
import dev.livesync.kotlin.pages.presence.presence1
import dev.livesync.kotlin.pages.queries.queries1
import dev.livesync.kotlin.pages.watching.watching1
import java.nio.file.Files
import java.nio.file.Path
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.delay
import kotlinx.coroutines.future.await
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.io.TempDir

/** The Kotlin blocks of README and docs/ do what their pages say. That they compile the build has shown by then. */
class KotlinPagesTest {
    @TempDir
    private lateinit var scratch: Path

    private val blocks: Map<String, suspend PageContext.() -> Unit> = mapOf(
        "collections2" to {
            collections2()
            assertThat(printed).containsExactly("7: Buy bread")
            assertThat(database.get("todos/7").orElseThrow().json()).isEqualTo("""{"due":3,"done":true,"text":"Buy bread"}""")
        },
        "queries1" to {
            database.put("todo/1", """{"done":false,"due":"2026-05"}""")
            database.put("todo/2", """{"done":true,"due":"2026-04"}""")
            database.put("todo/3", """{"done":false,"due":"2026-03"}""")
            queries1()
            assertThat(printed).containsExactly("""{"due":"2026-03","done":false}""", """{"due":"2026-05","done":false}""")
        },
        "watching1" to {
            runUntil({ watching1() }) {
                until { printed.contains("open: []") }
                database.put("a", """{"done":false,"due":1}""")
                until { printed.contains("open: [a]") && printed.contains("""a: {"due":1,"done":false}""") }
                database.delete("a")
                until { printed.count { it == "open: []" } == 2 && printed.contains("a: nothing") }
            }
        },
        "history1" to {
            Database.inMemory().use { other ->
                other.put("todo-7", """{"text":"Buy milk"}""")
                database.put("todo-7", """{"text":"Buy bread"}""")
                Sync(other).use { there ->
                    sync.dial(there.listen("memory:kotlin-conflict").await().address()).await().awaitEqual().await()
                }
                val lost = database.history().conflicts().toList().single().versions()[1].json().orElseThrow()
                history1()
                assertThat(printed).containsExactly("todo-7: $lost")
                assertThat(database.get("todo-7").orElseThrow().json()).isEqualTo(lost)
                assertThat(database.history().conflicts()).isEmpty()
            }
        },
        "attachments1" to {
            val content = ByteArray(100_000) { (it * it).toByte() }
            Files.write(directory.resolve("sea.jpg"), content)
            attachments1()
            assertThat(directory.resolve("copy.jpg")).hasBinaryContent(content)
        },
        "presence1" to {
            runUntil({ presence1() }) { until { printed.contains("[name: Grace]") } }
        },
        "kotlin1" to {
            kotlin1() // it has come to the other database: below
        },
    )

    @Test
    fun eachBlockIsRun() {
        val root = generateSequence(Path.of("").toAbsolutePath()) { it.parent }.first { Files.exists(it.resolve("LICENSE")) }
        val there = KotlinBlocks.pages(root).flatMap { (page, blocks) -> KotlinBlocks.statements(blocks).map { "$page$it" } }
        assertThat(blocks.keys).containsExactlyInAnyOrderElementsOf(there)
    }

    @TestFactory
    fun theyDoWhatTheySay(): List<DynamicTest> = blocks.map { (name, block) ->
        DynamicTest.dynamicTest(name) {
            Database.inMemory().use { here ->
                Database.inMemory().use { there ->
                    Sync(here).use { a ->
                        Sync(there).use { b ->
                            runBlocking {
                                withTimeout(60_000) {
                                    val address = b.listen("memory:kotlin-pages-$name").await().address()
                                    b.presence().set("name", "Grace")
                                    val session = a.dial(address).await()
                                    session.backlog().await()
                                    PageContext(here, a, address, session, Files.createDirectory(scratch.resolve(name))).block()
                                    if (name == "kotlin1") {
                                        assertThat(there.get("todo-7")).isPresent()
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /** Runs what has no end of its own for as long as it takes to see what it does. */
    private suspend fun runUntil(endless: suspend () -> Unit, watching: suspend () -> Unit) = kotlinx.coroutines.coroutineScope {
        val running = launch(Dispatchers.Default) { endless() }
        watching()
        running.cancel()
    }

    private suspend fun until(condition: () -> Boolean) {
        while (!condition()) {
            delay(5)
        }
    }
}
