package dev.livesync.it.webrtc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Two networks and a router between them, as namespaces of Linux: what peers of different networks come to, as the router lets everything through, no UDP,
 * or nothing but what it relays itself. Needs root and {@code ip}.
 */
@Tag("soak")
class IntroducedInNamespacesTest {
    private static final String ID = "ls" + ProcessHandle.current().pid();
    private static final String LEFT = ID + "a";
    private static final String ROUTER = ID + "r";
    private static final String RIGHT = ID + "b";

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void takeDown() throws Exception {
        for (Process process : processes) {
            process.getOutputStream().close();
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
        for (String namespace : List.of(LEFT, ROUTER, RIGHT)) {
            run("ip", "netns", "del", namespace);
        }
    }

    @ParameterizedTest
    @CsvSource({"open, webrtc", "nothing, websocket", "noUdp, webrtc"})
    void peersOfDifferentNetworksGoDirectIfTheyCan(String router, String expected) throws Exception {
        assumeTrue(run("ip", "netns", "add", LEFT) == 0, "NOT TESTED: network namespaces need root and ip");
        network();
        if (!router.equals("nothing")) {
            require(inside(ROUTER, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"));
        }
        if (router.equals("noUdp")) {
            require("ip", "-n", ROUTER, "rule", "add", "ipproto", "udp", "blackhole");
        }
        String listening = start(RIGHT, "listen", "ws://10.97.2.2:0/");
        String secret = listening.substring(listening.indexOf('#'));
        String port = listening.replaceAll("^ws://[^:]+:(\\d+)/.*$", "$1");
        String relay = start(ROUTER, "relay", "10.97.2.2", port);
        String said = start(LEFT, "dial", "ws://10.97.1.1:" + relay + "/" + secret);
        System.out.println("router lets through " + router + ": " + said);
        assertThat(said).startsWith("over " + expected + ": 601 documents");
    }

    private static void network() throws Exception {
        require("ip", "netns", "add", ROUTER);
        require("ip", "netns", "add", RIGHT);
        join(LEFT, "10.97.1.");
        join(RIGHT, "10.97.2.");
        for (String namespace : List.of(LEFT, ROUTER, RIGHT)) {
            require("ip", "-n", namespace, "link", "set", "lo", "up");
        }
    }

    /** A network of one machine, 2, and the router, 1. */
    private static void join(String namespace, String network) throws Exception {
        require(
                "ip",
                "link",
                "add",
                "up" + network.charAt(6),
                "netns",
                ROUTER,
                "type",
                "veth",
                "peer",
                "name",
                "eth0",
                "netns",
                namespace);
        require("ip", "-n", ROUTER, "addr", "add", network + "1/24", "dev", "up" + network.charAt(6));
        require("ip", "-n", ROUTER, "link", "set", "up" + network.charAt(6), "up");
        require("ip", "-n", namespace, "addr", "add", network + "2/24", "dev", "eth0");
        require("ip", "-n", namespace, "link", "set", "eth0", "up");
        require("ip", "-n", namespace, "route", "add", "default", "via", network + "1");
    }

    private static String[] inside(String namespace, String... command) {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        all.addAll(List.of(command));
        return all.toArray(String[]::new);
    }

    /** Starts a program in a network, and returns the line that it says. */
    private String start(String namespace, String... arguments) throws Exception {
        List<String> java = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                NamespaceProgram.class.getName()));
        java.addAll(List.of(arguments));
        Process process = new ProcessBuilder(inside(namespace, java.toArray(String[]::new)))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        processes.add(process);
        String line =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)).readLine();
        assertThat(line).as("what %s says in %s", arguments[0], namespace).isNotNull();
        return line;
    }

    private static void require(String... command) throws Exception {
        assertThat(run(command)).as(String.join(" ", command)).isZero();
    }

    private static int run(String... command) throws Exception {
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            return -1;
        }
    }
}
