/** Documents as records and classes. Start at {@link dev.livesync.collections.TypedCollection}. */
module dev.livesync.collections {
    requires transitive dev.livesync.database;
    requires transitive com.fasterxml.jackson.databind;
    requires static transitive org.jspecify;

    exports dev.livesync.collections;
}
