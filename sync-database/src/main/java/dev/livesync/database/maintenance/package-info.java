/**
 * What checking, mending and compacting a database report: the results of {@link dev.livesync.database.Database#verify()}, {@link
 * dev.livesync.database.Database#repair} and {@link dev.livesync.database.Database#compact()}.
 */
@NullMarked
package dev.livesync.database.maintenance;

import org.jspecify.annotations.NullMarked;
