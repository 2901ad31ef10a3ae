package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.ErrorKind;
import dev.livesync.car.CarReader;
import dev.livesync.car.CarV2;
import dev.livesync.fuzz.FuzzedReader;
import dev.livesync.fuzz.Seeds;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPOutputStream;

/** What people give to the command: files to import, packed or not, reports of the kit, signals on standard input. */
public final class CliFuzz {
    private CliFuzz() {}

    /**
     * The targets.
     *
     * @return in any order
     */
    public static List<FuzzedReader> all() {
        return List.of(
                FuzzedReader.small(
                                "import-file",
                                Set.of(
                                        ErrorKind.MALFORMED,
                                        ErrorKind.UNSUPPORTED,
                                        ErrorKind.LIMIT_EXCEEDED,
                                        ErrorKind.HASH_MISMATCH,
                                        ErrorKind.INVALID_ARGUMENT),
                                CliFuzz::importFile,
                                CliFuzz::files)
                        .allocating(8_000),
                FuzzedReader.small(
                                "tck-report",
                                Set.of(ErrorKind.MALFORMED, ErrorKind.UNSUPPORTED),
                                CliFuzz::report,
                                CliFuzz::reports)
                        .allocating(64_000),
                FuzzedReader.small(
                        "signal-input",
                        Set.of(ErrorKind.INVALID_ARGUMENT, ErrorKind.LIMIT_EXCEEDED, ErrorKind.MALFORMED),
                        CliFuzz::signal,
                        () -> Seeds.texts(
                                "eyJ0eXBlIjoib2ZmZXIifQ==\nmore",
                                "{\"type\":\"offer\",\"offer\":\"eyJ9\"}\n",
                                "\n\neyJ9\n")));
    }

    private static void importFile(byte[] input) throws IOException {
        int number = 0;
        try (InputFile file = InputFile.open("-", new ByteArrayInputStream(input))) {
            switch (file.format()) {
                case CAR -> drain(new CarReader(file.stream()));
                case CAR_V2 -> drain(new CarReader(CarV2.inner(file.stream())));
                case JSON -> {
                    int[] generated = {0};
                    JsonRecords records =
                            new JsonRecords(file.text(), IdRule.standard(() -> "generated" + generated[0]++));
                    for (InputRecord record = records.next(); record != null; record = records.next()) {
                        number++;
                        assertThat(record.place().line()).isPositive();
                        assertThat(record.json()).startsWith("{").endsWith("}");
                    }
                }
                default -> throw new AssertionError();
            }
        }
        assertThat(number).isLessThan(1 + 100 * input.length);
    }

    private static void drain(CarReader car) throws IOException {
        car.roots();
        while (car.next() != null) {
            // On.
        }
    }

    private static List<byte[]> files() {
        List<byte[]> files = new ArrayList<>(Seeds.texts(
                "{\"_id\":\"a\",\"n\":1}\n{\"_id\":\"b\",\"_rev\":\"1-ab\",\"_deleted\":true}\n",
                "[{\"_id\":{\"$oid\":\"507f\"}},{\"x\":[1.5e3,null]}]",
                "{\"total_rows\":1,\"rows\":[{\"id\":\"a\",\"doc\":{\"_id\":\"a\",\"_attachments\":{\"f\":{\"stub\":true}}}}]}",
                "{\"results\":[{\"id\":\"a\",\"deleted\":true}],\"last_seq\":3}"));
        files.add("\ufeff{\"_id\":\"a\"}".getBytes(StandardCharsets.UTF_16LE));
        files.add(packed(files.get(0)));
        return files;
    }

    private static byte[] packed(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static void report(byte[] input) {
        TckReport report = TckReport.read("the file", input);
        RuleList known = report.known();
        report.problems(known);
        report.isOfThisVersion(known);
        report.run();
        report.map("facts");
        report.rules("failed");
    }

    private static List<byte[]> reports() {
        return Seeds.texts(
                "{\"format\":1,\"kit\":\"0.1.0\",\"specification\":\"sha256:00\",\"junit\":\"6\",\"scale\":\"1.0\","
                        + "\"seeds\":1,\"environment\":{\"java\":\"17\"},\"class\":\"C\",\"subject\":\"s\","
                        + "\"began\":\"2026-01-01T00:00:00Z\",\"millis\":5,\"verdict\":\"CONFORMANT\",\"line\":\"l\",\"facts\":{\"a\":\"b\"},"
                        + "\"waivers\":{},\"rules\":[{\"rule\":\"T1.1\",\"test\":\"t\",\"outcome\":\"passed\"}],\"missing\":[],\"stale\":[],"
                        + "\"digest\":\"x\"}");
    }

    private static void signal(byte[] input) throws IOException {
        String text = SignalInput.read(new ByteArrayInputStream(input), "the offer");
        assertThat(text.length()).isLessThanOrEqualTo(input.length);
    }
}
