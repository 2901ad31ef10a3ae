package dev.livesync.core.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The vectors of {@code docs/reconciliation.md}. To write them anew: {@code -Dvectors.update=true}. */
class ReconcileVectorsTest {
    private static final HexFormat HEX = HexFormat.of();

    private final List<String> lines = new ArrayList<>();

    private static String digest(Cid cid) {
        return HEX.formatHex(cid.toByteArray(), 4, 36);
    }

    private void ids(HistoryPool.Member member) {
        for (int attempt = 0; attempt < 3; attempt++) {
            ShortIds shortIds = new ShortIds(Exchange.SALT, attempt);
            Cid event = member.snapshot().heads().get(0);
            long id = shortIds.id(event);
            StringBuilder symbols = new StringBuilder();
            SketchIndexes indexes = new SketchIndexes();
            indexes.start(id);
            for (long at = 0; at < 100_000; at = indexes.next()) {
                symbols.append(' ').append(at);
            }
            lines.add("id " + attempt + " " + digest(event) + " " + HEX.toHexDigits(id) + " "
                    + HEX.toHexDigits(shortIds.check(id)) + symbols);
        }
    }

    private void exchange(String name, HistoryPool.Member a, HistoryPool.Member b, int attempt) {
        lines.add("exchange " + name + ", attempt " + attempt);
        for (HistoryPool.Member member : List.of(a, b)) {
            member.snapshot()
                    .eventsSince(List.of())
                    .forEachRemaining(cid -> lines.add((member == a ? "initiator " : "responder ") + digest(cid)));
        }
        Exchange exchange = new Exchange(a.snapshot(), b.snapshot(), attempt).run();
        assertThat(exchange.isSettled()).isTrue();
        exchange.messages.forEach(message -> lines.add("message " + HEX.formatHex(message)));
        Exchange.toSend(exchange.initiator).forEach(cid -> lines.add("from-initiator " + digest(cid)));
        Exchange.toSend(exchange.responder).forEach(cid -> lines.add("from-responder " + digest(cid)));
    }

    @Test
    void theVectorsAreThese() throws IOException {
        lines.add("salt " + HEX.formatHex(Exchange.SALT));
        HistoryPool pool = new HistoryPool(40, 38);
        HistoryPool.Member a = pool.member();
        HistoryPool.Member b = pool.member();
        a.write(3);
        ids(a);
        exchange("everything is new", a, b, 0);
        exchange("nothing here", b, a, 0);
        b.take(a, Integer.MAX_VALUE);
        exchange("equal", a, b, 0);
        a.write(40);
        b.take(a, Integer.MAX_VALUE);
        a.write(30);
        b.write(2);
        exchange("a fork", a, b, 0);
        exchange("a fork, without narrow ids", b, a, 1);
        exchange("a fork, by digests", a, b, 2);
        HistoryPool apart = new HistoryPool(40, 39);
        HistoryPool.Member c = apart.member();
        HistoryPool.Member d = apart.member();
        c.write(150);
        d.take(c, Integer.MAX_VALUE);
        c.write(3);
        d.write(4);
        apart.withoutNames();
        exchange("a sketch", c, d, 0);
        String text = String.join("\n", lines) + "\n";
        Path file = Path.of(System.getProperty("basedir", "."), "src/test/resources/reconcile/vectors.txt");
        if (Boolean.getBoolean("vectors.update")) {
            Files.writeString(file, text);
        }
        assertThat(text).isEqualTo(Files.readString(file));
    }
}
