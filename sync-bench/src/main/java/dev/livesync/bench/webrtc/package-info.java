/** Large messages over WebRTC, through our channel and through a bare one. */
@NullMarked
package dev.livesync.bench.webrtc;

import org.jspecify.annotations.NullMarked;
