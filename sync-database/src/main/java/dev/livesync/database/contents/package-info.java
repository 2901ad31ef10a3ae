/**
 * Which contents of attachments are wanted, and who is asked for them: what documents name, what sessions ask of each other, and what is erased of contents that are in a store which several processes share.
 */
@NullMarked
package dev.livesync.database.contents;

import org.jspecify.annotations.NullMarked;
