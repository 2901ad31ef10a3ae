package dev.livesync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.Message;
import dev.livesync.tck.MutantTransport.Subject;
import dev.livesync.transport.memory.MemoryConfiguration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The rules with whole syncs are run with peers of both dialects where a build asks for it. */
class BothDialectsTest {
    private static final AtomicInteger TEXTS = new AtomicInteger();

    /** Loses what only the older dialect has; with a binding, so that messages are not sealed. */
    private static Mutant<Subject> forgetsTexts() {
        return TransportMutants.provider(
                "T11.1",
                "loses texts",
                MemoryConfiguration.builder().binding(true).build(),
                real -> Wrapped.channels(real, BothDialectsTest::losing));
    }

    private static Channel losing(Channel real) {
        return new Wrapped.End(real) {
            @Override
            public CompletionStage<Void> send(Message message) {
                if (message.kind() == Message.Kind.TEXT) {
                    TEXTS.incrementAndGet();
                    return CompletableFuture.completedStage(null);
                }
                return super.send(message);
            }
        };
    }

    @Test
    void whatOnlyTextsMeetIsFoundInBoth() throws Exception {
        MutantRun one = MutantRun.of(MutantTransport.class, forgetsTexts(), 1, "T11.1"::equals);
        assertThat(one.brokenRules()).isEmpty();
        assertThat(TEXTS).hasValue(0);
        MutantRun both = MutantRun.inBothDialects(MutantTransport.class, forgetsTexts(), 0.05, "T11.1"::equals);
        assertThat(both.brokenRules()).containsExactly("T11.1");
        assertThat(both.message()).contains("with peers that speak in texts and CARs");
        assertThat(TEXTS).hasPositiveValue();
    }
}
