package dev.livesync.car;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.Value;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An event whose block has been checked. The value stays in the block until somebody asks. */
final class DecodedEvent implements Event {
    private final Block block;
    private final Type type;
    private final String key;
    private final @Nullable Cid root;
    private final List<Cid> parents;
    private final int valueAt;
    private final int valueSize;
    /** Immutable and the same for all who build it at once, so a race is harmless. */
    private @Nullable Value value;

    DecodedEvent(
            Block block, Type type, String key, @Nullable Cid root, List<Cid> parents, int valueAt, int valueSize) {
        this.block = block;
        this.type = type;
        this.key = key;
        this.root = root;
        this.parents = parents;
        this.valueAt = valueAt;
        this.valueSize = valueSize;
    }

    @Override
    public Block block() {
        return block;
    }

    @Override
    public Type type() {
        return type;
    }

    @Override
    public String key() {
        return key;
    }

    @Override
    public @Nullable Cid root() {
        return root;
    }

    @Override
    public List<Cid> parents() {
        return parents;
    }

    @Override
    public Value value() {
        Value v = value;
        if (v == null) {
            v = encodedValue().value();
            value = v;
        }
        return v;
    }

    Encoded encodedValue() {
        return new Encoded(block.bytes(), valueAt, valueSize, block.cid());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Event e && cid().equals(e.cid());
    }

    @Override
    public int hashCode() {
        return cid().hashCode();
    }

    /** Type and CID; neither key nor value. */
    @Override
    public String toString() {
        return (type == Type.PUT ? "put " : "del ") + cid();
    }
}
