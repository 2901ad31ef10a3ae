package dev.livesync.core.seal;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.noise.CipherState;
import dev.livesync.api.transport.Message;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Opens what the peer's {@link Sealer} sealed: each message, once, in order, up to its end. One thread at a time.
 *
 * <p>Anything else fails as {@link ErrorKind#AUTHENTICATION}, and so does everything after it: a message that was changed, repeated, reordered,
 * left out, sent back, made by somebody else, or that comes after the end. The session has to end then. Nothing of such a message is given out.
 */
public final class Opener {
    private final String remote;
    private final CipherState cipher;
    private boolean failed;
    private boolean ended;

    Opener(String remote, CipherState cipher) {
        this.remote = remote;
        this.cipher = cipher;
    }

    /**
     * Opens the next message.
     *
     * @param sealed what came; read and not kept
     * @return the session's message, a new one; null if it was the peer's end
     * @throws SyncException {@link ErrorKind#AUTHENTICATION}, as said above
     */
    public @Nullable Message open(Message sealed) {
        byte[] plain = decrypt(sealed);
        SealedType type = SealedType.of(plain[plain.length - 1]);
        if (type == SealedType.END && plain.length == 1) {
            ended = true;
            cipher.destroy();
            return null;
        }
        if (type == null || type.kind() == null) {
            throw fail();
        }
        return new Message(type.kind(), Arrays.copyOf(plain, plain.length - 1));
    }

    /** Takes the initiator's confirmation; fails as {@link #open} does for anything else. */
    void confirm(Message sealed) {
        byte[] plain = decrypt(sealed);
        if (plain.length != 1 || SealedType.of(plain[0]) != SealedType.CONFIRMATION) {
            throw fail();
        }
    }

    /**
     * Whether the peer has ended its direction.
     *
     * @return true once its end was opened
     */
    public boolean ended() {
        return ended;
    }

    /**
     * Checks, when the channel has closed, that nothing was cut off.
     *
     * @throws SyncException {@link ErrorKind#DISCONNECTED} unless the peer has ended its direction: what it sent last may be missing, because
     *     the connection broke or because somebody cut it, which can't be told apart
     */
    public void requireEnd() {
        if (!ended) {
            throw new SyncException(
                    ErrorKind.DISCONNECTED,
                    "the connection to the peer at " + remote
                            + " closed before the peer's sealed end came: what it sent last may be missing");
        }
    }

    /** Erases the key; nothing can be opened any more. Idempotent. */
    public void destroy() {
        cipher.destroy();
    }

    private byte[] decrypt(Message sealed) {
        if (failed || ended || sealed.kind() != Message.Kind.BINARY || sealed.size() < Sealer.OVERHEAD_BYTES) {
            throw fail();
        }
        if (Sealer.isForNextKey(cipher.count())) {
            cipher.rekey();
        }
        try {
            return cipher.decrypt(new byte[0], sealed.payload());
        } catch (SyncException e) {
            if (e.kind() == ErrorKind.AUTHENTICATION) {
                throw fail();
            }
            throw e;
        }
    }

    private SyncException fail() {
        failed = true;
        cipher.destroy();
        return new SyncException(
                ErrorKind.AUTHENTICATION,
                "message " + (cipher.count() + 1) + " of the peer at " + remote
                        + " is not the next one that it sealed: on the way somebody changed, repeated, reordered or dropped messages, or"
                        + " made one up");
    }
}
