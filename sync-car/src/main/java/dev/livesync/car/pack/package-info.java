/**
 * Packs: events in causal order without what a receiver can work out, from which it rebuilds the exact blocks. {@code
 * docs/packs.md} has every byte.
 *
 * <p>A {@link dev.livesync.car.pack.PackWriter} and a {@link dev.livesync.car.pack.PackReader} are the two ends of one
 * direction of a session. Both keep the same small state from pack to pack, so every pack that was written has to be read,
 * in order. A fresh pair makes a pack that stands for itself.
 *
 * <p>One thread at a time for each of them. Parameters and results are never null; passing null throws {@link
 * java.lang.NullPointerException}.
 */
@NullMarked
package dev.livesync.car.pack;

import org.jspecify.annotations.NullMarked;
