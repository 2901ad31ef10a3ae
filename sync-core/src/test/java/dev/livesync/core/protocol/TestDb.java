package dev.livesync.core.protocol;

import dev.livesync.api.Cid;
import dev.livesync.api.Value;
import dev.livesync.api.replica.Replica;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** A database under test: enough to write into it and to see what it holds. */
interface TestDb extends AutoCloseable {
    /** A put, or a delete where the document is null. */
    record Op(String id, Value.@Nullable Mapping document) {}

    Replica replica();

    /** One event for each; several are a batch. */
    void write(List<Op> ops);

    SortedMap<String, Value> documents();

    List<Cid> heads();

    default void put(String id, Value.Mapping document) {
        write(List.of(new Op(id, document)));
    }

    default void delete(String id) {
        write(List.of(new Op(id, null)));
    }

    @Override
    default void close() {}
}
