package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WordingTest {
    @Test
    void buildersBecomeOptions() {
        assertThat(Wording.of("use wss, or set allowPlaintextOffLoopback")).isEqualTo("use wss, or say --plaintext");
        assertThat(Wording.of("takes a certificate: set serverTls or serverKeyStore"))
                .isEqualTo("takes a certificate: say --keystore");
        assertThat(Wording.of("the JVM's memory is used up (x); give it more with -Xmx"))
                .isEqualTo("the JVM's memory is used up (x); LIVESYNC_JAVA_OPTS=-Xmx1g gives more");
    }

    @Test
    void secretsOfAddressesAreLeftOut() {
        String secret = "A".repeat(43);
        assertThat(Wording.of("Unmatched argument at index 3: 'ws://h/#" + secret + "'"))
                .isEqualTo("Unmatched argument at index 3: 'ws://h/#...'");
        assertThat(Wording.of("no document \"#1\"")).isEqualTo("no document \"#1\"");
    }
}
