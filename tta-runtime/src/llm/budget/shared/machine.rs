//! One account of a shared budget, as one process sees it: which calls may start, and what the server is asked. A function of
//! its state and of the time, which is passed in.

use std::time::Duration;

use super::lease::{Ask, Known, Lease, Request};
use super::pause::Pause;
use super::slice::Slice;
use crate::clock::Monotonic;
use crate::redis::Availability;

/// How long calls are refused without a request after the account had too little; it doubles up to [`LONGEST_REFUSAL`] while
/// it goes on.
const FIRST_REFUSAL: u64 = 100_000_000;

const LONGEST_REFUSAL: u64 = 1_600_000_000;

/// How long the server keeps the account of a window that has ended, in milliseconds: what it has not heard by then, it never will.
const KEPT: u64 = 3_600_000;

/// Returns whether a pause is over, if there is one.
fn may_ask(pause: Option<Pause>, now: Monotonic) -> bool {
    pause.is_none_or(|pause| pause.left(now) == 0)
}

/// The terms of a shared budget.
#[derive(Clone, Copy, Debug)]
pub(super) struct SharedTerms {
    pub(super) limit: u64,
    pub(super) soft: u64,
    /// In milliseconds.
    pub(super) period: Option<u64>,
    /// The duration of a lease, in nanoseconds.
    pub(super) lease: u64,
    /// The amount that the process may spend in each window while the server does not answer.
    pub(super) degraded: u64,
}

/// The account of a process, a workflow, an agent or a tenant.
#[derive(Clone, Debug)]
pub(super) struct Machine {
    terms: SharedTerms,
    /// The identifier of the next lease; those of all processes start at random numbers.
    next_lease: u64,
    window: u64,
    current: Option<Lease>,
    /// Leases of ended windows whose calls are running, and leases that the server does not know the end of.
    past: Vec<Lease>,
    slice: Slice,
    server_clock: Option<ServerClock>,
    /// The state of the account as of the last answer in this window.
    known: Known,
    /// The sum that all processes have spent as of then.
    all_spent: u64,
    /// The part of the degraded amount that was used in this window.
    degraded_used: u64,
    waiting: Waiting,
    refused: Option<Refused>,
    /// Until then, only calls that wait ask for more: the account had less than the process wanted.
    scarce_until: Monotonic,
    quiet_until: Monotonic,
    asked: Monotonic,
    is_asking: bool,
    is_closing: bool,
    outage: Option<Outage>,
    last_use: Monotonic,
}

/// A reading of the server's clock.
#[derive(Clone, Copy, Debug)]
struct ServerClock {
    milliseconds: u64,
    at: Monotonic,
}

/// The calls that wait for a slice.
#[derive(Clone, Copy, Debug, Default)]
struct Waiting {
    sum: u64,
    least: Option<u64>,
    wants_all: bool,
}

/// The account had less than `least` left.
#[derive(Clone, Copy, Debug)]
struct Refused {
    least: u64,
    lasts: u64,
    until: Monotonic,
}

/// The server does not answer.
#[derive(Clone, Copy, Debug)]
enum Outage {
    /// A request of this account had no answer.
    Met(Pause),
    /// A request of another account had none, and that one asks again: this account has nothing to tell the server.
    Heard,
}

/// The result of an attempt to reserve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    /// The amount is reserved in this lease.
    Reserved {
        lease: u64,
        amount: u64,
    },
    /// The server has to be asked.
    Wait,
    Refused(Reason),
}

/// Why a call is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    TooLittleLeft,
    ServerAway,
}

/// An answer of the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) is_early: bool,
    pub(super) granted: u64,
    pub(super) committed: u64,
    pub(super) spent: u64,
    /// How long the server grants nothing, in milliseconds.
    pub(super) quiet: u64,
    pub(super) reaches_soft: bool,
    pub(super) epoch: u64,
    /// The server's time in milliseconds since the Unix epoch.
    pub(super) now: u64,
}

/// The state of an account, for metrics and errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Balance {
    pub(super) left: u64,
    pub(super) spent: u64,
    pub(super) reserved: u64,
    pub(super) resets_in: Option<Duration>,
}

