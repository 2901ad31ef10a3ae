package dev.livesync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BlameTest {
    private static Throwable thrownAt(String... types) {
        Throwable failure = new NullPointerException();
        StackTraceElement[] stack = new StackTraceElement[types.length];
        for (int i = 0; i < types.length; i++) {
            stack[i] = new StackTraceElement(types[i], "method", "File.java", 10 + i);
        }
        failure.setStackTrace(stack);
        return failure;
    }

    @Test
    void namesTheFirstPlaceInTheThingUnderTest() {
        Throwable failure = thrownAt("java.util.Objects", "example.replica.Node", "dev.livesync.tck.Seen");
        assertThat(Blame.of(failure))
                .isEqualTo("java.lang.NullPointerException, thrown at example.replica.Node.method(File.java:11)");
    }

    @Test
    void namesNoPlaceWhereTheKitThrewOrNobodyKnows() {
        Throwable planted = thrownAt("java.util.Objects", "dev.livesync.tck.PlantedEvent", "example.replica.Node");
        assertThat(Blame.of(planted)).isEqualTo("java.lang.NullPointerException");
        assertThat(Blame.of(thrownAt())).isEqualTo("java.lang.NullPointerException");
    }
}
