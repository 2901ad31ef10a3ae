package dev.livesync.cli;

import dev.livesync.api.Cid;
import dev.livesync.database.versions.DocumentVersion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Draws {@link Lanes} as an SVG, readable on light and dark pages, with a title for each event. */
final class LaneDrawing {
    private static final int STEP = 22;
    private static final int MARGIN = 16;
    private static final int SHORT = 8;
    /** Colours that differ in lightness, too; lanes take turns. */
    private static final String[] COLOURS = {"#2563eb", "#d97706", "#059669", "#be185d", "#7c3aed", "#0e7490"};

    private record Place(int lane, int row) {
        double x() {
            return MARGIN + (double) lane * STEP;
        }

        double y() {
            return MARGIN + (double) row * STEP;
        }
    }

    private final Lanes lanes = new Lanes();
    private final Map<Cid, Place> places = new HashMap<>();
    private final Map<Cid, List<Place>> children = new HashMap<>();
    private final StringBuilder edges = new StringBuilder();
    private final StringBuilder nodes = new StringBuilder();
    private final List<String> texts = new ArrayList<>();
    private int width;

    /** Adds the next event, below those before. */
    void add(DocumentVersion version) {
        Lanes.Row row = lanes.next(version.event(), version.parents());
        Place place = new Place(row.lane(), places.size());
        places.put(version.event(), place);
        width = Math.max(
                width,
                Math.max(
                        row.lane() + 1,
                        Math.max(row.above().length(), row.below().length())));
        for (Place child : children.getOrDefault(version.event(), List.of())) {
            edge(child, place);
        }
        children.remove(version.event());
        for (Cid parent : version.parents()) {
            children.computeIfAbsent(parent, none -> new ArrayList<>()).add(place);
        }
        nodes.append(String.format(
                Locale.ROOT,
                "<circle cx=\"%.0f\" cy=\"%.0f\" r=\"5\" fill=\"%s\"><title>%s</title></circle>\n",
                place.x(),
                place.y(),
                COLOURS[row.lane() % COLOURS.length],
                escaped(version.event().toString())));
        String event = version.event().toString();
        texts.add(event.substring(event.length() - SHORT) + " "
                + VersionLines.line(version).substring(event.length() + 1));
    }

    /** Straight down, but for a bend beside the one of the two that stands further left. */
    private void edge(Place child, Place parent) {
        boolean outwards = child.lane() < parent.lane();
        String path = child.lane() == parent.lane()
                ? "M%1$.0f %2$.0f V%4$.0f"
                : outwards
                        ? "M%1$.0f %2$.0f Q%3$.0f %2$.0f %3$.0f %5$.0f V%4$.0f"
                        : "M%1$.0f %2$.0f V%5$.0f Q%1$.0f %4$.0f %3$.0f %4$.0f";
        edges.append(String.format(
                Locale.ROOT,
                "<path d=\"" + path + "\" stroke=\"%6$s\"/>\n",
                child.x(),
                child.y(),
                parent.x(),
                parent.y(),
                outwards ? child.y() + STEP / 2.0 : parent.y() - STEP / 2.0,
                COLOURS[Math.max(child.lane(), parent.lane()) % COLOURS.length]));
    }

    /** The whole picture; lanes to events that were not added end in dashes. */
    String svg() {
        int last = places.size();
        children.forEach((parent, from) -> from.forEach(child -> edges.append(String.format(
                Locale.ROOT,
                "<path d=\"M%1$.0f %2$.0f V%3$.0f\" stroke=\"%4$s\" stroke-dasharray=\"3 3\"/>\n",
                child.x(),
                child.y(),
                new Place(0, last).y(),
                COLOURS[child.lane() % COLOURS.length]))));
        int left = MARGIN + width * STEP;
        int longest = texts.stream().mapToInt(String::length).max().orElse(0);
        StringBuilder labels = new StringBuilder();
        for (int i = 0; i < texts.size(); i++) {
            labels.append(String.format(
                    Locale.ROOT,
                    "<text x=\"%d\" y=\"%.0f\">%s</text>\n",
                    left,
                    new Place(0, i).y() + 4,
                    escaped(texts.get(i))));
        }
        int high = 2 * MARGIN + last * STEP;
        int wide = left + longest * STEP / 3 + MARGIN;
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + wide + " " + high + "\" width=\"" + wide
                + "\" height=\"" + high + "\" role=\"img\" aria-label=\"a history of " + last + " events\">\n"
                + "<style>text{font:12px ui-monospace,monospace;fill:#1f2937}path{fill:none;stroke-width:2}"
                + "@media(prefers-color-scheme:dark){text{fill:#e5e7eb}}</style>\n" + edges + nodes + labels
                + "</svg>\n";
    }

    private static String escaped(String text) {
        return Visible.text(text).replace("&", "&amp;").replace("<", "&lt;");
    }
}
