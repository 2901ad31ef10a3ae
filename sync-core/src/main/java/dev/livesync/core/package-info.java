/** What all packages of the core share. */
@NullMarked
package dev.livesync.core;

import org.jspecify.annotations.NullMarked;
