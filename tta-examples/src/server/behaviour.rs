//! The parameters of the server.

use crate::server::faults::FaultShare;

/// The parameters of the server. Servers with equal parameters answer equal requests equally.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Behaviour {
    /// The seed of latencies and faults.
    pub(crate) seed: u64,
    pub(crate) faults: FaultShare,
    /// The factor of all latencies; 0 answers at once.
    pub(crate) latency_factor: f64,
}
