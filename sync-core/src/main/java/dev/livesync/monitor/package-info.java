/**
 * Numbers for whoever runs a {@code Sync}: how far peers are behind, what was done since it was made, who was turned away. What
 * {@code dev.livesync.metrics} hands to Micrometer, and status pages show.
 */
@NullMarked
package dev.livesync.monitor;

import org.jspecify.annotations.NullMarked;
