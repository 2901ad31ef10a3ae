package dev.livesync.kotlin

import com.fasterxml.jackson.databind.DeserializationFeature
import com.fasterxml.jackson.databind.ObjectMapper
import com.fasterxml.jackson.databind.json.JsonMapper
import com.fasterxml.jackson.module.kotlin.kotlinModule
import dev.livesync.collections.TypedCollection
import dev.livesync.database.Database

/** Knows data classes: default values, and what may be null. Unknown fields are passed over. */
@PublishedApi
internal val mapper: ObjectMapper = JsonMapper.builder()
    .addModule(kotlinModule())
    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
    .build()

/**
 * Documents as data classes. A property that isn't nullable and has no default value must be in the document.
 *
 * @param name what ids begin with, without the slash
 * @return the collection, there be such documents or not
 */
public inline fun <reified T : Any> Database.collection(name: String): TypedCollection<T> =
    TypedCollection.of(this, name, T::class.java, mapper)
