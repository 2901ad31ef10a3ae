/** Databases that meet in rooms, honest ones and others. */
@NullMarked
package dev.livesync.it.rooms;

import org.jspecify.annotations.NullMarked;
