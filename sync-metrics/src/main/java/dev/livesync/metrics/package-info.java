/**
 * The numbers of databases and their sessions, for <a href="https://micrometer.io">Micrometer</a>: {@link dev.livesync.metrics.SyncMetrics} binds
 * them to a registry.
 */
@NullMarked
package dev.livesync.metrics;

import org.jspecify.annotations.NullMarked;
