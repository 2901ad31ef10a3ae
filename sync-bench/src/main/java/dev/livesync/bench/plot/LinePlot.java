package dev.livesync.bench.plot;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** How something grows: lines with a point for each measured size, both axes logarithmic. */
public final class LinePlot {
    private static final int WIDTH = 760;
    private static final int HEIGHT = 380;
    private static final int LEFT = 100;
    private static final int RIGHT = 570;
    private static final int TOP = 50;
    private static final int BOTTOM = 320;
    private static final int LEGEND_LINE = 22;

    private LinePlot() {}

    /**
     * Draws one.
     *
     * @param title what it shows
     * @param across the name of the horizontal axis
     * @param lines a name and its values by size, all above 0; at least one
     * @return the text of an SVG file
     */
    public static String draw(String title, String across, Map<String, ? extends Map<Integer, Double>> lines) {
        LogScale x = new LogScale(
                lines.values().stream()
                        .flatMap(line -> line.keySet().stream())
                        .map(Integer::doubleValue)
                        .toList(),
                LEFT,
                RIGHT);
        LogScale y = new LogScale(
                lines.values().stream().flatMap(line -> line.values().stream()).toList(), BOTTOM, TOP);
        SvgImage image = new SvgImage(WIDTH, HEIGHT, title);
        for (double tick : y.ticks()) {
            image.grid(LEFT, y.place(tick), RIGHT, y.place(tick));
            image.text(LEFT - 10, y.place(tick) + 4, "tick", "end", LogScale.label(tick));
        }
        for (double tick : x.ticks()) {
            image.grid(x.place(tick), TOP, x.place(tick), BOTTOM);
            image.text(x.place(tick), BOTTOM + 20, "tick", "middle", LogScale.label(tick));
        }
        image.text((LEFT + RIGHT) / 2.0, BOTTOM + 44, "tick", "middle", across);
        int index = 0;
        for (Map.Entry<String, ? extends Map<Integer, Double>> line : lines.entrySet()) {
            line(image, x, y, line.getKey(), line.getValue(), index++);
        }
        return image.toString();
    }

    private static void line(
            SvgImage image, LogScale x, LogScale y, String name, Map<Integer, Double> values, int index) {
        String colour = SvgImage.colour(index);
        double fromX = Double.NaN;
        double fromY = Double.NaN;
        for (Map.Entry<Integer, Double> entry : new TreeMap<>(values).entrySet()) {
            int size = entry.getKey();
            double value = entry.getValue();
            double toX = x.place(size);
            double toY = y.place(value);
            if (!Double.isNaN(fromX)) {
                image.line(fromX, fromY, toX, toY, colour);
            }
            image.point(toX, toY, colour, true, String.format(Locale.ROOT, "%s: %,.0f at %,d", name, value, size));
            fromX = toX;
            fromY = toY;
        }
        double height = TOP + 10 + index * LEGEND_LINE;
        image.line(RIGHT + 20, height, RIGHT + 44, height, colour);
        image.point(RIGHT + 32, height, colour, true, name);
        image.text(RIGHT + 54, height + 4, "name", "start", name);
    }
}
