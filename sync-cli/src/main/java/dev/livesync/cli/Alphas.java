package dev.livesync.cli;

import dev.livesync.Sync;
import picocli.CommandLine.Option;

/** The option of commands that exchange offers and answers: whether the other side may be an alpha. */
final class Alphas {
    @Option(
            names = "--alpha",
            description =
                    "let the other side be a Fireproof alpha, which proves nothing: whoever carries offer and answer can then read and "
                            + "write along")
    private boolean allowed;

    Sync.Builder allowed(Sync.Builder builder) {
        return builder.allowAlpha(allowed);
    }
}
