package dev.livesync.database.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import dev.livesync.database.DatabaseOptions;
import dev.livesync.database.Document;
import dev.livesync.database.RepairedDatabase;
import dev.livesync.database.SimulatedDatabase;
import dev.livesync.database.disk.DiskFile;
import dev.livesync.database.disk.MemoryDisk;
import dev.livesync.fuzz.Choices;
import dev.livesync.fuzz.FuzzedReader;
import dev.livesync.fuzz.Seeds;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.zip.CRC32C;

/**
 * The files of a directory: segments with records whose checksums are right, whatever is in them; a real directory, damaged anywhere;
 * and the files beside the log, which are worth nothing by themselves. What opens is whole, and what was repaired opens.
 */
public final class LogFuzz {
    private static final Set<ErrorKind> REFUSALS =
            Set.of(ErrorKind.CORRUPT, ErrorKind.MALFORMED, ErrorKind.UNSUPPORTED, ErrorKind.LIMIT_EXCEEDED);

    /** What it logs of damage is not looked at; a logger that nobody holds forgets its level. */
    private static final Logger QUIET = Logger.getLogger("dev.livesync.database");

    static {
        QUIET.setLevel(Level.OFF);
    }

    private static final UUID ID = new UUID(7, 8);
    private static final String SEGMENT = SegmentName.of(1);
    private static final DatabaseOptions OPTIONS = DatabaseOptions.defaults().toBuilder()
            .segmentBytes(1 << 16)
            .time(() -> Instant.ofEpochSecond(1_700_000_000))
            .random(new SplittableRandom(5))
            .build();

    private static final Map<String, byte[]> HONEST = honest();
    private static final List<String> NAMES = List.copyOf(HONEST.keySet());
    private static final List<Document> DOCUMENTS = documents(disk(HONEST));

    private LogFuzz() {}

    /**
     * The targets.
     *
     * @return in any order
     */
    public static List<FuzzedReader> all() {
        return List.of(
                FuzzedReader.small("segment-records", REFUSALS, LogFuzz::records, LogFuzz::recordSeeds)
                        .allocating(48_000),
                FuzzedReader.small("directory", REFUSALS, LogFuzz::directory, LogFuzz::directorySeeds)
                        .allocating(48_000),
                FuzzedReader.small("checkpoint", REFUSALS, LogFuzz::checkpoint, () -> side("checkpoint.idx"))
                        .allocating(48_000),
                FuzzedReader.small("remembered-peers", REFUSALS, LogFuzz::peers, () -> side("peers.idx"))
                        .allocating(48_000),
                FuzzedReader.small("high-water-mark", REFUSALS, LogFuzz::mark, () -> side(HighWaterMark.FILE))
                        .allocating(48_000));
    }

    private static Map<String, byte[]> honest() {
        MemoryDisk disk = new MemoryDisk();
        try (Database database = SimulatedDatabase.open(disk, OPTIONS)) {
            database.put("one", "{\"n\":1}");
            database.write(batch -> {
                batch.put(Document.of("two", Map.of("text", "t")));
                batch.put(Document.of("three", Map.of("n", 3)));
            });
            database.delete("one");
            database.replica().peerFrontiers().orElseThrow().remember(99, database.clock());
            database.compact();
            database.put("four", "{}");
        }
        return content(disk);
    }

