/** What peers show each other for the moment: its state, its messages and its rates, without I/O. */
@NullMarked
package dev.livesync.core.presence;

import org.jspecify.annotations.NullMarked;
