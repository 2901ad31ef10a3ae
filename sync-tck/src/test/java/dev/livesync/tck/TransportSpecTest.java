package dev.livesync.tck;

import org.junit.jupiter.api.Test;

/** The transports' specification and their kit say the same. */
class TransportSpecTest {
    @Test
    void eachRuleHasATestOrSaysWhyNotAndEachTestARule() {
        Coverage.verify(Spec.of("T1.1"), TransportTck.class);
    }

    @Test
    void eachMustHasAMutant() {
        Coverage.verifyMutants(Spec.of("T1.1"), TransportMutants.all());
    }
}
