/** The hub of {@code livesync serve}: several databases, their addresses, grants and limits from one file, which can be read again while it runs. */
@NullMarked
package dev.livesync.cli.hub;

import org.jspecify.annotations.NullMarked;
