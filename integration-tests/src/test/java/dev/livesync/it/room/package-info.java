/** Rooms as they are served, members in JavaScript, and LiveSync in one of them together. */
@NullMarked
package dev.livesync.it.room;

import org.jspecify.annotations.NullMarked;
