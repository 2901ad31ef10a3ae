package dev.livesync.presence;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Subscription;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * What this peer shows to others for the moment, and what they show: small values under keys, such as {@code cursor} or {@code typing}. {@link
 * dev.livesync.Sync#presence()} has it.
 *
 * <p>Nothing is stored, and nothing is promised but the newest: of values that follow each other quickly, others see the last, and perhaps some before.
 * A value goes when it is removed, when its lifetime is over, when its {@code Sync} is closed, and within seconds or half a minute when its peer is cut off. It
 * reaches whoever has a session with this {@code Sync}, and those behind them, as changes of documents do, and where the replica has a {@linkplain
 * dev.livesync.api.replica.Replica#broadcast broadcast}, whoever is at another process with the same store; peers that know nothing of presence, alphas among them, get nothing of it and pass
 * nothing on. A peer without the right to read sees nothing. Of one without the right to write nothing is shown.
 *
 * <p>Any thread. No method waits for a peer. LiveSync implements this, and a later version may tell more.
 */
public interface Presence {
    /**
     * The id under which others see this peer's values.
     *
     * @return random, the same until the {@code Sync} is closed, unless somebody else uses it up
     */
    String id();

    /**
     * Shows a value until it is set anew or removed, or the {@code Sync} is closed.
     *
     * @param key 1 to 64 bytes as UTF-8; at most 16 at a time
     * @param value a {@link String}, {@link Boolean}, whole number of at most 64 bits, {@link Double} or {@link Float}, or a {@link java.util.List} or {@link java.util.Map} with keys of {@link String} of such;
     *     at most 2,048 bytes as dag-cbor; copied
     * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT} for another key or value, {@link ErrorKind#LIMIT_EXCEEDED} for a value that is too large or a key too
     *     many, {@link ErrorKind#CLOSED} after the end
     */
    void set(String key, Object value);

    /**
     * Shows a value for some time, unless it is set anew or removed before.
     *
     * @param key as for {@link #set(String, Object)}
     * @param value as for {@link #set(String, Object)}
     * @param lifetime more than nothing
     * @throws SyncException as {@link #set(String, Object)}; {@link ErrorKind#INVALID_ARGUMENT} also for a lifetime of zero or less
     */
    void set(String key, Object value, Duration lifetime);

    /**
     * Shows a value no more. Does nothing if there is none.
     *
     * @param key of the value
     */
    void remove(String key);

    /**
     * What is shown now, by this peer and by others.
     *
     * @return a copy, in order of peers and keys
     */
    List<PresenceEntry> entries();

    /**
     * Tells what is shown: first what there is now, then each time that it has changed. One call at a time, on the {@code Sync}'s executor; changes that come
     * while a call runs are told together by the next one. What a listener throws is logged, and nothing more.
     *
     * @param listener gets all entries, as {@link #entries()} has them
     * @return ends the calls; the end of the {@code Sync} does, too
     */
    Subscription subscribe(Consumer<? super List<PresenceEntry>> listener);

    /**
     * How much of what peers sent was dropped here: messages over the rate that a peer may send at, values over the number that is kept, and all of a peer
     * that may not write.
     *
     * @return a count since the start
     */
    long dropped();
}
