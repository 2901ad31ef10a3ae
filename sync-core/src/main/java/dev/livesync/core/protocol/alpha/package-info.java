/**
 * What exists for alphas only: the answers and updates that carry trees, a model of what an alpha makes of what it gets, and
 * what heals it. See {@code docs/alpha-interop.md}. Start at {@link dev.livesync.core.protocol.alpha.AlphaDialect}.
 */
@NullMarked
package dev.livesync.core.protocol.alpha;

import org.jspecify.annotations.NullMarked;
