package dev.livesync.tck;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The kit's assertions: what was looked at, what the contract says, what came. */
final class Expect {
    private Expect() {}

    static void that(boolean right, String otherwise) {
        if (!right) {
            throw new AssertionError(otherwise);
        }
    }

    static void equal(String what, @Nullable Object expected, @Nullable Object actual) {
        if (!Objects.equals(expected, actual)) {
            throw different(what, expected, actual);
        }
    }

    /** What must not be null. */
    static <T> T present(String what, @Nullable T value) {
        if (value == null) {
            throw different(what, "anything but null", null);
        }
        return value;
    }

    private static AssertionError different(String what, @Nullable Object expected, @Nullable Object actual) {
        return new AssertionError(what + "\n  expected: " + expected + "\n  actual:   " + actual);
    }

    /** The same elements, each once, in any order. */
    static void sameOnce(String what, Collection<?> expected, Collection<?> actual) {
        List<Object> twice = new ArrayList<>(actual);
        new HashSet<>(actual).forEach(twice::remove);
        that(twice.isEmpty(), what + "\n  expected: each once\n  repeated: " + twice);
        Set<Object> lacks = new HashSet<>(expected);
        lacks.removeAll(actual);
        Set<Object> strange = new HashSet<>(actual);
        strange.removeAll(expected);
        if (!lacks.isEmpty() || !strange.isEmpty()) {
            throw different(
                    what
                            + (lacks.isEmpty() ? "" : "\n  lacks:    " + sorted(lacks))
                            + (strange.isEmpty() ? "" : "\n  has also: " + sorted(strange)),
                    sorted(expected),
                    sorted(actual));
        }
    }

    private static Collection<?> sorted(Collection<?> any) {
        return any.stream().allMatch(Comparable.class::isInstance) ? new TreeSet<>(any) : any;
    }

    /** A call that throws. */
    interface Call {
        void run() throws Exception;
    }

    /** The call fails with an exception of LiveSync's, which is returned. */
    static SyncException failure(String what, Call call) {
        Throwable thrown = thrown(call);
        if (thrown instanceof SyncException e) {
            return e;
        }
        throw (AssertionError) different(what, "a SyncException", thrown == null ? "no exception" : thrown)
                .initCause(thrown);
    }

    /** The call fails with one kind of exception, which is returned. */
    static SyncException failure(ErrorKind kind, String what, Call call) {
        SyncException e = failure(what, call);
        if (e.kind() != kind) {
            throw (AssertionError) different(what, kind, e.kind() + " (" + e.getMessage() + ")")
                    .initCause(e);
        }
        return e;
    }

    /** What the call throws, if anything. */
    static @Nullable Throwable thrown(Call call) {
        try {
            call.run();
            return null;
        } catch (Exception | StackOverflowError | AssertionError e) {
            return e;
        }
    }
}
