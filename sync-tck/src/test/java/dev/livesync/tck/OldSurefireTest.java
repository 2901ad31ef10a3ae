package dev.livesync.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A Surefire before 2.22 knows no JUnit 5. Without JUnit 4 it takes public classes for tests that have a public constructor, and runs their
 * public methods whose names begin with "test": the kit has one, which fails.
 */
class OldSurefireTest {
    /** Not named like a test, so that only this runs it. */
    public static class Visible extends ReplicaTck {
        /** As a compiler would. */
        public Visible() {}

        @Override
        protected ReplicaStore newStore() {
            return DatabaseStore.inMemory();
        }
    }

    /** What Surefire 2.12.4 would run. */
    private static List<Method> pojoTests(Class<?> type) {
        return Stream.of(type.getMethods())
                .filter(method -> method.getName().startsWith("test") && method.getParameterCount() == 0)
                .filter(method -> method.getReturnType() == void.class)
                .toList();
    }

    @Test
    void aPublicClassFailsThere() throws Exception {
        List<Method> tests = pojoTests(Visible.class);
        assertThat(tests).hasSize(1);
        Object test = Visible.class.getConstructor().newInstance();
        assertThatThrownBy(() -> tests.get(0).invoke(test))
                .isInstanceOf(InvocationTargetException.class)
                .cause()
                .hasMessageContaining("Surefire 3");
    }

    @Test
    void aTransportsKitHasItToo() {
        assertThat(pojoTests(TransportTck.class)).hasSize(1);
    }
}
