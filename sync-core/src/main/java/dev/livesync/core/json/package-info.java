/** JSON as the protocol's small objects need it: signals and greetings. Large messages have readers of their own. */
@NullMarked
package dev.livesync.core.json;

import org.jspecify.annotations.NullMarked;
