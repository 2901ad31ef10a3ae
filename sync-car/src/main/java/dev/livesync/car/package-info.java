/**
 * Bytes to blocks and back.
 *
 * <ul>
 *   <li>{@link dev.livesync.car.DagCbor}: any value, strictly canonical both ways.
 *   <li>{@link dev.livesync.car.Events}, {@link dev.livesync.car.Keys} and {@link dev.livesync.car.TreeNodes}: the blocks
 *       that databases are made of.
 *   <li>{@link dev.livesync.car.CarDecoder}, {@link dev.livesync.car.CarReader} and {@link dev.livesync.car.CarWriter}:
 *       many blocks in one stream.
 * </ul>
 *
 * <p>Nothing here trusts its input: whatever a peer or a file states is held against {@link dev.livesync.car.Limits}
 * before memory is taken for it, and refused with a {@link dev.livesync.api.SyncException} that names the block and the
 * offset. Static methods are safe for any number of threads; objects say what they are. Parameters and results are never
 * null unless marked {@link org.jspecify.annotations.Nullable}; passing null throws {@link
 * java.lang.NullPointerException}.
 */
@NullMarked
package dev.livesync.car;

import org.jspecify.annotations.NullMarked;
