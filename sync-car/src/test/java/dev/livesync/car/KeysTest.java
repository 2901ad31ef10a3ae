package dev.livesync.car;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KeysTest {
    /** charwise 3.0.1's own expression: first each U+0001 twice, then each U+0000 as U+0001. */
    private static String charwise(String id) {
        return "J" + id.replace("\1", "\1\1").replace("\0", "\1");
    }

    @Test
    void escapesAsCharwiseDoes() {
        assertThat(Keys.ofId("")).isEqualTo("J");
        assertThat(Keys.ofId("doc0001")).isEqualTo("Jdoc0001");
        assertThat(Keys.ofId("\ud83d\ude00")).isEqualTo("J\ud83d\ude00");
        assertThat(Keys.ofId("a\0b")).isEqualTo("Ja\1b");
        assertThat(Keys.ofId("a\1b")).isEqualTo("Ja\1\1b");
    }

    /** All ids of up to six characters that matter: each is refused, or has a key of its own and comes back. */
    @Test
    void everyIdThatIsAcceptedHasAKeyOfItsOwn() {
        Map<String, String> idByKey = new HashMap<>();
        int refused = 0;
        for (String id : strings("\0\1a", 6)) {
            String key;
            try {
                key = Keys.ofId(id);
            } catch (SyncException e) {
                assertThat(e.kind()).isEqualTo(ErrorKind.INVALID_ARGUMENT);
                assertThat(idByKey.containsKey(charwise(id)) || id.contains("\0\0") || id.contains("\0\1"))
                        .isTrue();
                refused++;
                continue;
            }
            assertThat(key).isEqualTo(charwise(id));
            assertThat(Keys.isKey(key)).isTrue();
            assertThat(Keys.toId(key)).isEqualTo(id);
            assertThat(idByKey.put(key, id)).isNull();
        }
        assertThat(refused).isPositive();
    }

    @Test
    void everyKeyHasExactlyOneId() {
        for (String tail : strings("\1ab", 6)) {
            String key = "J" + tail;
            assertThat(Keys.ofId(Keys.toId(key))).isEqualTo(key);
        }
    }

    @Test
    void whatIsNoKeyIsRefused() {
        for (String s : List.of("", "K", "j", "FE  0M0", "J\0")) {
            assertThat(Keys.isKey(s)).isFalse();
            assertThatThrownBy(() -> Keys.toId(s)).isInstanceOf(SyncException.class);
        }
        assertThatThrownBy(() -> Keys.ofId("\ud800"))
                .isInstanceOf(SyncException.class)
                .hasMessage("a document id must not have a lone surrogate");
    }

    private static List<String> strings(String alphabet, int longest) {
        List<String> all = new ArrayList<>(List.of(""));
        int from = 0;
        for (int length = 1; length <= longest; length++) {
            int to = all.size();
            for (int i = from; i < to; i++) {
                for (int c = 0; c < alphabet.length(); c++) {
                    all.add(all.get(i) + alphabet.charAt(c));
                }
            }
            from = to;
        }
        return all;
    }
}
