/** Figures for people: samples and tables. */
@NullMarked
package dev.livesync.bench.report;

import org.jspecify.annotations.NullMarked;
