package dev.livesync.tck.standalone;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What was typed. */
@Command(
        name = "java -jar sync-tck-standalone.jar",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        exitCodeOnInvalidInput = VerdictCommand.NOT_RUN,
        exitCodeOnExecutionException = VerdictCommand.NOT_RUN,
        description = "Says whether a transport or a replica of LiveSync keeps the rules.",
        footerHeading = "%nExit codes:%n",
        footer = {
            "  0  every class conforms, or does so with its waivers",
            "  1  a rule is broken",
            "  2  it could not be run, and standard error says why",
            "  3  no rule is broken, but only some were asked for: no verdict"
        })
final class VerdictCommand implements Callable<Integer> {
    static final int CONFORMANT = 0;
    static final int NOT_CONFORMANT = 1;
    static final int NOT_RUN = 2;
    static final int NO_VERDICT = 3;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = {"--classpath", "-cp"},
            required = true,
            paramLabel = "PATH",
            description =
                    "the transport or replica, its test class and all libraries that they need: directories, jars and DIR/*, as"
                            + " java takes them. The kit, JUnit and LiveSync are here already")
    private List<String> classPath = List.of();

    @Option(
            names = "--class",
            required = true,
            paramLabel = "NAME",
            description = "a class that extends TransportTck or ReplicaTck; may be repeated")
    private List<String> classes = List.of();

    @Option(
            names = "--rule",
            paramLabel = "ID",
            description = "run only the tests of this rule, such as T4.1, which gives no verdict; may be repeated")
    private Set<String> rules = new TreeSet<>();

    /** The kit's messages name the property, which a build takes. */
    @Option(
            names = "--scale",
            paramLabel = "N",
            defaultValue = "${sys:livesync.tck.scale:-1}",
            description = "multiply all timeouts, for slow machines; so does java -Dlivesync.tck.scale=N")
    private double scale = 1;

    @Option(names = "--report", paramLabel = "DIR", description = "write the reports to this directory")
    private @Nullable Path reports;

    @Override
    public Integer call() {
        if (!(scale > 0)) {
            throw wrong("--scale must be more than 0, not " + scale);
        }
        if (reports != null && !rules.isEmpty()) {
            throw wrong("--report needs all rules, and --rule selects some");
        }
        try (SubjectPath path = new SubjectPath(classPath)) {
            List<Class<?>> kits = classes.stream().<Class<?>>map(path::kit).toList();
            path.otherVersions().forEach(System.err::println);
            int worst = CONFORMANT;
            boolean notRun = false;
            for (Class<?> kit : kits) {
                try {
                    worst = worse(worst, new KitRun(kit, path, scale, rules).verdict(reports));
                } catch (NotRunException e) { // the other classes are run all the same
                    System.err.println("could not run: " + e.getMessage());
                    notRun = true;
                }
            }
            return notRun ? NOT_RUN : worst;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int worse(int a, int b) {
        return a == NOT_CONFORMANT || b == NOT_CONFORMANT ? NOT_CONFORMANT : Math.max(a, b);
    }

    private ParameterException wrong(String message) {
        if (spec == null) {
            throw new IllegalStateException(message);
        }
        return new ParameterException(spec.commandLine(), message);
    }
}
