package dev.livesync.tck.standalone;

import dev.livesync.tck.Tck;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Classes that are missing or do not fit each other: the class path is wrong, and says nothing about the rules. */
final class Linkage {
    private Linkage() {}

    /** The one that a failure is due to, if any. */
    static @Nullable LinkageError in(Throwable failure) {
        return in(failure, Collections.newSetFromMap(new IdentityHashMap<>()));
    }

    private static @Nullable LinkageError in(@Nullable Throwable failure, Set<Throwable> seen) {
        if (failure == null || !seen.add(failure)) {
            return null;
        }
        if (failure instanceof LinkageError error && !isInitialization(error)) {
            return error;
        }
        LinkageError found = in(failure.getCause(), seen);
        for (Throwable suppressed : failure.getSuppressed()) {
            found = found != null ? found : in(suppressed, seen);
        }
        return found;
    }

    /** A class whose own code fails is no matter of the class path. */
    private static boolean isInitialization(LinkageError error) {
        return error instanceof ExceptionInInitializerError
                || String.valueOf(error.getMessage()).startsWith("Could not initialize class");
    }

    static String sentence(LinkageError error) {
        if (error instanceof UnsupportedClassVersionError) {
            return String.valueOf(error.getMessage()); // says it all
        }
        String what = error instanceof NoClassDefFoundError
                ? "missing on --classpath: " + error.getMessage()
                : error.toString();
        return what + ". JUnit " + Test.class.getPackage().getImplementationVersion() + " and LiveSync "
                + Tck.class.getPackage().getImplementationVersion()
                + " are built in, whatever --classpath has of them; all else has to be on it, in versions that fit";
    }
}
