/** What the kit may set and users may not. Not exported to anybody else, and no API. */
@NullMarked
package dev.livesync.core.internal;

import org.jspecify.annotations.NullMarked;
