package dev.livesync.car;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Value;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;

/**
 * What a CAR that has to be whole may end with: a block that says how many blocks came before it, and what their CIDs hash to. A
 * block's own hash covers its bytes, and not the codec under which its CID names them; and a CAR that ends between two blocks looks
 * whole. Other readers find one more block of dag-cbor. For one thread. {@code docs/formats.md} has the form.
 */
public final class CarSeal {
    private static final String KEY = "livesync-seal";

    private final MessageDigest digest;
    private final byte[] bytes = new byte[Cid.BYTES];
    private long blocks;

    /** Of no blocks. */
    public CarSeal() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    /**
     * One more block.
     *
     * @param cid its CID; blocks count in their order in the CAR
     */
    public void add(Cid cid) {
        cid.writeTo(bytes, 0);
        digest.update(bytes);
        blocks++;
    }

    /**
     * The block that seals what was added.
     *
     * @return a block of dag-cbor, the same one for the same CIDs
     */
    public Block block() {
        byte[] hash;
        try {
            hash = ((MessageDigest) digest.clone()).digest();
        } catch (CloneNotSupportedException e) {
            throw new AssertionError("SHA-256 can be cloned in every Java we know", e);
        }
        Value said = new Value.Mapping(Map.of("blocks", new Value.Int(blocks), "cids", new Value.Bytes(hash)));
        return DagCbor.block(new Value.Mapping(Map.of(KEY, said)), Limits.DEFAULT);
    }

    /**
     * Whether a block seals what was added.
     *
     * @param last the CAR's last block, which was not added
     * @return false if it is any other block
     */
    public boolean isSealedBy(Block last) {
        return last.cid().equals(block().cid());
    }
}
