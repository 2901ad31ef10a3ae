package dev.livesync.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ValueTest {
    /** As many levels as the codecs may be told to take. */
    private static final int LEVELS = 1_000;

    private static Value deep(boolean maps, long last) {
        Value value = new Value.Int(last);
        for (int i = 0; i < LEVELS; i++) {
            value = maps ? new Value.Mapping(Map.of("a", value)) : new Value.Sequence(List.of(value));
        }
        return value;
    }

    /** On a stack that the codecs are content with, before anything is compiled. */
    @Test
    void aDeepValueIsComparedHashedAndPrintedOnASmallStack() throws Exception {
        // What the JVM does once for a record is not for the small stack.
        assertThat(new Value.Int(1)).isEqualTo(new Value.Int(1)).hasSameHashCodeAs(new Value.Int(1));
        assertThat(new Value.Int(1)).hasToString("Int[value=1]");
        for (boolean maps : new boolean[] {false, true}) {
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            Thread small = new Thread(
                    null,
                    () -> {
                        Value value = deep(maps, 1);
                        assertThat(value.equals(deep(maps, 1))).isTrue();
                        assertThat(value.equals(deep(maps, 2))).isFalse();
                        assertThat(value.hashCode()).isEqualTo(deep(maps, 1).hashCode());
                        assertThat(value.toString()).endsWith(maps ? "}]" : "]]");
                    },
                    "small",
                    512 * 1024);
            small.setUncaughtExceptionHandler((thread, e) -> thrown.set(e));
            small.start();
            small.join();
            assertThat(thrown.get()).as("maps: %s", maps).isNull();
        }
    }

    @Test
    void equalityIsByContentWhateverTheOrderOfKeys() {
        Map<String, Value> one = new LinkedHashMap<>();
        one.put("a", new Value.Int(1));
        one.put("b", new Value.Sequence(List.of(new Value.Text("x"), Value.NULL)));
        Map<String, Value> two = new LinkedHashMap<>();
        two.put("b", new Value.Sequence(List.of(new Value.Text("x"), Value.NULL)));
        two.put("a", new Value.Int(1));
        Value first = new Value.Mapping(one);
        Value second = new Value.Mapping(two);
        assertThat(first).isEqualTo(second).hasSameHashCodeAs(second);
        two.put("c", Value.NULL);
        assertThat(first).isNotEqualTo(new Value.Mapping(two)).isNotEqualTo(null);
        one.put("d", Value.NULL);
        assertThat(new Value.Mapping(one)).isNotEqualTo(new Value.Mapping(two));
        Value sequence = new Value.Sequence(List.of(new Value.Int(1)));
        assertThat(sequence)
                .isNotEqualTo(new Value.Sequence(List.of()))
                .isNotEqualTo(new Value.Sequence(List.of(new Value.Int(2))))
                .isNotEqualTo(new Value.Int(1));
    }

    @Test
    void theTextIsThatOfARecord() {
        assertThat(new Value.Mapping(
                        Map.of("a", new Value.Sequence(List.of(new Value.Int(1), new Value.Sequence(List.of()))))))
                .hasToString("Mapping[entries={a=Sequence[items=[Int[value=1], Sequence[items=[]]]]}]");
        assertThat(Value.Mapping.EMPTY).hasToString("Mapping[entries={}]");
    }
}
