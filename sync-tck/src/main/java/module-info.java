/**
 * The kit: the rules of the transport SPI and of the replica contract, as test classes to extend. Start at {@link
 * dev.livesync.tck}.
 */
module dev.livesync.tck {
    requires transitive dev.livesync.api;
    requires transitive org.junit.jupiter.api;
    requires static transitive org.jspecify;
    requires com.fasterxml.jackson.core;
    requires dev.livesync.car;
    requires dev.livesync.core;
    requires dev.livesync.database;
    requires org.junit.platform.engine;

    exports dev.livesync.tck;

    opens dev.livesync.tck to
            org.junit.platform.commons;

    uses dev.livesync.api.transport.TransportProvider;
    uses org.junit.platform.engine.TestEngine;

    provides org.junit.platform.engine.TestEngine with
            dev.livesync.tck.internal.JupiterCheckEngine;
}
