package dev.livesync.core.connect;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/** Derives a future of one part of a result. */
public final class TextFuture {
    private TextFuture() {}

    /**
     * Creates a future of one text of a handle. Cancelling it cancels the original; a handle that comes after that is closed.
     *
     * @param original the handle's future
     * @param part the text
     * @param discard closes a handle that nobody wants
     * @param <T> the handle
     * @return completes with the text, or as the original fails
     */
    public static <T> CompletableFuture<String> text(
            CompletableFuture<T> original, Function<T, String> part, Consumer<T> discard) {
        CompletableFuture<String> text = new CompletableFuture<>();
        var unused = original.whenComplete((handle, thrown) -> {
            if (thrown != null) {
                text.completeExceptionally(thrown);
            } else if (!text.complete(part.apply(handle))) {
                discard.accept(handle);
            }
        });
        var ignored = text.whenComplete((value, thrown) -> original.cancel(false));
        return text;
    }
}
