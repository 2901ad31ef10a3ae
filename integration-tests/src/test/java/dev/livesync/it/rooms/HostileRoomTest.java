package dev.livesync.it.rooms;

import static dev.livesync.it.rooms.InRoom.failure;
import static dev.livesync.it.rooms.InRoom.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.Session;
import dev.livesync.SyncLimits;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.transport.partykit.LocalRooms;
import dev.livesync.transport.partykit.LocalRooms.Passing;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A room that does to one pair whatever a room can do, while another pair is in it, and records all. Its victims read and store nothing that
 * the other did not write, and are told; the honest pair notices nothing; and what was recorded has no word of anybody's documents.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class HostileRoomTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    /** Whatever a victim is told, it is one of these. */
    private static final Set<ErrorKind> CLEAR = Set.of(
            ErrorKind.AUTHENTICATION,
            ErrorKind.MALFORMED,
            ErrorKind.DISCONNECTED,
            ErrorKind.UNREACHABLE,
            ErrorKind.REFUSED,
            ErrorKind.TIMEOUT);

    private static final int DATA = 0x02;
    private static final String ID = "an-id-that-nobody-may-read";
    private static final String WORD = "a-word-that-nobody-may-read";

    private final LocalRooms rooms = new LocalRooms();

    @AfterEach
    void close() {
        rooms.close();
    }

    /** What a room does to the frames between its victims, of which it sees the kind and the number. */
    private enum Deed {
        DROPS {
            @Override
            List<Passing> done(Passing frame, int number, List<String> members, AtomicReference<Passing> memory) {
                return number % 3 == 2 ? List.of() : List.of(frame);
            }
        },
        REPEATS {
            @Override
            List<Passing> done(Passing frame, int number, List<String> members, AtomicReference<Passing> memory) {
                return number % 3 == 2 ? List.of(frame, frame) : List.of(frame);
            }
        },
        REORDERS {
            @Override
            List<Passing> done(Passing frame, int number, List<String> members, AtomicReference<Passing> memory) {
                Passing before = memory.get();
                if (before != null && before.from().equals(frame.from())) {
                    memory.set(null);
                    return List.of(frame, before);
                }
                if (before == null && number % 3 == 2) {
                    memory.set(frame);
                    return List.of();
                }
                return List.of(frame);
            }
        },
        SWAPS_MEMBERS {
            @Override
            List<Passing> done(Passing frame, int number, List<String> members, AtomicReference<Passing> memory) {
                List<Passing> all = new ArrayList<>();
                for (String other : members) {
                    all.add(new Passing(frame.from(), other, frame.body()));
                    all.add(new Passing(other, frame.to(), frame.body()));
                }
                return number % 3 == 2 ? all : List.of(frame);
            }
        },
        CHANGES_BYTES {
            @Override
            List<Passing> done(Passing frame, int number, List<String> members, AtomicReference<Passing> memory) {
                byte[] changed = frame.body().clone();
                changed[changed.length - 1] ^= 1;
                return number % 3 == 2 ? List.of(new Passing(frame.from(), frame.to(), changed)) : List.of(frame);
            }
        },
        FORGES_ENDS {
            @Override
            List<Passing> done(Passing frame, int number, List<String> members, AtomicReference<Passing> memory) {
                byte[] end = Arrays.copyOf(frame.body(), 5);
                end[0] = (byte) (end[0] & 0x10 | 0x04);
                return number % 5 == 4 ? List.of(new Passing(frame.from(), frame.to(), end)) : List.of(frame);
            }
        },
        REPLAYS_THE_OTHERS {
            @Override
            List<Passing> done(Passing frame, int number, List<String> members, AtomicReference<Passing> memory) {
                memory.compareAndSet(null, frame);
                return number % 3 == 2
                        ? List.of(new Passing(
                                frame.from(), frame.to(), memory.get().body()))
                        : List.of(frame);
            }
        };

        abstract List<Passing> done(Passing frame, int number, List<String> members, AtomicReference<Passing> memory);
    }

    private static boolean isData(Passing frame) {
        return frame.body().length > 6 && (frame.body()[0] & 0x0f) == DATA;
    }

    @ParameterizedTest
    @EnumSource(Deed.class)
    void nothingIsReadNothingIsStoredAndTheHonestDoNotNotice(Deed deed) throws Exception {
        SyncLimits hasty = SyncLimits.defaults().toBuilder()
                .connectTime(Duration.ofSeconds(3))
                .phaseTime(Duration.ofSeconds(3))
                .heartbeat(Duration.ofSeconds(2))
                .build();
        rooms.record();
        try (InRoom hub = new InRoom(hasty);
                InRoom victim = new InRoom(hasty);
                InRoom honest = new InRoom()) {
            for (int i = 0; i < 300; i++) {
                hub.database.put(ID + i, Map.of("word", WORD, "n", i, "filler", "x".repeat(3_000)));
            }
            String address = hub.listen(rooms.room("r") + "hub");
            Session good = get(honest.sync.dial(address));
            get(good.awaitEqual());
            List<String> before = rooms.members("r");

            AtomicInteger seen = new AtomicInteger();
            AtomicReference<Passing> memory = new AtomicReference<>();
            BiFunction<Passing, List<String>, List<Passing>> does = (frame, members) -> {
                boolean victims = !before.contains(frame.from()) || !before.contains(frame.to());
                return victims && isData(frame)
                        ? deed.done(frame, seen.getAndIncrement(), members, memory)
                        : List.of(frame);
            };
            rooms.mischief(does);
            victim.database.put("the victim's own", Map.of("word", WORD));
            CompletableFuture<Void> equal = victim.sync.dial(address).thenCompose(Session::awaitEqual);
            SyncException told = failure(equal);
            assertThat(told.kind()).as("%s: %s", deed, told).isIn(CLEAR);
            assertThat(told.getMessage()).isNotBlank();

            assertThat(victim.database.summary().documents())
                    .as("nothing but its own")
                    .isEqualTo(1);
            assertThat(hub.database.get("the victim's own")).isEmpty();
            honest.database.put("honest", Map.of("deed", deed.name()));
            await().atMost(SOON).until(() -> hub.database.get("honest").isPresent());
            assertThat(good.closed()).as("the honest session").isNotDone();
            assertThat(honest.broken).isEmpty();
            assertThat(hub.database.verify().ok()).isTrue();

            // Once the room behaves again, so do its victims.
            rooms.mischief((frame, members) -> List.of(frame));
            get(get(victim.sync.dial(address)).awaitEqual());
            assertThat(victim.database.summary().documents()).isEqualTo(302);
        }
        String all = new String(rooms.recorded(), StandardCharsets.ISO_8859_1);
        assertThat(all.contains("hub"))
                .as("the seat's name, which is no secret, was recorded")
                .isTrue();
        assertThat(all.length()).isGreaterThan(10_000);
        assertThat(all.contains(WORD)).as("a word of a document").isFalse();
        assertThat(all.contains(ID)).as("an id").isFalse();
        assertThat(all.contains("xxxxxxxx")).as("a document's filler").isFalse();
    }

    /** Has the name of the room and of the seat, and not the secret. */
    @Test
    void aMemberWithoutTheSecretGetsNothing() throws Exception {
        try (InRoom hub = new InRoom();
                InRoom stranger = new InRoom();
                InRoom honest = new InRoom()) {
            hub.database.put(ID, Map.of("word", WORD));
            stranger.database.put("forged", Map.of("word", "not yours"));
            String address = hub.listen(rooms.room("r") + "hub");
            String bare = address.substring(0, address.indexOf('#'));
            for (int i = 0; i < 5; i++) {
                SyncException told = failure(stranger.sync.dial(bare, "0123456789abcdefghijkl" + i));
                assertThat(told.kind()).isEqualTo(ErrorKind.AUTHENTICATION);
            }
            assertThat(stranger.database.summary().documents()).isEqualTo(1);
            assertThat(hub.database.get("forged")).isEmpty();
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(hub.refused)
                            .hasSizeGreaterThanOrEqualTo(5)
                            .allSatisfy(why -> assertThat(why.kind()).isEqualTo(ErrorKind.AUTHENTICATION)));
            get(get(honest.sync.dial(address)).awaitEqual());
            assertThat(honest.database.get(ID)).isPresent();
        }
    }

    /** Takes the hub's seat while the hub is away, and gets no further. */
    @Test
    void aMemberOnSomebodyElsesSeatGetsNothing() throws Exception {
        try (InRoom hub = new InRoom();
                InRoom thief = new InRoom();
                InRoom honest = new InRoom()) {
            honest.database.put(ID, Map.of("word", WORD));
            String address = hub.listen(rooms.room("r") + "hub");
            hub.sync.close();
            get(thief.sync.listen(rooms.room("r") + "hub", "another-secret-than-the-hubs"));
            SyncException told = failure(honest.sync.dial(address));
            assertThat(told.kind()).isEqualTo(ErrorKind.AUTHENTICATION);
            assertThat(thief.database.summary().documents()).isZero();
        }
    }
}
