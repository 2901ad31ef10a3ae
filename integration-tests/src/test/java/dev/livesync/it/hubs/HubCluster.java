package dev.livesync.it.hubs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.api.Cid;
import dev.livesync.it.cli.Command;
import dev.livesync.replica.postgres.FreePort;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Hubs in processes of their own on one store, with HAProxy in front of them. */
final class HubCluster implements AutoCloseable {
    static final String SECRET = "S".repeat(43);

    private final HttpClient client = HttpClient.newHttpClient();
    private final Path folder;
    private final List<String> urls;
    private final List<String> jvm;
    private final boolean attachments;
    private final int[][] ports;
    private final @Nullable Command[] hubs;
    private final Haproxy proxy;
    private final String address;

    private HubCluster(Path folder, List<String> urls, List<String> jvm, boolean attachments, int[][] ports, int port)
            throws IOException {
        this.folder = folder;
        this.urls = urls;
        this.jvm = jvm;
        this.attachments = attachments;
        this.ports = ports;
        this.hubs = new Command[ports.length];
        this.address = "ws://127.0.0.1:" + port + "/";
        this.proxy = Haproxy.start(folder, port, ports);
    }

    /**
     * Starts all of it.
     *
     * @param folder its own
     * @param nodes stays the caller's to close
     * @param count of hubs
     */
    static HubCluster start(Path folder, PostgresNodes nodes, int count) throws Exception {
        return start(folder, Collections.nCopies(count, nodes.url()), List.of());
    }

    /** The same with hubs that fetch the contents of attachments, and hand out blocks over HTTP. */
    static HubCluster withAttachments(Path folder, PostgresNodes nodes, int count) throws Exception {
        return start(folder, Collections.nCopies(count, nodes.url()), List.of(), true);
    }

    /**
     * The same where hubs reach the store by ways of their own.
     *
     * @param urls for each hub where the store is
     * @param jvm options of their JVMs
     */
    static HubCluster start(Path folder, List<String> urls, List<String> jvm) throws Exception {
        return start(folder, urls, jvm, false);
    }

    private static HubCluster start(Path folder, List<String> urls, List<String> jvm, boolean attachments)
            throws Exception {
        int count = urls.size();
        int[] free = freePorts(3 * count + 1);
        int[][] ports = new int[count][3];
        for (int n = 0; n < count; n++) {
            System.arraycopy(free, 3 * n, ports[n], 0, 3);
        }
        Files.writeString(folder.resolve("all.secret"), SECRET + "\n");
        HubCluster cluster = new HubCluster(folder, urls, jvm, attachments, ports, free[3 * count]);
        boolean started = false;
        try {
            for (int n = 0; n < count; n++) {
                cluster.begin(n);
            }
            for (int n = 0; n < count; n++) {
                cluster.awaitServing(n);
            }
            started = true;
            return cluster;
        } finally {
            if (!started) {
                cluster.close();
            }
        }
    }

    private static int[] freePorts(int count) throws IOException {
        Set<Integer> ports = new LinkedHashSet<>();
        while (ports.size() < count) {
            ports.add(FreePort.find());
        }
        return ports.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Where clients dial: HAProxy. */
    String address() {
        return address;
    }

    /** Where one hub listens, without HAProxy. */
    String address(int hub) {
        return "ws://127.0.0.1:" + ports[hub][0] + "/";
    }

    /** Where one hub hands out a block. */
    URI block(int hub, Cid cid) {
        return URI.create("http://127.0.0.1:" + ports[hub][2] + "/blocks/" + cid);
    }

    /** Starts a hub; it may not serve yet. */
    void begin(int hub) throws IOException {
        Path config = folder.resolve("hub" + hub + ".json");
        Files.writeString(
                config,
                "{\"health\": \"127.0.0.1:" + ports[hub][1]
                        + (attachments ? "\", \"blocks\": \"127.0.0.1:" + ports[hub][2] : "")
                        + "\", \"drain\": {\"noticeSeconds\": 1, \"leaveSeconds\": 1},\n"
                        + "\"databases\": [{\"directory\": \"hub" + hub + "\", \"store\": \"" + urls.get(hub)
                        + "\", \"database\": \"notes\", \"listen\": [\"" + address(hub)
                        + "\"], \"attachments\": " + attachments
                        + ", \"secretFile\": \"all.secret\", \"websocket\": {\"maxConnections\": 2000}, \"limits\": {\"sessionsPerGrant\": 2000}}]}");
        hubs[hub] = Command.start(jvm, "serve", "--config", config);
    }

    void awaitServing(int hub) {
        command(hub).message(line -> line.equals("serving, stop with Ctrl-C"));
        await().atMost(Duration.ofMinutes(1))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> ready(hub) == 200);
    }

    private Command command(int hub) {
        Command running = hubs[hub];
        assertThat(running).as("hub %d", hub).isNotNull();
        return running;
    }

    /** What {@code /ready} of a hub says; 0 if nobody answers. */
    int ready(int hub) throws InterruptedException {
        return asked(hub, "/ready");
    }

    /** What a hub says of its health; 0 if nobody answers. */
    int asked(int hub, String path) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + ports[hub][1] + path))
                .timeout(Duration.ofSeconds(5))
                .build();
        try {
            return client.send(request, BodyHandlers.discarding()).statusCode();
        } catch (IOException e) {
            return 0;
        }
    }

    /** SIGKILL, and no more. */
    void kill(int hub) {
        command(hub).killNow();
        command(hub).exitCode();
    }

    /** SIGTERM; the hub has its sessions leave. */
    Command terminate(int hub) {
        command(hub).terminate();
        return command(hub);
    }

    /** The hub's process. */
    ProcessHandle process(int hub) {
        return command(hub).process();
    }

    /** What hubs have complained of, for messages of tests. */
    String said(int hub) {
        return String.join("\n", command(hub).messages());
    }

    @Override
    public void close() throws Exception {
        try {
            proxy.close();
        } finally {
            for (Command hub : hubs) {
                if (hub != null) {
                    hub.close();
                }
            }
        }
    }
}
