package dev.livesync.cli;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Draws {@link Lanes} with the box drawing characters of Unicode, two columns a lane. */
final class LaneText {
    /** More lanes than a terminal shows beside a line of text. */
    private static final int MOST = 40;

    private LaneText() {}

    /** The lines of one event; its own, which text may follow, is where {@code text} goes. */
    static List<String> lines(Lanes.Row row, String text) {
        List<String> lines = new ArrayList<>();
        if (!row.joined().isEmpty()) {
            lines.add(cut(connection(row.lane(), row.joined(), row.above(), new BitSet(), '╯', '╰', '┴')));
        }
        BitSet beside = new BitSet();
        beside.or(row.above());
        beside.andNot(row.joined());
        beside.set(row.lane());
        StringBuilder own = new StringBuilder();
        for (int i = 0; i < beside.length(); i++) {
            own.append(i == row.lane() ? '●' : beside.get(i) ? '│' : ' ').append(' ');
        }
        lines.add(cut(own.toString()) + text);
        BitSet others = new BitSet();
        row.parents().forEach(others::set);
        others.clear(row.lane());
        if (!others.isEmpty()) {
            BitSet kept = new BitSet();
            kept.or(beside);
            kept.and(others);
            beside.or(row.below());
            beside.set(row.lane(), true);
            lines.add(cut(connection(row.lane(), others, beside, kept, '╮', '╭', '┬')));
        }
        return lines;
    }

    /** A line between one lane and others: those end or begin here, but for those that go on both ways. */
    private static String connection(
            int lane, BitSet others, BitSet lanes, BitSet kept, char right, char left, char between) {
        int first = Math.min(lane, others.nextSetBit(0));
        int last = Math.max(lane, others.length() - 1);
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < Math.max(lanes.length(), last + 1); i++) {
            boolean inside = i > first && i < last;
            if (i == lane) {
                line.append(first == lane ? '├' : last == lane ? '┤' : '┼');
            } else if (others.get(i)) {
                line.append(
                        kept.get(i)
                                ? (i == last ? '┤' : i == first ? '├' : '┼')
                                : i == last ? right : i == first ? left : between);
            } else {
                line.append(lanes.get(i) ? '│' : inside ? '─' : ' ');
            }
            line.append(i >= first && i < last ? '─' : ' ');
        }
        return line.toString().stripTrailing();
    }

    private static String cut(String line) {
        return line.length() <= 2 * MOST ? line : line.substring(0, 2 * MOST - 2) + "… ";
    }
}
