// A js-libp2p node on the loopback, as peer.mjs and bench.mjs both want it.

import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'

// Node 20 has none yet, and some of what js-libp2p depends on wants it.
Promise.withResolvers ??= function () {
  const made = {}
  made.promise = new this((resolve, reject) => Object.assign(made, { resolve, reject }))
  return made
}

/** A busy machine, not a peer's fault, is what takes long here. */
const PATIENCE = 60_000

export const PROTOCOL = '/livesync/1.0.0'

/** key: Ed25519, RSA, ECDSA or secp256k1. */
export async function startNode (key = 'Ed25519', services = { identify: identify(), ping: ping() }) {
  return await createLibp2p({
    privateKey: await generateKeyPair(key, key === 'RSA' ? 2048 : undefined),
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: {
      dialTimeout: PATIENCE,
      inboundUpgradeTimeout: PATIENCE,
      inboundStreamProtocolNegotiationTimeout: PATIENCE,
      outboundStreamProtocolNegotiationTimeout: PATIENCE
    },
    connectionMonitor: { enabled: false },
    connectionGater: { denyDialMultiaddr: () => false },
    services
  })
}
