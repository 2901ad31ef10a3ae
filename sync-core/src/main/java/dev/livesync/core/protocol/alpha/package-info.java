/**
 * Everything that exists for alphas only: answers and updates that carry trees, a model of an alpha's state, and healing. See {@code
 * docs/alpha-interop.md}. Start at {@link dev.livesync.core.protocol.alpha.AlphaDialect}.
 */
@NullMarked
package dev.livesync.core.protocol.alpha;

import org.jspecify.annotations.NullMarked;
