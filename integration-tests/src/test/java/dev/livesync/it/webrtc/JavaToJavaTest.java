package dev.livesync.it.webrtc;

import static dev.livesync.it.webrtc.WebRtcReplica.assertEqual;
import static dev.livesync.it.webrtc.WebRtcReplica.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Session;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What peers are for, each side offering. */
class JavaToJavaTest {
    private final WebRtcReplica here = new WebRtcReplica();
    private final WebRtcReplica there = new WebRtcReplica();

    @AfterEach
    void close() {
        here.close();
        there.close();
    }

    private Session meet(boolean weOffer) throws Exception {
        return weOffer ? here.offerTo(there) : there.offerTo(here);
    }

    private void part(Session session) throws Exception {
        session.close();
        get(session.closed());
    }

    @ParameterizedTest(name = "we offer: {0}")
    @ValueSource(booleans = {true, false})
    void documentsTravelBothWaysAndThenEveryPutAndDelete(boolean weOffer) throws Exception {
        here.database().put("ours", "{\"v\":1}");
        there.database().put("theirs", "{\"v\":2}");
        Session session = meet(weOffer);
        get(session.backlog());
        get(session.awaitEqual());
        assertEqual(here, there);
        assertThat(here.ids()).containsExactly("ours", "theirs");

        here.database().put("theirs", "{\"v\":3}");
        assertEqual(here, there);
        there.database().put("live", "{\"v\":4}");
        assertEqual(here, there);
        assertThat(there.json("theirs")).isEqualTo("{\"v\":3}");
        assertThat(here.json("live")).isEqualTo("{\"v\":4}");

        here.database().delete("live");
        assertEqual(here, there);
        there.database().delete("ours");
        assertEqual(here, there);
        assertThat(here.ids()).containsExactly("theirs");
    }

    @ParameterizedTest(name = "we offer: {0}")
    @ValueSource(booleans = {true, false})
    void editsApartMeetAgain(boolean weOffer) throws Exception {
        here.database().put("shared", "{\"v\":0}");
        here.database().put("gone", "{}");
        Session session = meet(weOffer);
        get(session.awaitEqual());
        part(session);

        here.database().put("shared", "{\"v\":\"here\"}");
        here.database().put("mine", "{}");
        here.database().delete("gone");
        for (int i = 0; i < 5; i++) {
            there.database().put("shared", "{\"v\":\"there " + i + "\"}");
            there.database().put("theirs" + i, "{}");
        }
        Session again = meet(weOffer);
        get(again.awaitEqual());
        assertEqual(here, there);
        assertThat(here.ids()).containsExactly("mine", "shared", "theirs0", "theirs1", "theirs2", "theirs3", "theirs4");
        assertThat(here.json("shared")).isIn("{\"v\":\"here\"}", "{\"v\":\"there 4\"}");

        // Nobody's edit comes back later.
        there.database().put("shared", "{\"v\":\"last\"}");
        assertEqual(here, there);
        assertThat(here.json("shared")).isEqualTo("{\"v\":\"last\"}");
    }

    @ParameterizedTest(name = "we offer: {0}")
    @ValueSource(booleans = {true, false})
    void editsOfOneDocumentAtTheSameTimeEndAlike(boolean weOffer) throws Exception {
        here.database().put("shared", "{\"v\":0}");
        get(meet(weOffer).awaitEqual());
        for (int i = 1; i <= 50; i++) {
            here.database().put("shared", "{\"v\":\"here " + i + "\"}");
            there.database().put("shared", "{\"v\":\"there " + i + "\"}");
        }
        assertEqual(here, there);
        assertThat(here.json("shared")).isIn("{\"v\":\"here 50\"}", "{\"v\":\"there 50\"}");
    }

    @ParameterizedTest(name = "{0} {1} documents, we offer: {2}")
    @CsvSource({
        "3, ascending, true", "3, ascending, false", "3, descending, true", "3, descending, false",
        "3, random, true", "3, random, false", "50, ascending, true", "50, ascending, false",
        "50, descending, true", "50, descending, false", "50, random, true", "50, random, false",
        "1000, ascending, true", "1000, ascending, false", "1000, descending, true", "1000, descending, false",
        "1000, random, true", "1000, random, false"
    })
    void soManyDocumentsOnOneSideAndThenOnBoth(int count, String order, boolean weOffer) throws Exception {
        List<String> ids = WebRtcReplica.ids(order, count);
        here.put(ids);
        Session session = meet(weOffer);
        get(session.backlog());
        get(session.awaitEqual());
        assertEqual(here, there);
        assertThat(there.ids()).containsExactlyInAnyOrderElementsOf(ids);
        part(session);

        List<String> others = ids.stream().map(id -> "and-" + id).toList();
        there.put(others);
        here.database().put(ids.get(count / 2), "{\"n\":\"edited\"}");
        Session again = meet(!weOffer);
        get(again.awaitEqual());
        assertEqual(here, there);
        assertThat(here.ids()).hasSize(2 * count).containsAll(others);
        assertThat(there.json(ids.get(count / 2))).isEqualTo("{\"n\":\"edited\"}");
    }
}
