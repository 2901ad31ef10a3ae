/** LiveSync over libp2p against js-libp2p, each in a process of its own. */
@NullMarked
package dev.livesync.it.libp2p;

import org.jspecify.annotations.NullMarked;
