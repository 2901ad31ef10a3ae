package dev.livesync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;

class DefaultLocaleTest {
    @Test
    void runsBesideEachOtherLeaveTheLocaleThatWasThereBefore() {
        Locale before = Locale.getDefault();
        DefaultLocale first = DefaultLocale.borrow();
        first.set("tr-TR");
        DefaultLocale second = DefaultLocale.borrow();
        second.set("ar-EG");
        first.close();
        assertThat(Locale.getDefault().toLanguageTag()).isEqualTo("ar-EG");
        first.close();
        second.close();
        assertThat(Locale.getDefault()).isEqualTo(before);
    }
}
