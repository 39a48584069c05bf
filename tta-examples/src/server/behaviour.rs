//! How the server behaves.

use crate::server::faults::FaultShare;

/// How the server behaves; equal behaviours answer equal requests equally.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Behaviour {
    /// What latencies and faults are drawn from.
    pub(crate) seed: u64,
    pub(crate) faults: FaultShare,
    /// What every latency is multiplied by: 0 answers at once.
    pub(crate) latency_factor: f64,
}
