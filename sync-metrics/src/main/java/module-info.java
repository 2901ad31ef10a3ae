/** The numbers of databases and their sessions, for Micrometer. */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"
}) // Micrometer names its modules in the manifest alone
module dev.livesync.metrics {
    requires transitive dev.livesync.core;
    requires transitive dev.livesync.database;
    requires transitive micrometer.core;

    exports dev.livesync.metrics;
}
