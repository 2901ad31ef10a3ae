/**
 * Binary content that documents name: photos, recordings, archives. {@link dev.livesync.database.Database#attachments()} is where it begins.
 */
@NullMarked
package dev.livesync.database.attachments;

import org.jspecify.annotations.NullMarked;
