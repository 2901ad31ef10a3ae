/** Databases that meet over real WebRTC: Java and Java, Java and alphas in Node. */
@NullMarked
package dev.livesync.it.webrtc;

import org.jspecify.annotations.NullMarked;
