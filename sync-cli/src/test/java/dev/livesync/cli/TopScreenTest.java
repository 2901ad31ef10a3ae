package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Reports as a terminal shows them. */
class TopScreenTest {
    private static JsonNode report(String time, long received, String sessions) throws Exception {
        return new ObjectMapper()
                .readTree(("{'time':'" + time + "','databases':[{'name':'hub','documents':12,'events':40,"
                                + "'pending':2,'bytes':1234567,'transactions':7,'waiting':1,'commitsWaiting':2,'bytesReceived':"
                                + received
                                + ",'bytesSent':500,'sessionsFailed':1,'refused':3,'changesRefused':0,'sessions':["
                                + sessions
                                + "],'refusals':[{'time':'2026-01-02T11:00:00Z','remote':'10.0.0.9:4','kind':'AUTHENTICATION'}]}]}")
                        .replace('\'', '"'));
    }

    private static String session(String peer, String grant, long events, long millis) {
        return "{'peer':'" + peer + "','grant':'" + grant + "','transport':'websocket','state':'syncing','lagEvents':"
                + events + ",'lagMillis':" + millis + ",'bytesReceived':999,'bytesSent':1000000}";
    }

    @Test
    void whoIsFurthestBehindComesFirst() throws Exception {
        String sessions = String.join(
                ",",
                session("10.0.0.1:1", "", 0, 0),
                session("10.0.0.2:2", "phone", 12, 3_400),
                session("10.0.0.3:3", "tablet", -1, 0));
        String text = TopScreen.of(
                report("2026-01-02T12:00:02Z", 3_000, sessions), report("2026-01-02T12:00:00Z", 1_000, sessions));
        assertThat(text.lines())
                .containsExactly(
                        "livesync top  2026-01-02T12:00:02Z",
                        "",
                        "hub: 12 documents, 40 events, 1.2 MB, 2 events wait for ancestors",
                        "in 1.0 kB/s, out 0 B/s, 0 transactions/s, queue 3; sessions: 3 open, 1 failed; turned away: 3;"
                                + " changes refused: 0",
                        "PEER        GRANT   TRANSPORT  STATE            LAG     IN     OUT",
                        "10.0.0.2:2  phone   websocket  syncing  12 ev 3.4 s  999 B  1.0 MB",
                        "10.0.0.1:1  -       websocket  syncing         none  999 B  1.0 MB",
                        "10.0.0.3:3  tablet  websocket  syncing      backlog  999 B  1.0 MB",
                        "turned away 2026-01-02T11:00:00Z 10.0.0.9:4: AUTHENTICATION");
    }

    @Test
    void aScreenHasThoseThatAreFurthestBehind() throws Exception {
        List<String> sessions = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            sessions.add(session("10.0.0.1:" + (1_000 + i), "phone", i, i * 100L));
        }
        JsonNode report = report("2026-01-02T12:00:02.123456789Z", 0, String.join(",", sessions));
        assertThat(TopScreen.of(report, null).lines()).hasSize(206);
        assertThat(TopScreen.of(report, null, 15).lines())
                .hasSize(22)
                .startsWith("livesync top  2026-01-02T12:00:02Z")
                .anyMatch(line -> line.startsWith("10.0.0.1:1199"))
                .anyMatch(line -> line.startsWith("10.0.0.1:1185"))
                .noneMatch(line -> line.startsWith("10.0.0.1:1184"))
                .contains("and 185 more, not further behind");
    }

    @Test
    void longNamesAreCutAndMarksOfControlAreShown() throws Exception {
        String text =
                TopScreen.of(report("2026-01-02T12:00:00Z", 0, session("p".repeat(60) + "\\u001b[2J", "", 0, 0)), null);
        assertThat(text).contains("p".repeat(39) + "…").doesNotContain("\u001b");
    }
}
