package dev.livesync.metrics;

import dev.livesync.api.SyncException;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * Registers meters of one object, with the same tags.
 *
 * @param registry where
 * @param object whose numbers; referred to weakly
 * @param tags of all
 * @param <T> the object's type
 */
record MeterBuilder<T>(MeterRegistry registry, T object, Tags tags) {
    MeterBuilder<T> with(String tag, String value) {
        return new MeterBuilder<>(registry, object, tags.and(tag, value));
    }

    void gauge(String name, String description, String unit, ToDoubleFunction<T> value) {
        Gauge.builder(name, object, o -> orNaN(o, value))
                .description(description)
                .baseUnit(unit.isEmpty() ? null : unit)
                .tags(tags)
                .register(registry);
    }

    void timeGauge(String name, String description, Function<T, Duration> value) {
        TimeGauge.builder(
                        name,
                        object,
                        TimeUnit.NANOSECONDS,
                        o -> orNaN(o, p -> value.apply(p).toNanos()))
                .description(description)
                .tags(tags)
                .register(registry);
    }

    void counter(String name, String description, String unit, ToDoubleFunction<T> value) {
        FunctionCounter.builder(name, object, value)
                .description(description)
                .baseUnit(unit.isEmpty() ? null : unit)
                .tags(tags)
                .register(registry);
    }

    void timer(String name, String description, ToLongFunction<T> times, Function<T, Duration> time) {
        FunctionTimer.builder(name, object, times, o -> time.apply(o).toNanos(), TimeUnit.NANOSECONDS)
                .description(description)
                .tags(tags)
                .register(registry);
    }

    /** A database that was closed has no numbers. */
    private static <T> double orNaN(T object, ToDoubleFunction<T> value) {
        try {
            return value.applyAsDouble(object);
        } catch (SyncException e) {
            return Double.NaN;
        }
    }
}
