//! The account of a shared budget as Redis has it.

use std::collections::HashMap;

use crate::redis_server::Server;

/// One window of the account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// The number of the period since the Unix epoch.
    pub number: u64,
    /// What all processes have reported as spent.
    pub spent: u64,
    /// What is spent and set aside.
    pub committed: u64,
    /// What is set aside by leases that have not expired.
    pub reserved: u64,
}

/// Reads the windows of the fleet's budget from servers, of which each has a part.
#[must_use]
pub fn windows<'a>(servers: impl IntoIterator<Item = &'a Server>) -> Vec<Window> {
    let mut windows = Vec::new();
    for server in servers {
        let time: Vec<u64> = server.command("TIME", None::<&str>);
        let now = time.first().map_or(0, |seconds| seconds * 1_000);
        for key in server.command::<Vec<String>>("KEYS", "tta:budget:*") {
            let fields: HashMap<String, String> = server.command("HGETALL", &key);
            let number = |name: &str| fields.get(name).and_then(|number| number.parse().ok()).unwrap_or(0);
            let leases = fields.iter().filter(|(name, _)| name.starts_with("lease:"));
            windows.push(Window {
                number: key.rsplit_once(':').and_then(|(_, window)| window.parse().ok()).unwrap_or(0),
                spent: number("spent"),
                committed: number("committed"),
                reserved: leases.map(|(_, entry)| unexpired(entry, now)).sum(),
            });
        }
    }
    windows.sort_by_key(|window| window.number);
    windows
}

/// Returns what a lease sets aside, 0 once it has expired.
fn unexpired(entry: &str, now: u64) -> u64 {
    let numbers: Vec<i64> = entry.split(' ').filter_map(|number| number.parse().ok()).collect();
    match numbers.as_slice() {
        &[_, spent, total, expires, _] if expires > i64::try_from(now).unwrap_or(i64::MAX) => {
            u64::try_from(total - spent).unwrap_or(0)
        }
        _ => 0,
    }
}
