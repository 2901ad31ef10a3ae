/** Meshes: whom to dial of those that a discovery names. */
@NullMarked
package dev.livesync.core.mesh;

import org.jspecify.annotations.NullMarked;
