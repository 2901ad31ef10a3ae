package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        mixinStandardHelpOptions = true,
        description =
                "Checks and prints a report of the kit for transports and replicas: whether it is as the kit wrote it, whether its "
                        + "verdict follows from the outcomes, and whether all rules are named. Exit code 0 if so and the "
                        + "verdict is CONFORMANT or WITH WAIVERS.")
final class TckReportCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(index = "0", paramLabel = "FILE", description = "the report, a .json from target/tck")
    private Path file = Path.of("");

    @Option(names = "--json", description = "print the result as one line of JSON")
    private boolean json;

    TckReportCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        TckReport report = TckReport.read(file.toString(), bytes());
        RuleList known = report.known();
        List<String> problems = report.problems(known);
        print(report, known, problems);
        if (!problems.isEmpty()) {
            console.error("CORRUPT", file + " cannot be relied on: " + String.join("; ", problems));
            return 1;
        }
        return List.of("CONFORMANT", "WITH WAIVERS").contains(report.text("verdict")) ? 0 : 1;
    }

    private byte[] bytes() throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(TckReport.MAX_BYTES + 1);
            if (bytes.length > TckReport.MAX_BYTES) {
                throw new SyncException(
                        ErrorKind.LIMIT_EXCEEDED,
                        file + " has more than the " + TckReport.MAX_BYTES + " bytes that a report may have");
            }
            return bytes;
        }
    }

    private void print(TckReport report, RuleList known, List<String> problems) {
        if (json) {
            console.result(JsonOutput.object(
                    "ok", problems.isEmpty(),
                    "verdict", report.text("verdict"),
                    "class", report.text("class"),
                    "subject", report.text("subject"),
                    "kit", report.text("kit"),
                    "thisVersion", report.isOfThisVersion(known),
                    "passed", report.rules("passed").size(),
                    "failed", report.rules("failed"),
                    "waivers", report.map("waivers"),
                    "missing", report.list("missing"),
                    "problems", problems));
            return;
        }
        console.print(report.text("line") + "\n");
        console.print(report.text("class") + ", kit " + report.text("kit") + ", JUnit " + report.text("junit") + "\n");
        console.print(report.run() + "\n");
        report.map("facts").forEach((name, fact) -> console.print(name + ": " + fact + "\n"));
        report.rules("failed").forEach(rule -> console.print("failed: " + rule + "\n"));
        report.map("waivers").forEach((rule, reason) -> console.print("waived: " + rule + ", " + reason + "\n"));
        report.list("missing").forEach(rule -> console.print("did not run: " + rule + "\n"));
        report.list("stale").forEach(line -> console.print(line + "\n"));
        String rules = report.isOfThisVersion(known)
                ? "all " + known.rules().size() + " rules of this version's specification are named"
                : "of another version's specification: whether all its rules are named is not checked";
        console.result(problems.isEmpty() ? "digest and verdict are right; " + rules : "not to be relied on");
    }
}
