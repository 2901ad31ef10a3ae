package dev.livesync.bench.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** The child's end: answers one line after the other until its parent closes stdin. */
public final class Served {
    /** What a child can do. */
    @FunctionalInterface
    public interface Service {
        /**
         * Does what a line asks for.
         *
         * @param request the line
         * @return the answer
         * @throws Exception reported to the parent as an error
         */
        Line answer(Line request) throws Exception;
    }

    private Served() {}

    /**
     * Serves on stdin and stdout. Whatever else prints to stdout goes to stderr from here on.
     *
     * @param service answers
     * @throws IOException if stdin breaks
     */
    public static void run(Service service) throws IOException {
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            answers.println(answer(service, line));
        }
    }

    @SuppressWarnings("CatchAndPrintStackTrace") // to stderr, which the parent shows: this is for whoever measures
    private static Line answer(Service service, String line) {
        try {
            return service.answer(Line.parse(line));
        } catch (Exception e) {
            e.printStackTrace();
            return Line.of("error").with("message", e.toString());
        }
    }
}
