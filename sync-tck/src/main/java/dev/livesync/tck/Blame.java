package dev.livesync.tck;

import java.util.List;

/** What was thrown, and where in the thing under test: the summary that a build ends with shows no stack traces. */
final class Blame {
    private static final String KIT = Blame.class.getPackageName() + ".";
    private static final List<String> PLATFORM = List.of("java.", "javax.", "jdk.", "sun.");

    private Blame() {}

    /** The exception, with the place that called the platform or threw; without where the kit itself did. */
    static String of(Throwable failure) {
        for (StackTraceElement at : failure.getStackTrace()) {
            String type = at.getClassName();
            if (type.startsWith(KIT)) {
                break;
            }
            if (PLATFORM.stream().noneMatch(type::startsWith)) {
                return failure + ", thrown at " + type + "." + at.getMethodName() + "(" + at.getFileName() + ":"
                        + at.getLineNumber() + ")";
            }
        }
        return failure.toString();
    }
}
