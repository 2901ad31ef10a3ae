/**
 * Trees of documents. {@link dev.livesync.database.tree.TreeBuilder} makes the canonical tree of any entries, {@link
 * dev.livesync.database.tree.TreeEditor} changes one without reading more than the changes touch, and {@link
 * dev.livesync.database.tree.TreeWalk} reads anybody's.
 *
 * <p><strong>The canonical tree</strong> is a function of the entries alone. On every level a node ends after an entry that cuts ({@link
 * dev.livesync.car.Chunker}); it is {@code closed} then. It also ends, open, before an entry that would make it larger than
 * {@value dev.livesync.database.tree.NodeMaker#MAX_NODE} bytes, unless the entry would be alone anyhow: a leaf holds at least one entry and a branch two,
 * for levels must shrink. The root is the lowest level that is one node, and no entries have no root. Where a node ends so depends only on
 * where it starts, which is why an edit may stop as soon as an old and a new node start at the same entry.
 *
 * <p>Documents are never read from trees: they are a cache for peers that need them.
 */
@NullMarked
package dev.livesync.database.tree;

import org.jspecify.annotations.NullMarked;
