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
        assertThat(limits.window()).isEqualTo(4 << 20);
        assertThat(limits.messageBytes()).isEqualTo(64 << 20);
        assertThat(limits.documentBytes()).isEqualTo(16 << 20);
        assertThat(limits.diffCids()).isEqualTo(4_000_000);
        assertThat(limits.sectionBytes()).isEqualTo(512 << 10);
        assertThat(limits.pieceBytes()).isEqualTo(256 << 10);
        assertThat(limits.signalChars()).isEqualTo(64 << 10);
        assertThat(limits.unproved()).isEqualTo(8);
        assertThat(limits.proofTime()).isEqualTo(Duration.ofSeconds(10));
        assertThat(limits.offerLifetime()).isEqualTo(Duration.ofMinutes(10));
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
        assertThat(getters).hasSizeGreaterThan(15);
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
        int size = getter.getName().equals("messageBytes") ? (80 << 20) + n : 65_536 - 20 + n;
        size = getter.getName().equals("window") ? (1 << 20) + n : size;
        return type == long.class ? (Object) (long) size : (Object) size;
    }

    @Test
    void nonsenseIsRefused() {
        List<UnaryOperator<SyncLimits.Builder>> nonsense = List.of(
                b -> b.window(-1),
                b -> b.pieceBytes(0),
                b -> b.unproved(0),
                b -> b.proofTime(Duration.ZERO),
                b -> b.offerLifetime(Duration.ofSeconds(-1)),
                b -> b.heartbeat(Duration.ofDays(366)));
        for (UnaryOperator<SyncLimits.Builder> one : nonsense) {
            assertThatThrownBy(() -> one.apply(SyncLimits.builder()))
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION));
        }
        assertThatThrownBy(() -> SyncLimits.builder().messageBytes(1 << 20).build())
                .isInstanceOf(SyncException.class)
                .hasMessageContaining("documentBytes");
        assertThat(SyncLimits.builder().closeTime(Duration.ZERO).build().closeTime())
                .isZero();
    }
}
