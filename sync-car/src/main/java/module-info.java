/** Bytes to blocks and back: strict dag-cbor, the codecs of events and tree nodes, CAR v1. */
@SuppressWarnings("module") // those that packs are for come later in the build
module dev.livesync.car {
    requires transitive dev.livesync.api;

    exports dev.livesync.car;
    exports dev.livesync.car.pack to
            dev.livesync.core;
}
