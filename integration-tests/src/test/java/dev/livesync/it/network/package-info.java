/** Databases that meet on a local network. */
@NullMarked
package dev.livesync.it.network;

import org.jspecify.annotations.NullMarked;
