package dev.livesync.core.connect;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;

/** Hands on one part of a result. */
public final class TextStage {
    private TextStage() {}

    /**
     * A stage for one text of a handle. Cancelling it cancels the original; a handle that comes too late is closed.
     *
     * @param original the handle's stage
     * @param part the text
     * @param discard closes a handle that nobody wants
     * @param <T> the handle
     * @return completes with the text, or as the original fails
     */
    public static <T> CompletionStage<String> text(
            CompletionStage<T> original, Function<T, String> part, Consumer<T> discard) {
        CompletableFuture<String> text = new CompletableFuture<>();
        var unused = original.whenComplete((handle, thrown) -> {
            if (thrown != null) {
                text.completeExceptionally(thrown);
            } else if (!text.complete(part.apply(handle))) {
                discard.accept(handle);
            }
        });
        var ignored = text.whenComplete(
                (value, thrown) -> original.toCompletableFuture().cancel(false));
        return text;
    }
}
