package dev.livesync.it.cli;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.net.SocketTimeoutException;
import java.util.Arrays;

/** Whether multicast DNS works between two sockets at 127.0.0.1: not in every container. */
final class LoopbackMulticast {
    private static final int PORT = 5353;

    private LoopbackMulticast() {}

    /** Sends a response with no records until it arrives, for a second. */
    static boolean works() {
        byte[] message = new byte[12];
        message[2] = (byte) 0x84;
        message[1] = 42; // its id, by which it is known again
        try {
            InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
            NetworkInterface network = NetworkInterface.getByInetAddress(loopback);
            InetSocketAddress group =
                    new InetSocketAddress(InetAddress.getByAddress(new byte[] {(byte) 224, 0, 0, (byte) 251}), PORT);
            try (MulticastSocket receiver = new MulticastSocket(PORT);
                    MulticastSocket sender = new MulticastSocket(PORT)) {
                for (MulticastSocket socket : new MulticastSocket[] {receiver, sender}) {
                    socket.setNetworkInterface(network);
                    socket.joinGroup(group, network);
                }
                receiver.setSoTimeout(50);
                for (int i = 0; i < 20; i++) {
                    sender.send(new DatagramPacket(message, message.length, group));
                    DatagramPacket received = new DatagramPacket(new byte[9_000], 9_000);
                    try {
                        receiver.receive(received);
                        if (Arrays.equals(message, Arrays.copyOf(received.getData(), received.getLength()))) {
                            return true;
                        }
                    } catch (SocketTimeoutException e) {
                        // Perhaps the next one arrives.
                    }
                }
            }
            return false;
        } catch (IOException e) {
            return false;
        }
    }
}