impl Machine {
    /// Makes an account whose leases have the identifiers from `first_lease` on.
    pub(super) fn new(terms: SharedTerms, first_lease: u64) -> Self {
        Self {
            terms,
            next_lease: first_lease,
            window: 0,
            current: None,
            past: Vec::new(),
            slice: Slice::default(),
            server_clock: None,
            known: Known::default(),
            all_spent: 0,
            degraded_used: 0,
            waiting: Waiting::default(),
            refused: None,
            scarce_until: Monotonic(0),
            quiet_until: Monotonic(0),
            asked: Monotonic(0),
            is_asking: false,
            is_closing: false,
            outage: None,
            last_use: Monotonic(0),
        }
    }

    /// Reserves `most`, or all that is left if `None`. `wall` is the process's own time in milliseconds since the Unix epoch,
    /// for windows before the server has told its time.
    pub(super) fn attempt(&mut self, most: Option<u64>, now: Monotonic, wall: u64) -> Attempt {
        self.roll(now, wall);
        self.last_use = now;
        self.is_closing = false;
        let limit = self.terms.limit;
        let known = self.known;
        let lease = self.lease();
        let amount = match most {
            Some(most) => Some(most),
            // All that is left is here once the server has nothing more to grant.
            None if known.committed >= limit => Some(lease.usable(now)).filter(|usable| *usable > 0),
            None => None,
        };
        if let Some(amount) = amount
            && lease.reserve(amount, now)
        {
            let lease = lease.id;
            self.slice.reserved(amount);
            return Attempt::Reserved { lease, amount };
        }
        if self.is_cut_off(now) {
            let rest = self.terms.degraded.saturating_sub(self.degraded_used);
            let amount = most.unwrap_or(rest.max(1));
            if amount > rest {
                return Attempt::Refused(Reason::ServerAway);
            }
            let lease = self.lease();
            lease.reserve_unleased(amount);
            let lease = lease.id;
            self.degraded_used = self.degraded_used.saturating_add(amount);
            return Attempt::Reserved { lease, amount };
        }
        let least = most.unwrap_or(1);
        if self.refused.is_some_and(|refused| now < refused.until && least >= refused.least) {
            return Attempt::Refused(Reason::TooLittleLeft);
        }
        self.waiting.sum = self.waiting.sum.saturating_add(least);
        self.waiting.least = Some(self.waiting.least.map_or(least, |other| other.min(least)));
        self.waiting.wants_all |= most.is_none();
        Attempt::Wait
    }

    /// Replaces a reservation with the actual amount. An amount without a reservation is spent from the current lease.
    pub(super) fn settle(&mut self, lease: u64, reserved: u64, spent: u64, now: Monotonic) {
        self.last_use = now;
        if reserved > 0 {
            self.slice.spent(spent);
        }
        let mut leases = self.current.iter_mut().chain(&mut self.past);
        if let Some(lease) = leases.find(|known| known.id == lease) {
            lease.settle(reserved, spent);
            return;
        }
        self.lease().settle(0, spent);
    }

    /// Returns the lease of the current window.
    fn lease(&mut self) -> &mut Lease {
        let (window, next_lease) = (self.window, &mut self.next_lease);
        self.current.get_or_insert_with(|| {
            let id = *next_lease;
            *next_lease = id.wrapping_add(1);
            Lease::new(id, window)
        })
    }

    /// Returns the request to send now, if there is one; none while another one is on its way.
    pub(super) fn next_request(&mut self, now: Monotonic, wall: u64) -> Option<Request> {
        self.roll(now, wall);
        let pause = match self.outage {
            Some(Outage::Heard) => return None,
            Some(Outage::Met(pause)) => Some(pause),
            None => None,
        };
        if self.is_asking {
            return None;
        }
        let mut request = None;
        if may_ask(pause, now) {
            if self.outage.is_some() {
                // Also without calls somebody has to notice that the server is back.
                self.lease();
            }
            request = self.of_current(now);
        }
        if request.is_none() {
            request = self.of_past(now);
        }
        self.is_asking = request.is_some();
        request
    }

    /// Returns the time until the next request that follows one without an answer, in nanoseconds; `None` if all had one.
    pub(super) fn asks_again_in(&self, now: Monotonic) -> Option<u64> {
        let of_current = match self.outage {
            Some(Outage::Met(pause)) => Some(pause),
            Some(Outage::Heard) | None => None,
        };
        let of_past = self.past.iter().filter_map(|lease| lease.pause);
        of_current.into_iter().chain(of_past).map(|pause| pause.left(now)).min()
    }

