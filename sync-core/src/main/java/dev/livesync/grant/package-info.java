/**
 * Who may do what: named secrets with rights, kept in memory, in a database's directory or by the application itself. Start at {@link
 * dev.livesync.grant.Grants}.
 */
@NullMarked
package dev.livesync.grant;

import org.jspecify.annotations.NullMarked;
