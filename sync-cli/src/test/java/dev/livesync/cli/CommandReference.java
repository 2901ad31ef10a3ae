package dev.livesync.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The page of all commands, from what they say of themselves. */
final class CommandReference {
    private static final Set<String> EVERYWHERE = Set.of("--help", "--version", "--json");

    private final StringBuilder page = new StringBuilder();

    String page() {
        CommandLine root = new LiveSync(Console.system()).commandLine();
        page.append("""
                # The command

                <!-- CommandReferenceTest writes this page with -Dlivesync.docs=write, from what the commands say of themselves. -->

                `./livesync` in a checkout, `livesync` where [the zip](distribution.md) is on the path. This page is what `livesync help COMMAND` says.

                Results go to standard output, everything else to standard error. Every command takes `--help`; with `--json`, where there is one, every line of either is a JSON object, failures included.

                """);
        exitCodes(root.getCommandSpec());
        root.getSubcommands().forEach((name, command) -> {
            if (!command.getCommandSpec().usageMessage().hidden() && !name.equals("help")) {
                command(name, command.getCommandSpec());
            }
        });
        return page.toString();
    }

    private void command(String name, CommandSpec spec) {
        page.append("## ").append(name).append("\n\n```text\n");
        String synopsis = new Help(spec, Help.defaultColorScheme(Help.Ansi.OFF)).synopsis(0);
        page.append(synopsis.strip().replaceAll("\\s+", " ").replace("[-hV] ", ""))
                .append("\n```\n\n");
        paragraphs(spec.usageMessage().description())
                .forEach(text -> page.append(escaped(text)).append("\n\n"));
        List<String> rows = new ArrayList<>();
        spec.positionalParameters().stream()
                .filter(parameter -> !parameter.hidden())
                .forEach(parameter -> rows.add(row(parameter.paramLabel(), parameter)));
        spec.options().stream()
                .filter(option -> !option.hidden() && EVERYWHERE.stream().noneMatch(List.of(option.names())::contains))
                .forEach(option -> rows.add(row(label(option), option)));
        if (!rows.isEmpty()) {
            page.append("| | |\n|---|---|\n");
            rows.forEach(page::append);
            page.append('\n');
        }
        exitCodes(spec);
    }

    private static String label(OptionSpec option) {
        String names = String.join(", ", option.names());
        return option.arity().max() == 0 ? names : names + "=" + option.paramLabel();
    }

    private static String row(String label, ArgSpec spec) {
        return "| `" + label.replace("|", "\\|") + "` | " + escaped(String.join(" ", paragraphs(spec.description())))
                + " |\n";
    }

    private void exitCodes(CommandSpec spec) {
        Map<String, String> codes = spec.usageMessage().exitCodeList();
        if (!codes.isEmpty()) {
            page.append("| exit code | |\n|---|---|\n");
            codes.forEach((code, meaning) -> page.append("| ")
                    .append(code)
                    .append(" | ")
                    .append(escaped(String.join(" ", paragraphs(meaning))))
                    .append(" |\n"));
            page.append('\n');
        }
    }

    private static List<String> paragraphs(String... texts) {
        return List.of(texts).stream()
                .map(text -> Help.Ansi.OFF
                        .string(text.replace("%n", "\n").replace("%%", "%"))
                        .toString())
                .flatMap(String::lines)
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .collect(Collectors.toList());
    }

    /** What is no markup there is none here. */
    private static String escaped(String text) {
        return text.replaceAll("([\\\\`*_\\[\\]<>|#])", "\\\\$1");
    }
}
