/** LiveSync beside unmodified alpha peers; {@code interop/alpha} has the other end. */
package dev.livesync.it.alpha;
