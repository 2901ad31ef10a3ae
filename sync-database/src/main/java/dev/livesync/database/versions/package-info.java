/**
 * The history of a database, to be read: the versions of a document, who won a conflict and why. {@link dev.livesync.database.Database#history()}
 * is where it begins.
 */
@NullMarked
package dev.livesync.database.versions;

import org.jspecify.annotations.NullMarked;
