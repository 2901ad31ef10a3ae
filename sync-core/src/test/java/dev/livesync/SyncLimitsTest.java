package dev.livesync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class SyncLimitsTest {
    @Test
    void theDefaultsAreThoseOfTheDecision() {
        SyncLimits limits = SyncLimits.defaults();
        assertThat(limits.maxDocumentBytes()).isEqualTo(16 << 20);
        assertThat(limits.transitBytes()).isBetween(8L << 20, 1L << 30);
        assertThat(limits.connectTime()).isEqualTo(Duration.ofSeconds(30));
        assertThat(limits.phaseTime()).isEqualTo(Duration.ofSeconds(60));
        assertThat(limits.heartbeat()).isEqualTo(Duration.ofSeconds(15));
        assertThat(limits.deliveryTime()).isEqualTo(Duration.ofSeconds(5));
        assertThat(limits.closeTime()).isEqualTo(Duration.ofSeconds(5));
        assertThat(limits.offerLifetime()).isEqualTo(Duration.ofMinutes(10));
        assertThat(limits.sessionsPerGrant()).isEqualTo(512);
    }

    /** Each setter changes its own property, and a copy keeps them all. */
    @Test
    void everyPropertyIsSetAndCopied() throws Exception {
        SyncLimits.Builder builder = SyncLimits.builder();
        List<Method> getters = new ArrayList<>();
        int n = 0;
        for (Method getter : SyncLimits.class.getDeclaredMethods()) {
            if (!Modifier.isPublic(getter.getModifiers())
                    || Modifier.isStatic(getter.getModifiers())
                    || getter.getName().equals("toBuilder")) {
                continue;
            }
            getters.add(getter);
            Method setter = SyncLimits.Builder.class.getDeclaredMethod(getter.getName(), getter.getReturnType());
            setter.invoke(builder, value(getter, n++));
        }
        assertThat(getters).hasSize(9);
        SyncLimits copy = builder.build().toBuilder().build();
        for (int i = 0; i < getters.size(); i++) {
            assertThat(getters.get(i).invoke(copy)).as(getters.get(i).getName()).isEqualTo(value(getters.get(i), i));
        }
    }

    private static Object value(Method getter, int n) {
        Class<?> type = getter.getReturnType();
        if (type == Duration.class) {
            return Duration.ofMillis(1_000 + n);
        }
        int size = 65_536 + n;
        return type == long.class ? (Object) (long) size : (Object) size;
    }

    @Test
    void nonsenseIsRefused() {
        List<UnaryOperator<SyncLimits.Builder>> nonsense = List.of(
                b -> b.transitBytes(-1),
                b -> b.maxDocumentBytes(0),
                b -> b.sessionsPerGrant(0),
                b -> b.connectTime(Duration.ZERO),
                b -> b.offerLifetime(Duration.ofSeconds(-1)),
                b -> b.heartbeat(Duration.ofDays(366)));
        for (UnaryOperator<SyncLimits.Builder> one : nonsense) {
            assertThatThrownBy(() -> one.apply(SyncLimits.builder()))
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION));
        }
        assertThat(SyncLimits.builder().closeTime(Duration.ZERO).build().closeTime())
                .isZero();
    }
}
