/** JSON and plain Java collections to and from values, with JavaScript's idea of numbers. Internal. */
@NullMarked
package dev.livesync.database.json;

import org.jspecify.annotations.NullMarked;
