package dev.livesync.transport.libp2p;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.Digests;
import dev.livesync.transport.support.libp2p.Libp2pFailures;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A peer's id: a multihash of its public key, or the key itself if it is short. */
final class PeerId {
    /** Longer than the text of any peer id. */
    private static final int MAX_TEXT = 128;
    /** Keys up to this length are contained in the id. */
    private static final int MAX_INLINE = 42;

    private static final int IDENTITY = 0x00;
    private static final int SHA2_256 = 0x12;
    private static final int LIBP2P_KEY = 0x72;

    private final byte[] multihash;

    private PeerId(byte[] multihash) {
        this.multihash = multihash;
    }

    /** Computes the id of a public key in libp2p's protobuf. */
    static PeerId ofKey(byte[] encodedKey) {
        boolean inline = encodedKey.length <= MAX_INLINE;
        byte[] digest = inline ? encodedKey : Digests.sha256(encodedKey);
        byte[] multihash = new byte[2 + digest.length];
        multihash[0] = (byte) (inline ? IDENTITY : SHA2_256);
        multihash[1] = (byte) digest.length;
        System.arraycopy(digest, 0, multihash, 2, digest.length);
        return new PeerId(multihash);
    }

    /** Parses an id in either of its two forms: base58 ({@code 12D3Koo…}, {@code Qm…}), or a CID. */
    static PeerId parse(String text) {
        PeerId parsed = text.length() > MAX_TEXT ? null : read(text);
        if (parsed == null) {
            throw new SyncException(ErrorKind.CONFIGURATION, "'" + Libp2pFailures.shown(text) + "' is no peer id");
        }
        return parsed;
    }

    private static @Nullable PeerId read(String text) {
        if (text.startsWith("1") || text.startsWith("Qm")) {
            return ofMultihash(Bases.fromBase58(text));
        }
        byte[] cid = Bases.fromMultibase(text);
        return cid == null || cid.length < 2 || cid[0] != 1 || cid[1] != LIBP2P_KEY
                ? null
                : ofMultihash(Arrays.copyOfRange(cid, 2, cid.length));
    }

    private static @Nullable PeerId ofMultihash(byte @Nullable [] bytes) {
        if (bytes == null || bytes.length < 2 || bytes[1] != bytes.length - 2) {
            return null;
        }
        boolean known = bytes[0] == SHA2_256 ? bytes[1] == 32 : bytes[0] == IDENTITY && holdsKey(bytes);
        return known ? new PeerId(bytes) : null;
    }

    /** Whether the content of an identity multihash is a key, of whatever type. */
    private static boolean holdsKey(byte[] multihash) {
        try {
            Protobuf key = Protobuf.read("it", Arrays.copyOfRange(multihash, 2, multihash.length));
            return multihash.length <= 2 + MAX_INLINE && key.number(1) != null && key.bytes(2) != null;
        } catch (SyncException e) {
            return false;
        }
    }

    byte[] bytes() {
        return multihash.clone();
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof PeerId other && Arrays.equals(multihash, other.multihash);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(multihash);
    }

    /** The id in base58. */
    @Override
    public String toString() {
        return Bases.base58(multihash);
    }
}