    fn of_current(&mut self, now: Monotonic) -> Option<Request> {
        let is_quiet = now < self.quiet_until;
        let is_due = self.is_due(now);
        let is_unused = self.is_closing || self.is_idle(now, self.terms.lease);
        let lease = self.current.as_mut()?;
        let is_refused = self.refused.is_some_and(|refused| now < refused.until);
        let waits = self.waiting.least.is_some() && !is_quiet;
        let is_scarce = is_refused || now < self.scarce_until;
        let is_low = self.slice.is_low(lease.usable(now)) && !is_scarce && !is_quiet;
        let resends = lease.has_unanswered();
        let closes = self.is_closing && (lease.free() > 0 || lease.unreported() > 0);
        let known = self.known;
        if is_unused && !is_quiet && !waits && self.outage.is_none() && lease.is_known() && lease.is_settled() {
            self.asked = now;
            return Some(lease.last_request(known));
        }
        if !(waits || is_low || resends || closes || self.outage.is_some() || is_due && !lease.is_settled()) {
            return None;
        }
        self.asked = now;
        if resends {
            return Some(lease.request(0, Ask::default(), known));
        }
        if !waits && (self.is_closing || is_due && self.slice.is_unused() && !is_quiet) {
            self.slice = Slice::default();
            return Some(lease.request(0, Ask::default(), known));
        }
        self.slice.resize(now);
        let target = self.slice.target();
        let waiting = std::mem::take(&mut self.waiting);
        if is_quiet {
            // While the server collects what its clients hold, giving back would hide a part of it.
            return Some(lease.request(u64::MAX, Ask::default(), known));
        }
        let enough = target.saturating_add(waiting.sum);
        let ask = if waiting.wants_all {
            Ask::ALL
        } else {
            let least = waiting.least.map_or(1, |least| least.saturating_sub(lease.free()).max(1));
            let want = enough.saturating_sub(lease.free());
            Ask { want: if waits { want.max(least) } else { want }, least }
        };
        Some(lease.request(enough, ask, known))
    }

    /// Returns whether it is time to renew the present lease.
    fn is_due(&self, now: Monotonic) -> bool {
        now.0.saturating_sub(self.asked.0) >= self.terms.lease / 3
    }

    fn of_past(&mut self, now: Monotonic) -> Option<Request> {
        // Each by itself: one whose calls run, and the present one, may be told of much more often.
        let is_due = |lease: &Lease| lease.is_due(now, self.terms.lease);
        let has_news = |lease: &Lease| lease.reserved() == 0 || lease.has_unanswered() || is_due(lease);
        // A window that the server's clock has not reached yet waits for it, as when another server with a clock behind took over.
        let may_tell = |lease: &Lease| lease.window <= self.window && may_ask(lease.pause, now);
        let leases = self.past.iter_mut().filter(|lease| has_news(lease) && may_tell(lease));
        // A window whose server is away does not hold up the others: it is asked after them.
        let lease = leases.min_by_key(|lease| lease.pause.map(Pause::until))?;
        // An ended window grants nothing, so there is nothing to protect.
        Some(if lease.reserved() == 0 {
            lease.last_request(Known::default())
        } else {
            lease.request(0, Ask::default(), Known::default())
        })
    }

