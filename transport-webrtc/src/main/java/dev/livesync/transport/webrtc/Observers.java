package dev.livesync.transport.webrtc;

import dev.onvoid.webrtc.CreateSessionDescriptionObserver;
import dev.onvoid.webrtc.PeerConnectionObserver;
import dev.onvoid.webrtc.RTCDataChannel;
import dev.onvoid.webrtc.RTCDataChannelBuffer;
import dev.onvoid.webrtc.RTCDataChannelObserver;
import dev.onvoid.webrtc.RTCIceCandidate;
import dev.onvoid.webrtc.RTCIceConnectionState;
import dev.onvoid.webrtc.RTCIceGatheringState;
import dev.onvoid.webrtc.RTCPeerConnectionState;
import dev.onvoid.webrtc.RTCSessionDescription;
import dev.onvoid.webrtc.SetSessionDescriptionObserver;

/** The observers that the native library calls, on its one thread. Each holds a {@link Relay} and nothing else. */
final class Observers {
    private Observers() {}

    /** The connection's callbacks. */
    record OfConnection(Relay<NativeConnection> relay) implements PeerConnectionObserver {
        @Override
        public void onIceCandidate(RTCIceCandidate candidate) {
            // All of them are in the description.
        }

        @Override
        public void onIceGatheringChange(RTCIceGatheringState state) {
            if (state == RTCIceGatheringState.COMPLETE) {
                relay.tell(NativeConnection::onGathered);
            }
        }

        @Override
        public void onIceConnectionChange(RTCIceConnectionState state) {
            if (state == RTCIceConnectionState.CONNECTED || state == RTCIceConnectionState.COMPLETED) {
                relay.tell(NativeConnection::onPath);
            }
        }

        @Override
        public void onConnectionChange(RTCPeerConnectionState state) {
            relay.tell(connection -> connection.onConnection(state));
        }

        @Override
        public void onDataChannel(RTCDataChannel incoming) {
            relay.tell(connection -> connection.onChannel(incoming));
        }
    }

    /** The data channel's callbacks. */
    record OfChannel(Relay<NativeConnection> relay) implements RTCDataChannelObserver {
        @Override
        public void onBufferedAmountChange(long previousAmount) {
            // Never called by webrtc-java 0.14.0.
        }

        @Override
        public void onStateChange() {
            relay.tell(NativeConnection::onChannelState);
        }

        @Override
        public void onMessage(RTCDataChannelBuffer buffer) {
            relay.tell(connection -> connection.onMessage(buffer));
        }
    }

    /** The callbacks of creating a description. */
    record OfCreating(Relay<NativeConnection> relay) implements CreateSessionDescriptionObserver {
        @Override
        public void onSuccess(RTCSessionDescription description) {
            relay.tell(connection -> connection.onCreated(description));
        }

        @Override
        public void onFailure(String message) {
            relay.tell(connection -> connection.onNotCreated(message));
        }
    }

    /** The callbacks of applying a description. */
    record OfApplying(Relay<Applying> relay) implements SetSessionDescriptionObserver {
        @Override
        public void onSuccess() {
            relay.tell(Applying::done);
        }

        @Override
        public void onFailure(String message) {
            relay.tell(applying -> applying.refused(message));
        }
    }

    /** Continues after a description was applied or refused. */
    interface Applying {
        void done();

        void refused(String message);
    }
}
