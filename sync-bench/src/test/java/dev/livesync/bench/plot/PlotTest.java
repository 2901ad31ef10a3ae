package dev.livesync.bench.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.livesync.bench.report.Samples;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class PlotTest {
    @Test
    void pointsAreWhereTheirValuesAre() throws Exception {
        Map<String, Map<Integer, Double>> lines = new TreeMap<>();
        lines.put("a <b>", new TreeMap<>(Map.of(1_000, 200.0, 100_000, 20_000.0)));
        Document image = parse(LinePlot.draw("Growth & more", "documents", lines));
        assertThat(texts(image)).contains("Growth & more", "documents", "a <b>", "100", "1,000", "100,000");

        // Read back as a reader does, from the labels of the axes.
        List<Element> points = circles(image);
        for (int i = 0; i < 2; i++) {
            double x = number(points.get(i), "cx");
            double y = number(points.get(i), "cy");
            double across =
                    between(label(image, "1,000", "middle", "x"), 3, label(image, "100,000", "middle", "x"), 5, x);
            double up = between(label(image, "100", "end", "y") - 4, 2, label(image, "100,000", "end", "y") - 4, 5, y);
            assertThat(across).isCloseTo(i == 0 ? 3 : 5, within(0.01));
            assertThat(up).isCloseTo(Math.log10(i == 0 ? 200 : 20_000), within(0.01));
        }
    }

    @Test
    void dotsHaveARowEach() throws Exception {
        Map<String, List<Samples>> rows = new TreeMap<>();
        rows.put("first", List.of(Samples.of(1, 2, 3), Samples.of(30, 20, 40)));
        rows.put("second", List.of(Samples.of(10, 20, 30), Samples.of(300, 200, 400)));
        Document image = parse(DotPlot.draw("Delay", "ms", rows));
        List<Element> points = circles(image);
        assertThat(points).hasSize(4);
        assertThat(number(points.get(0), "cy"))
                .isEqualTo(number(points.get(1), "cy"))
                .isLessThan(number(points.get(2), "cy"));
        double one = label(image, "1", "middle", "x");
        double thousand = label(image, "1,000", "middle", "x");
        assertThat(between(one, 0, thousand, 3, number(points.get(0), "cx"))).isCloseTo(Math.log10(2), within(0.01));
        assertThat(between(one, 0, thousand, 3, number(points.get(3), "cx"))).isCloseTo(Math.log10(300), within(0.01));
        assertThat(points.get(0).getAttribute("fill")).isEqualTo(points.get(0).getAttribute("stroke"));
        assertThat(points.get(1).getAttribute("fill")).as("a ring").isEqualTo("none");
    }

    @Test
    void anImageRunsNothingAndFetchesNothing() throws Exception {
        String text = DotPlot.draw("One", "ms", Map.of("a", List.of(Samples.of(5))));
        Document image = parse(text);
        assertThat(image.getElementsByTagName("script").getLength()).isZero();
        NodeList all = image.getElementsByTagName("*");
        for (int i = 0; i < all.getLength(); i++) {
            for (int j = 0; j < all.item(i).getAttributes().getLength(); j++) {
                assertThat(all.item(i).getAttributes().item(j).getNodeName())
                        .doesNotStartWith("on")
                        .doesNotContain("href");
            }
        }
        assertThat(text)
                .contains("prefers-color-scheme: dark", "prefers-color-scheme: light")
                .doesNotContain("url(", "@import");
    }

    @Test
    void nothingIsNotOnALogarithmicAxis() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LinePlot.draw("One", "documents", Map.of("a", Map.of(10, 0.0))));
        assertThat(LogScale.label(0.01)).isEqualTo("0.01");
        assertThat(LogScale.label(1_000_000)).isEqualTo("1,000,000");
    }

    private static Document parse(String text) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        return factory.newDocumentBuilder().parse(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static List<Element> elements(Document image, String name) {
        List<Element> found = new ArrayList<>();
        NodeList nodes = image.getElementsByTagName(name);
        for (int i = 0; i < nodes.getLength(); i++) {
            found.add((Element) nodes.item(i));
        }
        return found;
    }

    private static List<Element> circles(Document image) {
        return elements(image, "circle");
    }

    private static List<String> texts(Document image) {
        return elements(image, "text").stream().map(Element::getTextContent).toList();
    }

    private static double label(Document image, String content, String anchor, String axis) {
        return elements(image, "text").stream()
                .filter(text -> text.getTextContent().equals(content))
                .filter(text -> text.getAttribute("text-anchor").equals(anchor))
                .mapToDouble(text -> number(text, axis))
                .findFirst()
                .orElseThrow();
    }

    private static double number(Element element, String attribute) {
        return Double.parseDouble(element.getAttribute(attribute));
    }

    private static double between(double from, double low, double to, double high, double place) {
        return low + (place - from) / (to - from) * (high - low);
    }
}
