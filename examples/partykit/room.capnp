# The room on this machine: loopback only, nothing is stored.

using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .room)],
  sockets = [(name = "http", address = "127.0.0.1:8787", http = (), service = "main")]
);

const room :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "target/worker.js")],
  compatibilityDate = "2026-11-01",
  durableObjectNamespaces = [(className = "Livesync", uniqueKey = "livesync", enableSql = true)],
  durableObjectStorage = (inMemory = void),
  bindings = [
    (name = "Livesync", durableObjectNamespace = "Livesync"),
    (name = "LIVESYNC_TOKEN", fromEnvironment = "LIVESYNC_TOKEN")
  ]
);
