/**
 * What a sync is measured against: the packs that it sent, over the same kind of connection, into the barest store there is.
 * Everything that makes them a database is left out: nobody computes documents, nothing is asked or acknowledged.
 */
@NullMarked
package dev.livesync.bench.bare;

import org.jspecify.annotations.NullMarked;