    /// Applies the answer to a request that was sent at `sent`.
    pub(super) fn answered(&mut self, request: &Request, answer: &Answer, sent: Monotonic, now: Monotonic) {
        self.is_asking = false;
        if request.window == self.window {
            self.outage = None;
        }
        // Between sending and now the server read its clock: the later bound ends windows early rather than late, unless
        // that was too early already.
        let at = if answer.is_early { now } else { sent };
        self.server_clock = Some(ServerClock { milliseconds: answer.now, at });
        let mut leases = self.current.iter_mut().chain(&mut self.past);
        let Some(lease) = leases.find(|lease| lease.id == request.lease) else { return };
        lease.pause = None;
        if answer.is_early {
            lease.not_applied(request.sequence);
            return;
        }
        let lapses = Monotonic(sent.0.saturating_add(self.terms.lease));
        if !lease.answered(request.sequence, answer.granted, lapses) {
            return;
        }
        if request.window == self.window {
            self.quiet_until = Monotonic(sent.0.saturating_add(answer.quiet.saturating_mul(1_000_000)));
            self.known = Known { epoch: answer.epoch, committed: answer.committed };
            self.all_spent = answer.spent;
            if answer.granted < request.ask.want {
                self.scarce_until = Monotonic(now.0.saturating_add(FIRST_REFUSAL));
            }
            let has_too_little = request.ask.want > 0 && answer.granted < request.ask.least && answer.quiet == 0;
            if has_too_little {
                let lasts = self.refused.map_or(FIRST_REFUSAL, |refused| (refused.lasts * 2).min(LONGEST_REFUSAL));
                let least = request.ask.least.saturating_add(lease.free());
                self.refused = Some(Refused { least, lasts, until: Monotonic(now.0.saturating_add(lasts)) });
            } else if answer.granted > 0 {
                self.refused = None;
            }
        }
        if request.is_last {
            // What arrived after the last request was made is reported by another lease, with an identifier of its own.
            self.past.retain(|lease| lease.id != request.lease || lease.unreported() > 0 || lease.reserved() > 0);
            // One that was used meanwhile goes on: its server remembers it.
            self.current = self.current.take().filter(|lease| lease.id != request.lease || !lease.is_settled());
        }
    }

    /// Notes that a request got no answer.
    pub(super) fn unanswered(&mut self, request: &Request, now: Monotonic) {
        self.is_asking = false;
        if request.window != self.window {
            if let Some(lease) = self.past.iter_mut().find(|lease| lease.id == request.lease) {
                lease.pause = Some(Pause::after(lease.pause, now));
            }
            return;
        }
        let earlier = match self.outage {
            Some(Outage::Met(pause)) => Some(pause),
            Some(Outage::Heard) | None => None,
        };
        self.outage = Some(Outage::Met(Pause::after(earlier, now)));
        self.waiting = Waiting::default();
    }

    /// Takes over from other accounts whether the server answers, so that not each of many accounts waits for it.
    pub(super) fn hear(&mut self, availability: Availability) {
        match (availability, self.outage) {
            (Availability::Down, None) if self.is_settled() && !self.is_asking => self.outage = Some(Outage::Heard),
            (Availability::Up, Some(Outage::Heard)) => self.outage = None,
            _ => {}
        }
    }

    /// Gives back all that is free, since no more calls come; until one does.
    pub(super) fn close(&mut self) {
        self.is_closing = true;
    }

    /// Returns whether the server knows all that was spent, and holds nothing for this process that it does not need.
    pub(super) fn is_closed(&self) -> bool {
        self.leases().all(|lease| lease.free() == 0 && lease.unreported() == 0 && !lease.has_unanswered())
    }

    /// Returns whether the account is closed, and has said so, if anybody listens.
    pub(super) fn has_left(&self, now: Monotonic) -> bool {
        // A lease that calls reserve in goes on until they end.
        let has_to_say = |lease: &Lease| lease.is_known() && lease.reserved() == 0;
        self.is_closed() && (self.is_cut_off(now) || !self.current.as_ref().is_some_and(has_to_say))
    }

    /// Returns whether the server has nothing to learn of this process, which holds nothing.
    fn is_settled(&self) -> bool {
        self.leases().all(Lease::is_settled)
    }

    fn leases(&self) -> impl Iterator<Item = &Lease> {
        self.current.iter().chain(&self.past)
    }

    /// Returns whether the account can be forgotten: it is settled, and was not used for this time. What it may spend while the
    /// server is away is for a window, so that one that spent of it is remembered until the window ends.
    pub(super) fn is_forgettable(&self, now: Monotonic, wall: u64, idle: u64) -> bool {
        let has_whole_share = self.degraded_used == 0 || self.window_at(now, wall) != self.window;
        self.is_settled() && self.has_left(now) && !self.is_asking && has_whole_share && self.is_idle(now, idle)
    }

    /// Returns whether no call has used the account for this time.
    pub(super) fn is_idle(&self, now: Monotonic, time: u64) -> bool {
        now.0.saturating_sub(self.last_use.0) > time
    }

