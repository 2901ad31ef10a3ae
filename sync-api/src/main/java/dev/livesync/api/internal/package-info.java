/** What sync-core and LiveSync's own transports share. For them alone: it is exported to nobody else and may change with any release. */
@NullMarked
package dev.livesync.api.internal;

import org.jspecify.annotations.NullMarked;
