/**
 * Transports within one process. A {@link dev.livesync.transport.memory.MemoryNetwork} is the wire; its providers speak
 * over it, in the dialling shape ({@link dev.livesync.transport.memory.MemoryNetwork#provider()}) or in the signalling
 * shape ({@link dev.livesync.transport.memory.MemoryNetwork#signalling()}); its {@link
 * dev.livesync.transport.memory.MemoryFaults} break it.
 *
 * <p>No threads of its own, no clock, no randomness: everything runs on the executor and the scheduler of the {@link
 * dev.livesync.api.transport.TransportContext}, and in one order when those do.
 */
@NullMarked
package dev.livesync.transport.memory;

import org.jspecify.annotations.NullMarked;
