package dev.livesync.database.log;

/** Makes recorders of commits: events of JDK Flight Recorder, where this runtime has it; an image may be built without. */
final class CommitRecorders {
    private static final boolean POSSIBLE = isPossible();

    private static final CommitRecorder NONE = new CommitRecorder() {
        @Override
        public void begun() {}

        @Override
        public void ended(int transactions, long bytes, long forceNanos, boolean durable) {}
    };

    private CommitRecorders() {}

    private static boolean isPossible() {
        try {
            Class.forName("jdk.jfr.Event", false, CommitRecorders.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    static CommitRecorder next() {
        return POSSIBLE ? new CommitEvent() : NONE;
    }
}
