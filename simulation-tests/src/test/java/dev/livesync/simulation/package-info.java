/** The kit against databases on the simulated disk. */
package dev.livesync.simulation;
