/** What is counted, logged and recorded of all sessions of a {@code Sync}. It only listens. */
@NullMarked
package dev.livesync.core.monitor;

import org.jspecify.annotations.NullMarked;
