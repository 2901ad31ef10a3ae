package dev.livesync.cli.hub;

import java.nio.file.Path;
import java.util.List;

/**
 * One database, as it is served.
 *
 * @param directory where it is
 * @param addresses where it listens, without secrets
 * @param sessions how many sessions there are
 */
public record ServedEntry(Path directory, List<String> addresses, int sessions) {}
