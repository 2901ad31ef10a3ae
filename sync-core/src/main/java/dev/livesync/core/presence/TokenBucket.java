package dev.livesync.core.presence;

/** So much in a second, and so much at once. Times are nanoseconds. */
final class TokenBucket {
    private static final long SECOND = 1_000_000_000L;

    private final long perSecond;
    private final long most;
    private long tokens;
    private long filledAt;

    /** A full one. */
    TokenBucket(long perSecond, long most, long now) {
        this.perSecond = perSecond;
        this.most = most;
        tokens = most;
        filledAt = now;
    }

    /** How many tokens there are. */
    long available(long now) {
        long passed = Math.max(0, now - filledAt);
        if (passed / SECOND >= most / perSecond + 1) {
            tokens = most;
            filledAt = now;
        } else {
            long more = passed * perSecond / SECOND;
            tokens = Math.min(most, tokens + more);
            filledAt += more * SECOND / perSecond; // the rest of a token is not lost
        }
        return tokens;
    }

    /** Takes tokens, if there are as many. */
    boolean take(long count, long now) {
        if (available(now) < count) {
            return false;
        }
        tokens -= count;
        return true;
    }

    /** When there will be so many tokens, at most as many as it holds. */
    long when(long count, long now) {
        long lacking = count - available(now);
        return lacking <= 0 ? now : filledAt + (lacking * SECOND + perSecond - 1) / perSecond;
    }
}