    /// Returns whether a server that the account needs is away, or grants nothing since it was.
    pub(super) fn is_away(&self, now: Monotonic) -> bool {
        self.is_cut_off(now) || self.past.iter().any(|lease| lease.pause.is_some())
    }

    /// Returns whether calls cannot get more than what is leased.
    fn is_cut_off(&self, now: Monotonic) -> bool {
        self.outage.is_some() || now < self.quiet_until
    }

    pub(super) fn balance(&self, now: Monotonic, wall: u64) -> Balance {
        let is_this_window = self.window_at(now, wall) == self.window;
        let own = self.current.as_ref().filter(|_| is_this_window);
        let (committed, all_spent) = if is_this_window { (self.known.committed, self.all_spent) } else { (0, 0) };
        let spent = all_spent.saturating_add(own.map_or(0, Lease::unreported));
        let usable = own.map_or(0, |lease| lease.usable(now));
        let left = self.terms.limit.saturating_sub(committed).saturating_add(usable).min(self.terms.limit);
        let reserved = self.terms.limit.saturating_sub(left).saturating_sub(spent);
        Balance { left, spent, reserved, resets_in: self.resets_in(now, wall) }
    }

    /// Starts a new window if the last one has ended.
    fn roll(&mut self, now: Monotonic, wall: u64) {
        let window = self.window_at(now, wall);
        if window == self.window {
            return;
        }
        self.window = window;
        if let Some(period) = self.terms.period {
            let begins = window.saturating_mul(period);
            let is_kept = |lease: &Lease| begins < (lease.window + 1).saturating_mul(period).saturating_add(KEPT);
            self.past.retain(|lease| lease.reserved() > 0 || is_kept(lease));
        }
        let pause = match self.outage {
            Some(Outage::Met(pause)) => Some(pause),
            Some(Outage::Heard) | None => None,
        };
        if let Some(mut lease) = self.current.take().filter(|lease| !lease.is_settled()) {
            lease.pause = pause;
            self.past.push(lease);
        }
        (self.known, self.all_spent) = (Known::default(), 0);
        self.degraded_used = 0;
        (self.refused, self.scarce_until) = (None, Monotonic(0));
        // Another window has another account, in a cluster on another server.
        self.quiet_until = Monotonic(0);
        self.outage = self.outage.filter(|_| pause.is_none());
    }

    /// Returns the number of the window at a time.
    pub(super) fn window_at(&self, now: Monotonic, wall: u64) -> u64 {
        self.terms.period.map_or(0, |period| self.server_time(now, wall) / period)
    }

    fn resets_in(&self, now: Monotonic, wall: u64) -> Option<Duration> {
        let period = self.terms.period?;
        Some(Duration::from_millis(period - self.server_time(now, wall) % period))
    }

    fn server_time(&self, now: Monotonic, wall: u64) -> u64 {
        self.server_clock
            .map_or(wall, |clock| clock.milliseconds.saturating_add(now.0.saturating_sub(clock.at.0) / 1_000_000))
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Attempt, Machine, Monotonic, SharedTerms};

    const SECOND: u64 = 1_000_000_000;

    fn machine() -> Machine {
        let terms =
            SharedTerms { limit: 1_000, soft: 1_000, period: Some(60_000), lease: 10 * SECOND, degraded: 1_000 };
        Machine::new(terms, 1)
    }

    /// Reserves an amount, whose server grants what it is asked for.
    fn reserve(machine: &mut Machine, amount: u64, now: Monotonic, wall: u64) -> u64 {
        loop {
            match machine.attempt(Some(amount), now, wall) {
                Attempt::Reserved { lease, .. } => return lease,
                Attempt::Wait => {}
                Attempt::Refused(reason) => panic!("{reason:?}"),
            }
            let request = machine.next_request(now, wall).expect("calls wait");
            let answer =
                Answer { granted: request.ask.least, committed: request.ask.least, now: wall, ..Answer::default() };
            machine.answered(&request, &answer, now, now);
        }
    }

