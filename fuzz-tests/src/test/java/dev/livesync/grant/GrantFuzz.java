package dev.livesync.grant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.ErrorKind;
import dev.livesync.fuzz.FuzzedReader;
import dev.livesync.fuzz.Seeds;
import java.util.List;
import java.util.Set;

/** Files of grants. */
public final class GrantFuzz {
    private GrantFuzz() {}

    /**
     * The targets.
     *
     * @return in any order
     */
    public static List<FuzzedReader> all() {
        return List.of(FuzzedReader.small(
                        "grants-file",
                        Set.of(ErrorKind.CORRUPT, ErrorKind.UNSUPPORTED),
                        GrantFuzz::read,
                        () -> Seeds.texts(
                                "livesync grants 1\n",
                                "livesync grants 2\nkeeper read-write-erase never anybody fuzzfuzzfuzzfuzzfuzzfuzz\n",
                                "livesync grants 1\nalice read-only 2030-12-31T18:00:00Z libp2p:12D3KooWx,libp2p:12D3KooWy"
                                        + " fuzzfuzzfuzzfuzzfuzzfuzz\nbob read-write never anybody"
                                        + " otherotherotherotherother\ncarol write-only never libp2p:12D3KooWz none\n"))
                .allocating(400));
    }

    private static void read(byte[] input) {
        List<Grant> grants = GrantText.read("the file", input);
        byte[] written = GrantText.write(grants);
        assertThat(GrantText.read("the file", written)).isEqualTo(grants);
    }
}
