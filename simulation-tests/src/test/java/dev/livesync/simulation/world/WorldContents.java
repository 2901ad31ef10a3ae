package dev.livesync.simulation.world;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.replica.BlockExchange;
import dev.livesync.database.Database;
import dev.livesync.database.attachments.Attachment;
import dev.livesync.database.pieces.PieceLink;
import dev.livesync.database.pieces.PieceNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/** What is attached in worlds: a few contents, of which no two have a piece in common. */
final class WorldContents {
    static final List<WorldContents> ALL = all(500, 9_000, 40_000, 70_000, 130_000);

    private static final int PROBES_APART = 256;

    private final byte[] bytes;
    private final Attachment attachment;
    private final Set<Cid> blocks = new LinkedHashSet<>();

    private WorldContents(byte[] bytes) {
        this.bytes = bytes;
        try (Database database = Database.inMemory()) {
            attachment = database.attachments().put(new ByteArrayInputStream(bytes), "a/b");
            add(database.replica().blocks().orElseThrow(), attachment.root());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void add(BlockExchange all, Cid cid) {
        Block block = all.block(cid);
        if (block != null && blocks.add(cid) && cid.codec() == Cid.DAG_CBOR) {
            for (PieceLink link : PieceNode.decode(block).links()) {
                add(all, link.cid());
            }
        }
    }

    private static List<WorldContents> all(int... lengths) {
        List<WorldContents> all = new ArrayList<>();
        for (int length : lengths) {
            byte[] bytes = new byte[length];
            new SplittableRandom(length).nextBytes(bytes);
            all.add(new WorldContents(bytes));
        }
        return List.copyOf(all);
    }

    static WorldContents of(int number) {
        return ALL.get(number % ALL.size());
    }

    byte[] bytes() {
        return bytes;
    }

    Attachment attachment() {
        return attachment;
    }

    /** All of it. */
    Set<Cid> blocks() {
        return blocks;
    }

    String json() {
        return "{\"image\":{\"_attachment\":\"" + attachment.root() + "\",\"size\":" + attachment.size()
                + ",\"type\":\"a/b\"}}";
    }

    /** Whether some of it is in files. */
    boolean isIn(Map<String, byte[]> files) {
        Set<Long> probes = new HashSet<>();
        for (int at = 0; at + Long.BYTES <= bytes.length; at += PROBES_APART) {
            probes.add(ByteBuffer.wrap(bytes).getLong(at));
        }
        for (byte[] file : files.values()) {
            ByteBuffer buffer = ByteBuffer.wrap(file);
            for (int at = 0; at + Long.BYTES <= file.length; at++) {
                if (probes.contains(buffer.getLong(at))) {
                    return true;
                }
            }
        }
        return false;
    }

    @Override
    public String toString() {
        return "content of " + bytes.length + " bytes";
    }
}
