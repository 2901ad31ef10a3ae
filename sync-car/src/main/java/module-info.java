/** Bytes to blocks and back: strict dag-cbor, the codecs of events and tree nodes, CAR v1. */
module dev.livesync.car {
    requires transitive dev.livesync.api;

    exports dev.livesync.car;
}
