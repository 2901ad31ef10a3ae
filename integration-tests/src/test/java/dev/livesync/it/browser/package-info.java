/** A page in a real browser against the command in a process of its own. */
@NullMarked
package dev.livesync.it.browser;

import org.jspecify.annotations.NullMarked;
