/**
 * The content of attachments as blocks: how it is cut into pieces, the tree that names them in order, and the files that keep both. Knows neither
 * documents nor events.
 */
@NullMarked
package dev.livesync.database.pieces;

import org.jspecify.annotations.NullMarked;
