package dev.livesync.tck;

import java.lang.reflect.Method;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What both kits share: rules, waivers, the report. Extend {@code TransportTck} or {@code ReplicaTck}, not this. Test
 * classes are made anew for every test, as JUnit does by default.
 */
@ExtendWith(TckExtension.class)
@TestMethodOrder(RuleOrder.class)
@SuppressWarnings("exports") // JUnit's hooks are nobody's API
public abstract class Tck {
    private Patience patience = new Patience(1);

    Tck() {}

    /**
     * Rules that are known to be broken.
     *
     * @return unless overridden, none
     */
    protected List<Waiver> waivers() {
        return List.of();
    }

    /** What is tested, for the verdict and the report. */
    abstract String subject();

    /** Properties of the subject for the report, such as its features: name to text. */
    java.util.Map<String, String> facts() {
        return java.util.Map.of();
    }

    /** Why a test says nothing about this subject; null if it does. */
    @Nullable
    String whyNot(Method test) {
        return null;
    }

    /** Before a test. */
    void begin() throws Exception {}

    /** After a test that passed: has it run once more, with peers that speak in texts and CARs; false if none of its peers would. */
    boolean speakTexts(Method test) {
        return false;
    }

    /** After a test, failed or not: closes everything, returns what was found broken on the way. */
    List<RuleViolation> finish() throws Exception {
        return List.of();
    }

    /**
     * Fails. JUnit doesn't call it, and nobody else should: a Surefire before 2.22, which knows no JUnit 5, takes public classes without
     * JUnit's annotations for tests, and runs this in the place of the rules. Without it such a build would run nothing and be green.
     */
    @SuppressWarnings("DoNotCallSuggester") // nobody here calls it
    public final void testNeedsSurefire3() {
        throw new AssertionError(
                "no rule was run: this Surefire knows no JUnit 5. sync-tck needs Surefire 3: in build/plugins, name"
                        + " maven-surefire-plugin with <version>3.6.1</version>");
    }

    final void patience(Patience newPatience) {
        patience = newPatience;
    }

    final Patience patience() {
        return patience;
    }
}
