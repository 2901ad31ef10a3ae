/**
 * What reads strangers' bytes, under inputs that nobody wrote. A target sits in the package of what it calls, so that nothing has to be
 * public for it.
 */
package dev.livesync.fuzz;
