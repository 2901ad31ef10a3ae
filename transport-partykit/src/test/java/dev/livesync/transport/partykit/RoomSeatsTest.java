package dev.livesync.transport.partykit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RoomSeatsTest {
    private final RoomSeats seats = new RoomSeats();

    @Test
    void aSeatIsOccupiedUntilNobodySitsThere() {
        assertThat(seats.sits("m1", "s")).isTrue();
        assertThat(seats.sits("m1", "s")).as("again").isFalse();
        assertThat(seats.sits("m2", "s")).as("by another").isFalse();
        assertThat(seats.all()).containsExactly("s");
        assertThat(seats.stands("m1", "s")).isEmpty();
        assertThat(seats.stands("m1", "s")).as("again").isEmpty();
        assertThat(seats.left("m2")).containsExactly("s");
        assertThat(seats.left("m2")).as("again").isEmpty();
        assertThat(seats.all()).isEmpty();
    }

    @Test
    void whoLeavesLeavesAllSeats() {
        seats.sits("m1", "a");
        seats.sits("m1", "b");
        seats.sits("m2", "b");
        assertThat(seats.left("m1")).containsExactly("a");
        assertThat(seats.clear()).containsExactly("b");
        assertThat(seats.all()).isEmpty();
    }

    @Test
    void aRoomThatTellsOfMoreIsNotBelieved() {
        for (int i = 0; i < 3 * RoomSeats.MOST; i++) {
            seats.sits("m" + i / 8, "s" + i);
        }
        assertThat(seats.all()).hasSize(RoomSeats.MOST);
        assertThat(seats.left("m0")).hasSize(8);
        assertThat(seats.sits("late", "late")).isTrue();
    }
}
