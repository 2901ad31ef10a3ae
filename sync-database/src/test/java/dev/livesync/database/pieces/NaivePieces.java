package dev.livesync.database.pieces;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Value;
import dev.livesync.car.DagCbor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Pieces and trees as {@code docs/attachments.md} defines them, with the whole content at hand and no thought for speed. */
final class NaivePieces {
    private static final long[] GEAR = new SplittableRandom(0).longs(256).toArray();

    private NaivePieces() {}

    static List<byte[]> pieces(byte[] content) {
        List<byte[]> pieces = new ArrayList<>();
        int start = 0;
        while (start < content.length) {
            int end = start + 1;
            while (end < content.length && !endsAt(content, start, end)) {
                end++;
            }
            pieces.add(Arrays.copyOfRange(content, start, end));
            start = end;
        }
        return content.length == 0 ? List.of(content) : pieces;
    }

    /** Whether a piece that began at start ends before the byte at end. */
    private static boolean endsAt(byte[] content, int start, int end) {
        int length = end - start;
        if (length <= 16_384) {
            return false;
        }
        if (length == 262_144) {
            return true;
        }
        long sum = 0;
        for (int i = end - 1, shift = 0; shift < 64 && i >= start + 16_384; i--, shift++) {
            sum += GEAR[content[i] & 0xff] << shift;
        }
        return Long.numberOfLeadingZeros(sum) >= (length <= 65_536 ? 18 : 14);
    }

    /** The root of a content, by levels. */
    static PieceLink root(byte[] content) {
        return root(pieces(content).stream()
                .map(piece -> new PieceLink(Cid.hash(Cid.RAW, piece), piece.length))
                .toList());
    }

    static PieceLink root(List<PieceLink> pieces) {
        List<PieceLink> level = pieces;
        for (int height = 1; level.size() > 1; height++) {
            List<PieceLink> above = new ArrayList<>();
            List<PieceLink> node = new ArrayList<>();
            for (PieceLink link : level) {
                node.add(link);
                byte[] cid = new byte[Cid.BYTES];
                link.cid().writeTo(cid, 0);
                if (node.size() == 1_024 || node.size() >= 16 && cid[35] == 0) {
                    above.add(node(height, node));
                    node = new ArrayList<>();
                }
            }
            if (!node.isEmpty()) {
                above.add(node(height, node));
            }
            level = above;
        }
        return level.get(0);
    }

    private static PieceLink node(int height, List<PieceLink> links) {
        List<Value> pairs = links.stream()
                .<Value>map(link -> new Value.Sequence(List.of(new Value.Link(link.cid()), new Value.Int(link.size()))))
                .toList();
        byte[] bytes = DagCbor.encode(
                new Value.Mapping(Map.of("pieces", new Value.Sequence(pairs), "height", new Value.Int(height))));
        return new PieceLink(
                Block.of(Cid.DAG_CBOR, bytes).cid(),
                links.stream().mapToLong(PieceLink::size).sum());
    }
}