    #[test]
    fn a_machine_has_left_while_a_call_goes_on() {
        let (mut machine, now) = (machine(), Monotonic(SECOND));
        let lease = reserve(&mut machine, 100, now, 1_000);
        machine.close();
        assert!(machine.next_request(now, 1_000).is_none_or(|request| {
            machine.answered(&request, &Answer { now: 1_000, ..Answer::default() }, now, now);
            true
        }));
        assert!(machine.is_closed() && machine.has_left(now), "the call keeps what it has reserved");
        machine.settle(lease, 100, 40, now);
        machine.close();
        assert!(!machine.has_left(now), "the server has to learn what was spent");
    }

    #[test]
    fn calls_of_several_ended_windows_keep_their_leases_while_the_present_one_is_busy() {
        let mut machine = machine();
        let wall = |now: Monotonic| now.0 / 1_000_000;
        let mut renewed = [[0; 2]; 2];
        for second in 1..240 {
            let (now, window) = (Monotonic(second * SECOND), second / 60);
            // Calls that outlive the first two windows, and others in each second of the later ones.
            if second % 60 == 1 || window > 1 {
                reserve(&mut machine, 1, now, wall(now));
            }
            while let Some(request) = machine.next_request(now, wall(now)) {
                if let Some([times, last]) = renewed.get_mut(request.window as usize).filter(|_| window > 1) {
                    assert!(second - *last <= 10 || *times == 0, "window {} lapsed at {last} s", request.window);
                    (*times, *last) = (*times + 1, second);
                }
                let granted = request.ask.least;
                let answer = Answer { granted, committed: granted, now: wall(now), ..Answer::default() };
                machine.answered(&request, &answer, now, now);
            }
        }
        assert!(renewed.iter().all(|[times, last]| *times >= 12 && *last >= 230), "{renewed:?}");
    }

    #[test]
    fn a_window_that_the_server_s_clock_has_not_reached_waits_for_it() {
        let mut machine = machine();
        // By the process's own clock it is the second window, and the server does not answer.
        let now = Monotonic(SECOND);
        assert_eq!(machine.attempt(Some(10), now, 61_000), Attempt::Wait);
        let request = machine.next_request(now, 61_000).expect("a call waits");
        machine.unanswered(&request, now);
        assert!(matches!(machine.attempt(Some(10), now, 61_000), Attempt::Reserved { .. }), "a share passes");
        let mut early = 0;
        for second in 2..70 {
            let now = Monotonic(second * SECOND);
            let wall = 60_000 + second * 1_000;
            // Its clock is 20 s behind.
            let server_time = wall - 20_000;
            while let Some(request) = machine.next_request(now, wall) {
                let is_early = request.window > server_time / 60_000;
                early += u32::from(is_early);
                assert!(early <= 2, "it asks again and again at {second} s");
                let granted = if is_early { 0 } else { request.ask.want };
                let answer = Answer { is_early, granted, committed: granted, now: server_time, ..Answer::default() };
                machine.answered(&request, &answer, now, now);
            }
        }
        assert!(early > 0);
    }

    #[test]
    fn a_window_whose_server_is_away_does_not_hold_up_the_next_ones() {
        let mut machine = machine();
        let wall = |now: Monotonic| now.0 / 1_000_000;
        let mut reported = Vec::new();
        for window in 0..4_u64 {
            let now = Monotonic((60 * window + 1) * SECOND);
            let lease = reserve(&mut machine, 10, now, wall(now));
            // The first window's server does not answer once it has ended.
            for later in 0..20 {
                let now = Monotonic(now.0 + later * SECOND);
                let Some(request) = machine.next_request(now, wall(now)) else { continue };
                if request.window == 0 && window > 0 {
                    machine.unanswered(&request, now);
                } else {
                    reported.extend((request.window < window).then_some(request.window));
                    let granted = request.ask.want;
                    let answer = Answer { granted, committed: granted, now: wall(now), ..Answer::default() };
                    machine.answered(&request, &answer, now, now);
                }
            }
            // Not reported before its window ends.
            machine.settle(lease, 10, 10, now);
        }
        assert_eq!(reported, [1, 2]);
        assert!(machine.is_away(Monotonic(200 * SECOND)));
        // What a server has forgotten is not told to it.
        let now = Monotonic(3_700 * SECOND);
        assert!(machine.next_request(now, wall(now)).is_none_or(|request| request.window != 0));
        assert!(!machine.is_away(now) && machine.past.iter().all(|lease| lease.window > 0));
    }
}
