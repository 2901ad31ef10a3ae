package dev.livesync.database.history;

/** What a graph was asked, for tests elsewhere. */
public final class Questions {
    private Questions() {}

    /** Ancestor questions so far, and the steps of what answers many at once. */
    public static long of(EventGraph graph) {
        return graph.questions();
    }
}
