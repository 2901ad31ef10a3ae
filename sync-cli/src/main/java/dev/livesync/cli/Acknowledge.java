package dev.livesync.cli;

import java.util.Collection;

/** Prints which documents are durable, in whole lines that have left the process when the call returns. */
final class Acknowledge {
    private final Console console;
    private final Output output;
    private final boolean wanted;

    Acknowledge(Console console, Output output, boolean wanted) {
        this.console = console;
        this.output = output;
        this.wanted = wanted;
    }

    void stored(Collection<String> ids) {
        say("stored", ids);
    }

    void deleted(Collection<String> ids) {
        say("deleted", ids);
    }

    private void say(String what, Collection<String> ids) {
        if (wanted && !ids.isEmpty()) {
            StringBuilder lines = new StringBuilder();
            for (String id : ids) {
                lines.append(output.json ? JsonOutput.object(what, id) : what + " " + id)
                        .append('\n');
            }
            console.print(lines.toString());
            console.flush();
        }
    }
}
