//! A model of `exchange.lua` for the tests of the client: the script itself is tested against Redis.

use std::collections::BTreeMap;

use super::lease::Request;
use super::machine::{Answer, SharedTerms};

/// A server with the account of one budget without periods, or with one window of it.
#[derive(Clone, Debug)]
pub(super) struct ServerModel {
    terms: SharedTerms,
    /// Identifies the server's process.
    server: u64,
    /// Its start, in milliseconds; `None` for long ago.
    started: Option<u64>,
    account: Option<Account>,
}

#[derive(Clone, Debug, Default)]
struct Account {
    server: u64,
    epoch: u64,
    quiet: u64,
    floor: u64,
    floored: u64,
    spent: u64,
    committed: u64,
    leases: BTreeMap<u64, Entry>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    sequence: u64,
    spent: u64,
    total: u64,
    granted: u64,
    expires: u64,
}

impl ServerModel {
    pub(super) fn new(terms: SharedTerms) -> Self {
        Self { terms, server: 1, started: None, account: None }
    }

    /// Restarts the server at a time in milliseconds with the data of `earlier`, `None` for none.
    pub(super) fn restart(&mut self, earlier: Option<&Self>, now: u64) {
        self.server += 1;
        self.started = Some(now);
        self.account = earlier.and_then(|earlier| earlier.account.clone());
    }

    /// Runs a request at a time in milliseconds.
    pub(super) fn exchange(&mut self, request: &Request, now: u64) -> Answer {
        let duration = self.terms.lease / 1_000_000;
        let (limit, server) = (self.terms.limit, self.server);
        let account = self.account.get_or_insert_with(|| Account {
            server,
            epoch: now,
            quiet: self.started.map(|started| started + duration).filter(|until| now <= *until).unwrap_or(0),
            ..Account::default()
        });
        if account.quiet > 0 && now >= account.quiet {
            account.floored = account.floored.max(account.floor);
            account.committed = account.committed.max(account.floor);
            (account.quiet, account.floor) = (0, 0);
        }
        let is_of_lost_account = request.known.epoch > 0 && request.known.epoch != account.epoch;
        let must_collect = is_of_lost_account && account.quiet == 0 && request.known.committed > account.floored;
        if account.server != server || must_collect {
            account.quiet = now + duration;
        }
        account.server = server;
        let known = account.leases.get(&request.lease).copied();
        let was = known.unwrap_or_else(|| {
            let most = if request.is_again { request.spent + request.keep } else { u64::MAX };
            let total = if account.quiet == 0 { request.acknowledged.min(most) } else { 0 };
            let spent = if account.quiet == 0 && !is_of_lost_account { request.reported } else { 0 };
            Entry { spent, total, ..Entry::default() }
        });
        let mut entry = was;
        let mut granted = 0;
        if request.sequence > was.sequence {
            let mut rest = request.spent + request.keep;
            if account.quiet > 0 {
                rest = rest.max(request.acknowledged);
                account.floor = account.floor.max(request.known.committed);
            }
            account.spent = account.spent + request.spent - was.spent;
            account.committed = if known.is_none() && is_of_lost_account && was.total > rest {
                let held: u64 = account.leases.values().map(|entry| entry.total - entry.spent).sum();
                let least = account.spent + held + rest - request.spent;
                least.max((account.committed + rest).saturating_sub(was.total))
            } else {
                account.committed + rest - was.total
            };
            let room = limit.saturating_sub(account.committed);
            if account.quiet == 0 && request.ask.want > 0 && room >= request.ask.least {
                granted = request.ask.want.min(room).min(request.ask.least.max(room / 4));
                if request.ask.want > limit {
                    granted = room;
                }
            }
            account.committed += granted;
            let (sequence, spent, total) = (request.sequence, request.spent, rest + granted);
            entry = Entry { sequence, spent, total, granted, expires: now + duration };
        } else if request.sequence == was.sequence {
            granted = was.granted;
            entry.expires = now + duration;
        }
        if request.is_last {
            entry.expires = 0;
        }
        account.leases.insert(request.lease, entry);
        let quiet = account.quiet.saturating_sub(now);
        let (committed, spent, epoch) = (account.committed, account.spent, account.epoch);
        Answer { granted, committed, spent, quiet, epoch, now, ..Answer::default() }
    }

    /// Removes all leases, as the script does an hour after they have expired; their sums stay.
    pub(super) fn remove_leases(&mut self) {
        self.account.iter_mut().for_each(|account| account.leases.clear());
    }

    /// Returns what is spent and set aside.
    pub(super) fn committed(&self) -> u64 {
        self.account.as_ref().map_or(0, |account| account.committed)
    }

    /// Returns what all have spent, as far as the server knows.
    pub(super) fn spent(&self) -> u64 {
        self.account.as_ref().map_or(0, |account| account.spent)
    }

    /// Returns what is set aside by leases that have not expired.
    pub(super) fn reserved(&self, now: u64) -> u64 {
        let leases = self.account.iter().flat_map(|account| account.leases.values());
        leases.filter(|entry| entry.expires > now).map(|entry| entry.total - entry.spent).sum()
    }
}
