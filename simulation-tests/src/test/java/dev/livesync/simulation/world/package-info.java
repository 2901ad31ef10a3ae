/** Real peers over real databases in one thread, on simulated disks, with a simulated network and a virtual time; a seed decides everything. */
package dev.livesync.simulation.world;
