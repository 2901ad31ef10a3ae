package dev.livesync.bench.workload;

import java.util.SplittableRandom;

/**
 * Documents as the comparison table has them: flat JSON objects of the same size, realistic enough that no encoding gets
 * them for nothing. Document {@code n} of a seed is always the same, whoever asks and in whatever order.
 */
public final class SampleDocuments {
    /** The size of the documents in the comparison table, in bytes of JSON, the id not counted. */
    public static final int USUAL_BYTES = 185;

    private static final int SMALLEST = 130;

    private static final String[] NAMES = {
        "Ada", "Bruno", "Carla", "Dmitri", "Elif", "Femi", "Grace", "Hiro", "Ines", "Jamal", "Kaja", "Lars", "Mina"
    };
    private static final String[] CITIES = {
        "Accra", "Bergen", "Cusco", "Dhaka", "Evora", "Fukuoka", "Graz", "Hanoi", "Izmir", "Jaipur", "Kyiv", "Lima"
    };
    private static final String[] TAGS = {"blue", "cold", "dry", "early", "free", "green", "high", "inner", "just"};
    private static final String LETTERS = "etaoinshrdlucmfwypvbgkqjxz";

    private final long seed;
    private final int bytes;

    /**
     * Documents of the usual size.
     *
     * @param seed chooses the content
     */
    public SampleDocuments(long seed) {
        this(seed, USUAL_BYTES);
    }

    /**
     * Documents of another size.
     *
     * @param seed chooses the content
     * @param bytes how long the JSON of each is, at least 130
     */
    public SampleDocuments(long seed, int bytes) {
        if (bytes < SMALLEST) {
            throw new IllegalArgumentException("documents of these fields need " + SMALLEST + " bytes or more");
        }
        this.seed = seed;
        this.bytes = bytes;
    }

    /**
     * The id of a document. Ids ascend with their numbers.
     *
     * @param number which, 0 to 9,999,999
     * @return the id
     */
    public static String id(int number) {
        String digits = Integer.toString(number);
        return "doc-" + "0".repeat(Math.max(0, 7 - digits.length())) + digits;
    }

    /**
     * The first content of a document.
     *
     * @param number which
     * @return an object without insignificant spaces, ASCII
     */
    public String json(int number) {
        return json(number, 0);
    }

    /**
     * The content of a document after some edits.
     *
     * @param number which
     * @param revision how many edits
     * @return an object of the same size; another one than that of any other revision
     */
    public String json(int number, int revision) {
        SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + ((long) revision << 32) + number);
        StringBuilder json = new StringBuilder(bytes);
        json.append("{\"name\":\"").append(pick(NAMES, random));
        json.append("\",\"city\":\"").append(pick(CITIES, random));
        json.append("\",\"born\":").append(1940 + random.nextInt(70));
        json.append(",\"rating\":").append(random.nextInt(1, 100)).append(".5");
        json.append(",\"active\":").append(random.nextBoolean());
        json.append(",\"revision\":").append(revision);
        json.append(",\"tags\":[\"").append(pick(TAGS, random));
        json.append("\",\"").append(pick(TAGS, random));
        json.append("\"],\"note\":\"");
        while (json.length() < bytes - 2) {
            json.append(random.nextInt(6) == 0 ? ' ' : LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        return json.append("\"}").toString();
    }

    private static String pick(String[] from, SplittableRandom random) {
        return from[random.nextInt(from.length)];
    }
}
