package dev.livesync.database.versions;

/** What has become of a version of a document. */
public enum VersionState {
    /** It holds: it is what {@link dev.livesync.database.Database#get} reads, or the deletion because of which that finds nothing. */
    CURRENT,
    /** It lost against a version whose writer didn't know of it, and nobody who knew of it has written the document since. */
    CONFLICTING,
    /** Somebody who knew of it has written or deleted the document. */
    OVERWRITTEN
}
