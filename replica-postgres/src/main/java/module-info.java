/** A replica in PostgreSQL that any number of hubs serve at once. */
@SuppressWarnings("requires-automatic") // the driver names its module in the manifest alone
module dev.livesync.replica.postgres {
    requires transitive dev.livesync.api;
    requires transitive dev.livesync.database;
    requires transitive java.sql;
    requires com.zaxxer.hikari;
    requires static org.checkerframework.checker.qual;
    requires org.postgresql.jdbc;

    exports dev.livesync.replica.postgres;
}
