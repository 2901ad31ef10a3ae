package dev.livesync.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.tck.ToyTck.Toy;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What both kits share: attribution, waivers, verdicts, reports. */
class TckTest {
    @TempDir
    Path directory;

    private static MutantRun run(Toy toy) throws InterruptedException {
        return MutantRun.of(ToyTck.class, Mutant.of("T1.1", "toy", () -> toy), 1);
    }

    private static Run finished(Run.Outcome... outcomes) {
        Run run = new Run(ToyTck.class, 1);
        for (Run.Outcome outcome : outcomes) {
            run.add(outcome);
        }
        return run;
    }

    private static Run.Outcome outcome(String rule, Run.Status status) {
        return new Run.Outcome(rule, "test", status, status == Run.Status.FAILED ? "why | so\nit is" : null, 3);
    }

    @Test
    void aFailureNamesItsRuleWhatWasExpectedWhatToCheckAndWhereItIsWritten() throws Exception {
        MutantRun run = run(new Toy(true, false, false));
        assertThat(run.brokenRules()).containsExactly("T1.1");
        assertThat(run.message())
                .contains("T1.1")
                .contains("expected: <whole> but was: <broken>")
                .contains("check:  the first thing")
                .contains("docs/transport-spec.md#T1.1");
    }

    @Test
    void aFailureThatTookItsTimeSaysHowToGetMore() throws Exception {
        Toy toy = new Toy(true, false, false);
        MutantRun hurried = MutantRun.of(ToyTck.class, Mutant.of("T1.1", "toy", () -> toy), 1e-6);
        assertThat(hurried.message()).contains("timeouts × 1.0E-6").contains("-Dlivesync.tck.scale=");
        assertThat(run(toy).message()).doesNotContain("livesync.tck.scale");
    }

    @Test
    void aFailureBehindABrokenPrerequisitePointsThere() throws Exception {
        MutantRun run = MutantRun.of(ToyTck.class, Mutant.of("T1.2", "toy", () -> new Toy(true, true, false)), 1);
        assertThat(run.message())
                .contains("IllegalStateException: fell apart")
                .contains("this rule presupposes T1.1, which failed before");
        MutantRun alone = MutantRun.of(ToyTck.class, Mutant.of("T1.2", "toy", () -> new Toy(false, true, false)), 1);
        assertThat(alone.message()).contains("the second thing");
    }

    @Test
    void whatIsFoundAfterATestIsHeldAgainstItsOwnRule() throws Exception {
        assertThat(run(new Toy(false, true, true)).brokenRules()).containsExactly("T1.2", "T1.4");
    }

    @Test
    void aWaivedRuleMayFail() throws Exception {
        Waiver waiver = new Waiver("T1.2", "upstream issue 1");
        assertThat(run(new Toy(false, true, false, waiver)).brokenRules()).isEmpty();
        assertThat(run(new Toy(true, true, false, waiver)).brokenRules()).containsExactly("T1.1");
        assertThat(run(new Toy(false, false, true, new Waiver("T1.4", "cause"))).brokenRules())
                .isEmpty();
    }

    @Test
    void aWaiverThatIsNotNeededIsAFailure() throws Exception {
        assertThat(run(new Toy(false, false, false, new Waiver("T1.2", "cause")))
                        .brokenRules())
                .containsExactly("");
        assertThat(run(new Toy(false, false, false, new Waiver("T9.9", "cause")))
                        .brokenRules())
                .containsExactly("");
        assertThatThrownBy(() -> new Waiver("T1.1", " ")).hasMessageContaining("reason");
    }

    @Test
    void theVerdictNamesWhatRan() {
        Run.Outcome one = outcome("T1.1", Run.Status.PASSED);
        Run.Outcome none = outcome("T1.3", Run.Status.DOES_NOT_APPLY);
        assertThat(finished(one, none, outcome("T1.2", Run.Status.PASSED)).line())
                .endsWith(": 2 of 2 rules ran, 1 do not apply: CONFORMANT");
        assertThat(finished(one, none, outcome("T1.2", Run.Status.WAIVED)).line())
                .endsWith(": WITH WAIVERS");
        assertThat(finished(one, none, outcome("T1.2", Run.Status.PASSED), outcome("T1.2", Run.Status.FAILED))
                        .line())
                .endsWith(": NOT CONFORMANT");
        assertThat(finished(one, none).line()).endsWith(": 1 of 2 rules ran, 1 do not apply: NO VERDICT");
        assertThat(finished().line()).contains("0 of 3 rules ran: NO VERDICT");
    }

    @Test
    void theReportIsReadableByPeopleAndPrograms() throws Exception {
        Report.write(finished(outcome("T1.1", Run.Status.FAILED), outcome("T1.3", Run.Status.PASSED)), directory);
        assertThat(Files.readString(directory.resolve("dev.livesync.tck.ToyTck.md")))
                .contains("NOT CONFORMANT")
                .contains("| T1.1 |")
                .contains("why \\| so<br>it is")
                .contains("| T1.2 | | did not run |");
        assertThat(Files.readString(directory.resolve("dev.livesync.tck.ToyTck.json")))
                .contains("\"verdict\" : \"NOT CONFORMANT\"")
                .contains("\"missing\" : [ \"T1.2\" ]");
    }

    @Test
    void aDocumentIsReadRuleByRule() {
        Spec spec = Spec.parse("x.md", """
                # X

                <a id="T1.1"></a>**T1.1** MUST: it
                is. *Intent:* why.

                <a id="T1.2"></a>**T1.2** MAY: x. *Intent:* y. *Not tested:* z.

                <a id="T1.3"></a>**T1.3** OUGHT: x.

                <a id="T1.1"></a>**T1.1** MAY: x. *Intent:* y.
                """);
        assertThat(spec.entries())
                .containsExactly(
                        new Spec.Entry("T1.1", "MUST", "it is.", "why.", null),
                        new Spec.Entry("T1.2", "MAY", "x.", "y.", "z."));
        assertThat(spec.unreadable()).hasSize(2);
    }
}
