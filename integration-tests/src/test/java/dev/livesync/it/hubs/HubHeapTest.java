package dev.livesync.it.hubs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.KeptPeer;
import dev.livesync.Sync;
import dev.livesync.database.Database;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A million documents of 185 bytes through a hub of 512 MB: one client sends them in batches, another one fetches them, and then from a hub that was started anew. */
@Tag("soak")
class HubHeapTest {
    private static final int DOCUMENTS = Integer.getInteger("livesync.hubs.documents", 1_000_000);
    private static final String HEAP = System.getProperty("livesync.hubs.heap", "512m");
    private static final int BATCH = 1_000;
    private static final Duration LONG = Duration.ofHours(1);
    private static final Pattern PEAK = Pattern.compile("VmHWM:\\s+([0-9]+) kB");
    private static final Pattern USED = Pattern.compile("(?:generation|heap) +total [0-9]+K, used ([0-9]+)K");

    @TempDir
    private Path folder;

    @Test
    void aMillionDocumentsFit() throws Exception {
        try (PostgresNodes nodes = PostgresNodes.start(1);
                HubCluster hubs = HubCluster.start(
                        folder, List.of(nodes.url()), List.of("-Xmx" + HEAP, "-XX:+ExitOnOutOfMemoryError"))) {
            String document = "{\"text\":\"" + "x".repeat(174) + "\"}";
            assertThat(document.getBytes(StandardCharsets.UTF_8)).hasSize(185);
            long begun = System.nanoTime();
            try (Database database = Database.open(folder.resolve("writer"));
                    Sync sync = new Sync(database)) {
                KeptPeer peer = sync.keep(hubs.address(0), HubCluster.SECRET);
                for (int from = 0; from < DOCUMENTS; from += BATCH) {
                    int first = from;
                    database.write(batch -> {
                        for (int n = first; n < Math.min(DOCUMENTS, first + BATCH); n++) {
                            batch.put("document-" + n, document);
                        }
                    });
                }
                long wrote = System.nanoTime();
                say("%d documents of 185 bytes written in %.0f s", DOCUMENTS, (wrote - begun) / 1e9);
                peer.connected()
                        .get(LONG.toMinutes(), TimeUnit.MINUTES)
                        .delivered()
                        .get(LONG.toMinutes(), TimeUnit.MINUTES);
                say("all acknowledged after %.0f s; %s", (System.nanoTime() - begun) / 1e9, memory(hubs));
            }
            fetch("a fresh client", hubs);
            restart("a hub started on it", hubs);
            fetch("a fresh client of the hub that was started anew", hubs);
            nodes.query(1, "delete from livesync_checkpoints returning 1");
            restart("a hub started on it without a checkpoint", hubs);
            // It writes one for whoever comes next, once it is ready.
            await().atMost(LONG)
                    .pollInterval(Duration.ofMillis(100))
                    .until(() -> nodes.query(1, "select count(*) from livesync_checkpoints")
                            .equals("1"));
            restart("a hub started after that", hubs);
            assertThat(nodes.query(1, "select position, pending from livesync_feed"))
                    .isEqualTo(DOCUMENTS + "|0");
            assertThat(hubs.process(0).isAlive()).as("%s", hubs.said(0)).isTrue();
        }
    }

    /** It reads the history first, and lives meanwhile. */
    private static void restart(String how, HubCluster hubs) throws Exception {
        hubs.kill(0);
        long begun = System.nanoTime();
        hubs.begin(0);
        await().atMost(LONG).until(() -> hubs.asked(0, "/live") == 200);
        double lives = (System.nanoTime() - begun) / 1e9;
        await().atMost(LONG).pollInterval(Duration.ofMillis(100)).until(() -> hubs.ready(0) == 200);
        say(
                "%s lives after %.1f s, is ready after %.1f s; %s",
                how, lives, (System.nanoTime() - begun) / 1e9, memory(hubs));
    }

    private void fetch(String who, HubCluster hubs) throws Exception {
        long begun = System.nanoTime();
        try (Database database = Database.open(folder.resolve(who.replace(' ', '-')));
                Sync sync = new Sync(database)) {
            sync.keep(hubs.address(0), HubCluster.SECRET);
            await().atMost(LONG)
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> database.summary().documents() == DOCUMENTS);
            say("%s has all after %.0f s; %s", who, (System.nanoTime() - begun) / 1e9, memory(hubs));
        }
    }

    /** The peak of the hub's process, and what is alive in its heap after a collection. */
    private static String memory(HubCluster hubs) throws Exception {
        long pid = hubs.process(0).pid();
        Matcher peak = PEAK.matcher(Files.readString(Path.of("/proc/" + pid + "/status")));
        assertThat(peak.find()).isTrue();
        jcmd(pid, "GC.run");
        Matcher used = USED.matcher(jcmd(pid, "GC.heap_info"));
        long kilobytes = 0;
        while (used.find()) {
            kilobytes += Long.parseLong(used.group(1));
        }
        return String.format(
                Locale.ROOT,
                "the hub: %.0f MB of memory at most, %.0f MB of heap in use",
                Long.parseLong(peak.group(1)) / 1024.0,
                kilobytes / 1024.0);
    }

    private static String jcmd(long pid, String command) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), Long.toString(pid), command)
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    private static void say(String pattern, Object... arguments) {
        System.out.println("hubs: " + String.format(Locale.ROOT, pattern, arguments));
    }
}
