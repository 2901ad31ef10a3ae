/** The order of ids and of values of all types, and how a value is found in a document. */
@NullMarked
package dev.livesync.database.order;

import org.jspecify.annotations.NullMarked;
