/**
 * Both sides of a workload as processes of their own: {@link dev.livesync.bench.process.Child} starts one and asks it,
 * {@link dev.livesync.bench.process.Served} answers in it, one {@link dev.livesync.bench.process.Line} each way. A system
 * written in another language joins in by answering the same lines.
 */
@NullMarked
package dev.livesync.bench.process;

import org.jspecify.annotations.NullMarked;
