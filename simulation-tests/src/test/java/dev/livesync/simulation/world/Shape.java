package dev.livesync.simulation.world;

import dev.livesync.grant.Rights;
import dev.livesync.transport.memory.MemoryConfiguration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;

/**
 * What a world is made of, by its seed.
 *
 * @param machines how many there are to begin with, a guest included
 * @param length how many actions its plan has
 * @param theme what happens more often than elsewhere
 * @param binding whether channels have a binding, so that nothing is sealed
 * @param relayed whether dialled channels go through somebody's server, so that sessions look for a direct one
 * @param mesh whether machines find each other, and need not be told whom to keep
 * @param processes whether two databases, which must never meet, are in each process
 * @param alpha whether the first machine takes an alpha
 * @param guest what the last machine may do, which has a grant of the first one's; empty if there is none
 * @param attachments whether documents name contents, which are fetched, forgotten and erased
 * @param hubs how many of the first machines serve one database from a store that they share; 0 where each has its own
 * @param messageBytes the longest message of a channel
 * @param transitBytes the memory for what is under way
 */
record Shape(
        int machines,
        int length,
        Theme theme,
        boolean binding,
        boolean relayed,
        boolean mesh,
        boolean processes,
        boolean alpha,
        Optional<Rights> guest,
        boolean attachments,
        int hubs,
        int messageBytes,
        long transitBytes) {
    /** What happens more often than elsewhere, so that rare things meet. */
    enum Theme {
        EVEN,
        DISKS,
        DAMAGE,
        WIRES,
        BYTES,
        COPIES
    }

    private static final List<Theme> THEMES = List.of(Theme.values());
    private static final List<Rights> RIGHTS = List.of(Rights.values());
    private static final int[] MESSAGE_BYTES = {4_096, 16_384, 65_536, 262_144, 262_144, 262_144};

    static Shape of(Random random) {
        int size = random.nextInt(20);
        boolean alpha = random.nextInt(6) == 0;
        boolean guest = !alpha && random.nextInt(5) == 0;
        boolean processes = !alpha && !guest && random.nextInt(6) == 0;
        boolean mesh = !alpha && !guest && !processes && random.nextInt(6) == 0;
        int machines = 2 + random.nextInt(size < 15 ? 2 : 4);
        return new Shape(
                processes ? (machines + 1) / 2 * 2 + 2 : machines + (guest ? 1 : 0),
                size < 15 ? 12 + random.nextInt(36) : 40 + random.nextInt(size < 19 ? 60 : 160),
                THEMES.get(random.nextInt(THEMES.size())),
                random.nextInt(5) == 0,
                random.nextInt(4) == 0,
                mesh,
                processes,
                alpha,
                guest ? Optional.of(RIGHTS.get(random.nextInt(RIGHTS.size()))) : Optional.empty(),
                false,
                0,
                alpha ? MESSAGE_BYTES[MESSAGE_BYTES.length - 1] : MESSAGE_BYTES[random.nextInt(MESSAGE_BYTES.length)],
                random.nextInt(3) == 0 ? 64L << 10 << random.nextInt(5) : 64L << 20);
    }

    /** The same with attachments, where all may write. */
    Shape withAttachments() {
        return alpha || guest.isPresent()
                ? this
                : new Shape(
                        machines,
                        length,
                        theme,
                        binding,
                        relayed,
                        mesh,
                        processes,
                        alpha,
                        guest,
                        true,
                        0,
                        messageBytes,
                        transitBytes);
    }

    /** The same with a store that the first machines share, and at least one that has its own database, where all may write. */
    Shape withHubs(int hubs) {
        return alpha || guest.isPresent() || processes
                ? this
                : new Shape(
                        Math.max(machines, hubs + 1),
                        length,
                        theme,
                        binding,
                        relayed,
                        mesh,
                        processes,
                        alpha,
                        guest,
                        false,
                        hubs,
                        messageBytes,
                        transitBytes);
    }

    /** How one machine's wire behaves. */
    MemoryConfiguration wire(Random random, boolean dialled) {
        return MemoryConfiguration.builder()
                .maxMessageBytes(messageBytes)
                .buffer(random.nextInt(3) == 0 ? 1 + random.nextInt(4) : 64, random.nextInt(4) == 0 ? 4_096 : 1 << 20)
                .backpressure(random.nextInt(4) != 0)
                .binding(binding && dialled)
                .relayed(relayed && dialled)
                .build();
    }

    /** For counting, in a few words. */
    String kind() {
        StringBuilder kind = new StringBuilder(theme.name().toLowerCase(Locale.ROOT));
        if (mesh) {
            kind.append(", mesh");
        }
        if (processes) {
            kind.append(", two databases in a process");
        }
        if (alpha) {
            kind.append(", alpha");
        }
        if (attachments) {
            kind.append(", attachments");
        }
        if (hubs > 0) {
            kind.append(", hubs with one store");
        }
        guest.ifPresent(rights -> kind.append(", guest: ").append(rights.label()));
        return kind.toString();
    }
}
