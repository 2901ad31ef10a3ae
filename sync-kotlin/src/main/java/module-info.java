/** Coroutines, flows and data classes. */
module dev.livesync.kotlin {
    requires transitive dev.livesync.collections;
    requires transitive dev.livesync.core;
    requires transitive dev.livesync.database;
    requires transitive kotlin.stdlib;
    requires transitive kotlinx.coroutines.core;
    requires com.fasterxml.jackson.kotlin;

    exports dev.livesync.kotlin;
}
