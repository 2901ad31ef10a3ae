/** The embedded default database: merkle clock, merge, canonical trees and storage, behind {@code Database}. */
@SuppressWarnings("module") // those that the internal packages are for come later in the build
module dev.livesync.database {
    requires transitive dev.livesync.api;
    requires com.fasterxml.jackson.core;
    requires dev.livesync.car;
    requires static jdk.jfr;

    exports dev.livesync.database;
    exports dev.livesync.database.attachments;
    exports dev.livesync.database.checkpoint;
    exports dev.livesync.database.contents to
            dev.livesync.replica.postgres;
    exports dev.livesync.database.erasure;
    exports dev.livesync.database.live;
    exports dev.livesync.database.maintenance;
    exports dev.livesync.database.pieces to
            dev.livesync.replica.postgres;
    exports dev.livesync.database.query;
    exports dev.livesync.database.replica to
            dev.livesync.replica.postgres;
    exports dev.livesync.database.versions;
}
