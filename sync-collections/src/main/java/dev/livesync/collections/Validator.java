package dev.livesync.collections;

import java.util.function.BiConsumer;

/**
 * Says what is wrong with a value before it is written.
 *
 * <p>Any thread, several at once. What it throws comes out of the call that was to write.
 *
 * @param <T> the type
 */
@FunctionalInterface
public interface Validator<T> {
    /**
     * Looks at a value.
     *
     * @param value what is to be written
     * @param problems takes the JSON pointer of a field, and what is wrong with it; nothing is written if there is any
     */
    void check(T value, BiConsumer<String, String> problems);
}
