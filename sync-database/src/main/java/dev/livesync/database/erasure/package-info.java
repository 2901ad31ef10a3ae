/**
 * Contents that are gone for good, here and at every peer that honours it. {@link dev.livesync.database.Database#erasures()} is where it begins; docs/erasure.md says what it can't do.
 */
@NullMarked
package dev.livesync.database.erasure;

import org.jspecify.annotations.NullMarked;
