/**
 * Documents of one kind as values of one type: records, classes, Kotlin's data classes. {@link dev.livesync.collections.TypedCollection} is where it begins.
 */
@NullMarked
package dev.livesync.collections;

import org.jspecify.annotations.NullMarked;
