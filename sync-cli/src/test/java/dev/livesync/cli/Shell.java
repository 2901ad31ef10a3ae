package dev.livesync.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Runs commands in this process and keeps what they printed. */
final class Shell {
    private String out = "";
    private String err = "";
    private byte[] in = {};
    private Map<String, String> environment = Map.of();
    private boolean terminal;

    Shell input(String text) {
        return input(text.getBytes(StandardCharsets.UTF_8));
    }

    Shell input(byte[] bytes) {
        in = bytes.clone();
        return this;
    }

    Shell environment(String name, String value) {
        environment = Map.of(name, value);
        return this;
    }

    Shell terminal() {
        terminal = true;
        return this;
    }

    int run(Object... args) {
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        Console console = new Console(
                new ByteArrayInputStream(in),
                new PrintStream(outBytes, false, StandardCharsets.UTF_8),
                new PrintStream(errBytes, false, StandardCharsets.UTF_8),
                environment,
                () -> terminal);
        int code = new LiveSync(console)
                .run(Arrays.stream(args).map(Object::toString).toArray(String[]::new));
        out = outBytes.toString(StandardCharsets.UTF_8);
        err = errBytes.toString(StandardCharsets.UTF_8);
        return code;
    }

    /** Runs what has to succeed and returns its standard output, line by line. */
    List<String> lines(Object... args) {
        int code = run(args);
        if (code != 0) {
            throw new AssertionError("exit code " + code + ": " + err);
        }
        return out.lines().toList();
    }

    String out() {
        return out;
    }

    String err() {
        return err;
    }
}
