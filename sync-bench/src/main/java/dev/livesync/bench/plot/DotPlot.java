package dev.livesync.bench.plot;

import dev.livesync.bench.report.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Who takes how much: a line for each, with one or two points on a logarithmic axis, at medians, and the quartiles as a stroke. Not bars, which have no
 * beginning on such an axis.
 */
public final class DotPlot {
    private static final int WIDTH = 760;
    private static final int LEFT = 180;
    private static final int RIGHT = 720;
    private static final int TOP = 56;
    private static final int ROW = 32;

    private static final double LOWER = 0.25;
    private static final double UPPER = 0.75;

    private DotPlot() {}

    /**
     * Draws one.
     *
     * @param title what it shows
     * @param across the name of the axis
     * @param rows a name and its measurements, all above 0: of the first kind a point, of a second a ring
     * @return the text of an SVG file
     */
    public static String draw(String title, String across, Map<String, List<Samples>> rows) {
        int bottom = TOP + rows.size() * ROW;
        List<Double> all = new ArrayList<>();
        rows.values()
                .forEach(kinds -> kinds.forEach(samples -> {
                    all.add(samples.quantile(LOWER));
                    all.add(samples.quantile(UPPER));
                }));
        LogScale x = new LogScale(all, LEFT, RIGHT);
        SvgImage image = new SvgImage(WIDTH, bottom + 60, title);
        for (double tick : x.ticks()) {
            image.grid(x.place(tick), TOP - 10, x.place(tick), bottom);
            image.text(x.place(tick), bottom + 20, "tick", "middle", LogScale.label(tick));
        }
        image.text((LEFT + RIGHT) / 2.0, bottom + 44, "tick", "middle", across);
        int row = 0;
        for (Map.Entry<String, List<Samples>> entry : rows.entrySet()) {
            double y = TOP + (row + 0.5) * ROW;
            image.grid(LEFT, y, RIGHT, y);
            image.text(LEFT - 14, y + 4, "name", "end", entry.getKey());
            boolean filled = true;
            for (Samples samples : entry.getValue()) {
                String colour = SvgImage.colour(row);
                image.line(x.place(samples.quantile(LOWER)), y, x.place(samples.quantile(UPPER)), y, colour);
                image.point(
                        x.place(samples.median()),
                        y,
                        colour,
                        filled,
                        String.format(Locale.ROOT, "%s: %,.4g", entry.getKey(), samples.median()));
                filled = false;
            }
            row++;
        }
        return image.toString();
    }
}