    private static Map<String, byte[]> content(MemoryDisk disk) {
        Map<String, byte[]> files = new TreeMap<>();
        try {
            for (String name : disk.list()) {
                try (DiskFile file = disk.open(name)) {
                    ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
                    file.read(0, bytes);
                    files.put(name, bytes.array());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }

    private static MemoryDisk disk(Map<String, byte[]> files) {
        MemoryDisk disk = new MemoryDisk();
        try {
            for (Map.Entry<String, byte[]> entry : files.entrySet()) {
                try (DiskFile file = disk.create(entry.getKey())) {
                    file.write(0, ByteBuffer.wrap(entry.getValue()));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return disk;
    }

    private static Database open(MemoryDisk disk) {
        return SimulatedDatabase.open(
                disk, OPTIONS.toBuilder().random(new SplittableRandom(6)).build());
    }

    private static List<Document> documents(MemoryDisk disk) {
        try (Database database = open(disk)) {
            return read(database);
        }
    }

    private static List<Document> read(Database database) {
        List<Document> documents = new ArrayList<>();
        database.forEach(documents::add);
        return documents;
    }

    /** Opens, reads all, writes, and opens again. */
    private static void use(MemoryDisk disk) {
        List<Document> before;
        try (Database database = open(disk)) {
            before = read(database);
            database.put("new", "{\"n\":1}");
        }
        try (Database database = open(disk)) {
            assertThat(database.get("new")).isPresent();
            assertThat(read(database)).hasSizeBetween(before.size(), before.size() + 1);
        }
    }

    private static void records(byte[] input) {
        MemoryDisk disk = disk(Map.of(SEGMENT, segment(new Choices(input))));
        repairAfter(disk, () -> use(disk));
    }

    private static byte[] segment(Choices choices) {
        SegmentHeader header = new SegmentHeader(1, ID, 5);
        ByteBuffer file = ByteBuffer.allocate(1 << 15);
        file.put(header.encode());
        while (!choices.isEmpty() && file.remaining() > 1 << 14) {
            int type = choices.octet();
            byte[] payload = choices.piece();
            byte[] kept = payload.length > 4_000 ? java.util.Arrays.copyOf(payload, 4_000) : payload;
            CRC32C crc = new CRC32C();
            crc.update(kept);
            new RecordHeader(type == 0 ? RecordHeader.TRANSACTIONS : type % 6, kept.length, (int) crc.getValue())
                    .encode(file, header, file.position());
            file.put(kept);
        }
        byte[] bytes = new byte[file.position()];
        file.flip().get(bytes);
        return bytes;
    }

    private static List<byte[]> recordSeeds() {
        MemoryDisk disk = new MemoryDisk();
        try (Database database = open(disk)) {
            database.put("one", "{\"n\":1}");
            database.delete("one");
            database.put("two", "{\"text\":\"t\"}");
        }
        byte[] segment = content(disk).get(SEGMENT);
        ByteBuffer in = ByteBuffer.wrap(segment);
        List<Object> parts = new ArrayList<>();
        List<byte[]> seeds = new ArrayList<>();
        for (int at = SegmentHeader.BYTES; at < segment.length; ) {
            int length = in.getInt(at + 4);
            int type = in.get(at + 2);
            byte[] payload =
                    java.util.Arrays.copyOfRange(segment, at + RecordHeader.BYTES, at + RecordHeader.BYTES + length);
            parts.add(type);
            parts.add(payload);
            seeds.add(Seeds.of(type, payload));
            at += RecordHeader.BYTES + length;
        }
        List<byte[]> some = new ArrayList<>(List.of(Seeds.of(parts.toArray())));
        some.add(seeds.get(0));
        return some;
    }

    /** Whatever a damaged directory does when it is opened, it opens once it is repaired, or is of a build that is not this one. */
    private static void repairAfter(MemoryDisk disk, Runnable use) {
        try {
            use.run();
        } catch (SyncException e) {
            if (e.kind() != ErrorKind.UNSUPPORTED && isRepaired(disk)) {
                use(disk);
            }
            throw e;
        }
    }

    /** Refused are only files that say of more segments than anybody would make. */
    private static boolean isRepaired(MemoryDisk disk) {
        try {
            RepairedDatabase.repair(disk, OPTIONS);
            return true;
        } catch (SyncException e) {
            if (!e.getMessage().contains("too many are missing")) {
                throw new AssertionError("a repair failed", e);
            }
            return false;
        }
    }

    private static void directory(byte[] input) {
        Choices choices = new Choices(input);
        Map<String, byte[]> files = new LinkedHashMap<>(HONEST);
        for (int i = choices.below(3); i >= 0; i--) {
            String name = NAMES.get(choices.below(NAMES.size()));
            if (choices.below(8) == 7) {
                files.remove(name);
            } else if (files.containsKey(name)) {
                files.put(name, choices.damage(files.get(name)));
            }
        }
        MemoryDisk disk = disk(files);
        repairAfter(disk, () -> use(disk));
    }

    private static List<byte[]> directorySeeds() {
        List<byte[]> seeds = new ArrayList<>();
        for (int i = 0; i < NAMES.size(); i++) {
            seeds.add(new byte[] {0, (byte) i, 0, 1, 0, 80, 3, 1, 1});
        }
        seeds.add(new byte[3]);
        return seeds;
    }

    /** A file beside the log, its checksum right or wrong. What it holds is a cache or a hint: the documents are the same. */
    private static void checkpoint(byte[] input) {
        beside("checkpoint.idx", input);
    }

    private static void peers(byte[] input) {
        beside("peers.idx", input);
    }

    private static void mark(byte[] input) {
        beside(HighWaterMark.FILE, input);
    }

    private static void beside(String name, byte[] input) {
        Choices choices = new Choices(input);
        boolean right = choices.flag();
        byte[] file = choices.flag() ? choices.damage(HONEST.get(name)) : choices.rest();
        if (right && file.length >= 4) {
            checksum(name, file);
        }
        Map<String, byte[]> files = new LinkedHashMap<>(HONEST);
        files.put(name, file);
        MemoryDisk disk = disk(files);
        repairAfter(disk, () -> {
            try (Database database = open(disk)) {
                List<Document> read = read(database);
                if (!right || !name.equals("checkpoint.idx")) {
                    assertThat(read).isEqualTo(DOCUMENTS);
                }
                database.replica().peerFrontiers().orElseThrow().frontier(99);
            }
        });
    }

    private static void checksum(String name, byte[] file) {
        CRC32C crc = new CRC32C();
        crc.update(file, 0, file.length - 4);
        ByteBuffer.wrap(file)
                .order(name.equals(HighWaterMark.FILE) ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN)
                .putInt(file.length - 4, (int) crc.getValue());
    }

    private static List<byte[]> side(String name) {
        byte[] file = HONEST.get(name);
        return List.of(
                Seeds.before(1, Seeds.before(0, file)), new byte[] {0, 1, 0}, new byte[] {1, 1, 1, 0, 30, 3, 1, 2});
    }
}
