/**
 * A group of peers that find each other and keep in step, each with several of the others. Start at {@link dev.livesync.mesh.Mesh}.
 */
@NullMarked
package dev.livesync.mesh;

import org.jspecify.annotations.NullMarked;
