/**
 * Finding peers: what a module implements to tell which peers are there, such as those in a room or on the same network. Start at {@link
 * dev.livesync.api.discovery.Discovery}.
 *
 * <p>A discovery carries addresses and nothing else. What it says are hints: whoever is dialled has to prove the group's secret, which no
 * discovery sees.
 */
@NullMarked
package dev.livesync.api.discovery;

import org.jspecify.annotations.NullMarked;
