package dev.livesync.kotlin

import dev.livesync.collections.InvalidDocumentException
import dev.livesync.database.Database
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.catchThrowableOfType
import org.junit.jupiter.api.Test

class DataClassesTest {
    enum class Colour { RED, GREEN }

    data class Part(val name: String, val count: Int = 1)

    data class Thing(val title: String, val parts: List<Part> = listOf(), val colour: Colour? = null, val weight: Double = 0.5)

    @Test
    fun whatIsPutIsRead() {
        Database.inMemory().use { database ->
            val things = database.collection<Thing>("things")
            val thing = Thing("a bicycle", listOf(Part("wheel", 2), Part("saddle")), Colour.RED, 12.5)
            things.put("1", thing)
            assertThat(things.get("1")).contains(thing)
            assertThat(things.update("1") { it.copy(colour = null) }).isEqualTo(thing.copy(colour = null))
        }
    }

    @Test
    fun defaultsStandForWhatIsAbsentAndUnknownFieldsStay() {
        Database.inMemory().use { database ->
            database.put("things/1", """{"title":"a bell","later":true}""")
            val things = database.collection<Thing>("things")
            assertThat(things.get("1")).contains(Thing("a bell"))
            things.update("1") { it.copy(weight = 1.0) }
            assertThat(database.get("things/1").orElseThrow().json()).contains(""""later":true""").contains(""""weight":1""")
        }
    }

    @Test
    fun aFieldThatMustBeThereIsNamed() {
        Database.inMemory().use { database ->
            database.put("things/1", """{"title":"a bag","parts":[{"count":3}]}""")
            database.put("things/2", """{"title":null}""")
            val things = database.collection<Thing>("things")
            val nested = catchThrowableOfType(InvalidDocumentException::class.java) { things.get("1") }
            assertThat(nested.problems().map { it.field() }).containsExactly("/parts/0/name")
            val none = catchThrowableOfType(InvalidDocumentException::class.java) { things.get("2") }
            assertThat(none.problems().map { it.field() }).containsExactly("/title")
        }
    }
}
