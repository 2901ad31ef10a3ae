/**
 * Numbers, keys and CIDs in a row: structures in memory without an object for each element, and the images to which they are written and from which
 * they are read back, checksummed as a whole. Uses none of the other packages.
 */
@NullMarked
package dev.livesync.database.columns;

import org.jspecify.annotations.NullMarked;
