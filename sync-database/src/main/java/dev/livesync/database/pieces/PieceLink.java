package dev.livesync.database.pieces;

import dev.livesync.api.Cid;

/**
 * A part of an attachment, named by whoever is above it in the tree.
 *
 * @param cid a piece (raw) or a node (dag-cbor)
 * @param size how much content it stands for, in bytes
 */
public record PieceLink(Cid cid, long size) {}
