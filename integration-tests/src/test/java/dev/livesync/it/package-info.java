/** Tests of the whole: the house's arrows, its public surface, the module path, processes. */
package dev.livesync.it;
