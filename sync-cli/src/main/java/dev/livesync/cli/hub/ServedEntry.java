package dev.livesync.cli.hub;

import java.nio.file.Path;
import java.util.List;

/**
 * One database, as it is served.
 *
 * @param directory where it is
 * @param name in the group of those that share addresses; empty if it is in none
 * @param addresses where it listens, without secrets
 * @param sessions how many sessions there are
 */
public record ServedEntry(Path directory, String name, List<String> addresses, int sessions) {}
