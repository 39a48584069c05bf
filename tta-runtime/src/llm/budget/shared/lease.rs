//! The lease of one process on an account in one window: a state machine without a clock.

use super::pause::Pause;
use crate::clock::Monotonic;

/// An amount of an account that the server has set aside for this process. It has an identifier of its own, and a number
/// for each request, so that the server applies each request once.
#[derive(Clone, Debug)]
pub(super) struct Lease {
    pub(super) id: u64,
    /// The number of the period since the Unix epoch; 0 without periods.
    pub(super) window: u64,
    sequence: u64,
    spent: u64,
    reserved: u64,
    /// Everything that was set aside, spent or not.
    total: u64,
    /// The part of `spent` that the server knows of.
    reported: u64,
    /// The part of `total` that the server knows of.
    acknowledged: u64,
    /// From this time on, nothing more may be reserved until the server renews the lease.
    lapses: Monotonic,
    unanswered: Option<Request>,
    /// The latest request after the end of the window had no answer: each window has a key of its own, in a cluster on another server.
    pub(super) pause: Option<Pause>,
}

/// A request to the server about a lease. It is sent again, with the same number and the same amounts, until an answer arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) lease: u64,
    pub(super) window: u64,
    pub(super) sequence: u64,
    /// Everything spent so far.
    pub(super) spent: u64,
    /// The part of the rest that the process keeps; it gives back the others.
    pub(super) keep: u64,
    /// The part of `spent` that the server knew as of its last answer.
    pub(super) reported: u64,
    /// The amount that it had set aside then, spent or not.
    pub(super) acknowledged: u64,
    pub(super) ask: Ask,
    pub(super) known: Known,
    pub(super) is_last: bool,
    /// Whether it was sent before, and may have been applied.
    pub(super) is_again: bool,
}

/// The state of the account in this window, as the process knows it; zeros if it has had no answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// Identifies the account, which a server may lose and make anew.
    pub(super) epoch: u64,
    /// The sum of what all processes have spent and set aside.
    pub(super) committed: u64,
}

/// The amount that a process would like to have in addition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ask {
    pub(super) want: u64,
    /// Less than this is of no use.
    pub(super) least: u64,
}

impl Ask {
    /// Everything that is left.
    pub(super) const ALL: Self = Self { want: u64::MAX, least: 1 };
}

impl Lease {
    pub(super) fn new(id: u64, window: u64) -> Self {
        Self {
            id,
            window,
            sequence: 0,
            spent: 0,
            reserved: 0,
            total: 0,
            reported: 0,
            acknowledged: 0,
            lapses: Monotonic(0),
            unanswered: None,
            pause: None,
        }
    }

    /// Reserves for a call; returns false if too little is free, or if the lease has lapsed.
    pub(super) fn reserve(&mut self, most: u64, now: Monotonic) -> bool {
        let has_enough = most == 0 || most <= self.usable(now);
        if has_enough {
            self.reserved = self.reserved.saturating_add(most);
        }
        has_enough
    }

    /// Reserves what the server has not set aside: it learns of it by the next request.
    pub(super) fn reserve_unleased(&mut self, most: u64) {
        self.total = self.total.saturating_add(most);
        self.reserved = self.reserved.saturating_add(most);
    }

    /// Replaces a reservation with the actual amount.
    pub(super) fn settle(&mut self, reserved: u64, spent: u64) {
        self.reserved = self.reserved.saturating_sub(reserved);
        self.spent = self.spent.saturating_add(spent);
    }

    /// Returns the amount that calls can reserve.
    pub(super) fn usable(&self, now: Monotonic) -> u64 {
        if now < self.lapses { self.free() } else { 0 }
    }

    /// Returns the amount that is neither spent nor reserved.
    pub(super) fn free(&self) -> u64 {
        self.total.saturating_sub(self.spent).saturating_sub(self.reserved)
    }

    pub(super) fn reserved(&self) -> u64 {
        self.reserved
    }

    /// Returns the amount spent that the server does not know of.
    pub(super) fn unreported(&self) -> u64 {
        self.spent.saturating_sub(self.reported)
    }

    /// Returns whether the server was told of this lease.
    pub(super) fn is_known(&self) -> bool {
        self.sequence > 0
    }

    /// Returns whether a third of the time for which the server has set the amount aside is over.
    pub(super) fn is_due(&self, now: Monotonic, duration: u64) -> bool {
        self.lapses.0.saturating_sub(now.0) <= duration - duration / 3
    }

    pub(super) fn has_unanswered(&self) -> bool {
        self.unanswered.is_some()
    }

    /// Returns whether the server has nothing to learn: nothing is set aside, and nothing unreported.
    pub(super) fn is_settled(&self) -> bool {
        self.unanswered.is_none() && self.reserved == 0 && self.free() == 0 && self.unreported() == 0
    }

    /// Returns the request to send: the unanswered one, or else a new one that keeps at most `keep_free` of what is free.
    pub(super) fn request(&mut self, keep_free: u64, ask: Ask, known: Known) -> Request {
        if let Some(unanswered) = self.unanswered {
            return Request { is_again: true, ..unanswered };
        }
        self.make_request(keep_free, ask, known, false)
    }

    /// Returns the request that ends the lease; call it when nothing is reserved.
    pub(super) fn last_request(&mut self, known: Known) -> Request {
        match self.unanswered {
            Some(unanswered) => Request { is_again: true, ..unanswered },
            None => self.make_request(0, Ask::default(), known, true),
        }
    }

    fn make_request(&mut self, keep_free: u64, ask: Ask, known: Known, is_last: bool) -> Request {
        self.sequence = self.sequence.saturating_add(1);
        let keep = self.reserved.saturating_add(self.free().min(keep_free));
        let request = Request {
            lease: self.id,
            window: self.window,
            sequence: self.sequence,
            spent: self.spent,
            keep,
            reported: self.reported,
            acknowledged: self.acknowledged,
            ask,
            known,
            is_last,
            is_again: false,
        };
        // What is given back can no longer be reserved, even if the answer is lost.
        self.total = self.spent.saturating_add(keep);
        self.unanswered = Some(request);
        request
    }

    /// Applies an answer to the request with this number; returns false if it is one to an earlier request.
    pub(super) fn answered(&mut self, sequence: u64, granted: u64, lapses: Monotonic) -> bool {
        let Some(request) = self.unanswered.filter(|request| request.sequence == sequence) else { return false };
        self.unanswered = None;
        self.reported = request.spent;
        self.acknowledged = request.spent.saturating_add(request.keep).saturating_add(granted);
        self.total = self.total.saturating_add(granted);
        self.lapses = lapses;
        true
    }

    /// Notes that the server did not apply the request with this number, since the window has not begun.
    pub(super) fn not_applied(&mut self, sequence: u64) {
        if self.unanswered.is_some_and(|request| request.sequence == sequence) {
            self.unanswered = None;
        }
    }
}
