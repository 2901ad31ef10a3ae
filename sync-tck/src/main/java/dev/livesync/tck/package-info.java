/**
 * The kit. A transport's author extends {@code TransportTck}, a replica's {@code ReplicaTck}, each with a method or two. Every
 * test carries the id of a rule of the specification, and so does every failure, with what to check. A run ends with a line
 * that says how many rules ran and whether the thing conforms, and writes {@code target/tck/CLASS.md} and {@code .json}.
 *
 * <p>Three settings, as JUnit configuration parameters or system properties: {@code livesync.tck.scale} multiplies every
 * timeout (more on a slow machine), {@code livesync.tck.reports} says where reports go, {@code livesync.tck.dialects=both} runs the rules with whole
 * syncs a second time with peers that speak in texts and CARs ({@code native} is the default).
 */
@NullMarked
package dev.livesync.tck;

import org.jspecify.annotations.NullMarked;
