package dev.livesync.bench.plot;

import java.util.Locale;

/**
 * An image that is being drawn. Its ground is transparent, its text and lines follow the reader's colour scheme, and without one are of a grey that
 * both have.
 */
final class SvgImage {
    private static final String[] COLOURS = {
        "#3b7dd8", "#149a80", "#d9822b", "#b5539c", "#82902f", "#cf5148", "#7f7f87", "#8a6ad0"
    };

    private final StringBuilder text = new StringBuilder();

    SvgImage(int width, int height, String title) {
        text.append(String.format(Locale.ROOT, """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" width="%1$d" height="%2$d" role="img">
                <title>%3$s</title>
                <style>
                text { font: 12px system-ui, sans-serif; fill: #6e7781 }
                .title { font-size: 14px; font-weight: 600 }
                .grid { stroke: #8b949e; stroke-opacity: 0.35; fill: none }
                @media (prefers-color-scheme: light) { text { fill: #1f2328 } }
                @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } }
                </style>
                """, width, height, escape(title)));
        text(20, 24, "title", "start", title);
    }

    /** One of the colours, over and over. */
    static String colour(int index) {
        return COLOURS[index % COLOURS.length];
    }

    void text(double x, double y, String style, String anchor, String content) {
        add(
                "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\" text-anchor=\"%s\">%s</text>",
                x, y, style, anchor, escape(content));
    }

    void grid(double x1, double y1, double x2, double y2) {
        add("<path class=\"grid\" d=\"M%.1f %.1fL%.1f %.1f\"/>", x1, y1, x2, y2);
    }

    void line(double x1, double y1, double x2, double y2, String colour) {
        add(
                "<path d=\"M%.1f %.1fL%.1f %.1f\" stroke=\"%s\" stroke-width=\"2\" fill=\"none\"/>",
                x1, y1, x2, y2, colour);
    }

    /** A point: filled or a ring, told to whoever asks what it is. */
    void point(double x, double y, String colour, boolean filled, String meaning) {
        add(
                "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4.5\" fill=\"%s\" stroke=\"%s\" stroke-width=\"2\"><title>%s</title></circle>",
                x, y, filled ? colour : "none", colour, escape(meaning));
    }

    private void add(String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    private static String escape(String content) {
        return content.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    @Override
    public String toString() {
        return text + "</svg>\n";
    }
}
