//! The readings of each minute of the last hour: of each primitive, objective and account.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::score_events::ScoreEvents;
use super::spread::Spread;
use crate::clock::Monotonic;
use crate::llm::budget::{AccountListing, AccountReading};
use crate::outcome::Outcome;
use crate::site::Constants;
use crate::snapshot::{SiteReading, Snapshot};

/// One reading.
#[derive(Clone, Debug, Default)]
pub(in crate::page) struct Minute {
    pub(in crate::page) at: Monotonic,
    primitives: HashMap<usize, Primitive, RandomState>,
    /// Whether there were more primitives than are compared.
    is_cut: bool,
    objectives: HashMap<usize, Events, RandomState>,
    pub(in crate::page) scores: ScoreEvents,
    /// Whether there were more accounts than are compared.
    are_accounts_cut: bool,
    /// By budget and owner.
    spent: HashMap<(usize, Option<Arc<str>>), u64, RandomState>,
}

/// The calls of a primitive since start.
#[derive(Clone, Debug, Default)]
pub(in crate::page) struct Primitive {
    pub(in crate::page) ended: [u64; Outcome::COUNT],
    pub(in crate::page) cost_nano_usd: u64,
    durations: Spread,
}

/// The events of a primitive's objectives since start, good and bad: of availability, then of latency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::page) struct Events(pub(in crate::page) [[u64; 2]; 2]);

/// The readings, the oldest first.
#[derive(Debug, Default)]
pub(in crate::page) struct Minutes(VecDeque<Minute>);

/// The readings of an hour, and of the ten minutes for which primitives are compared, each with the one before them.
const MOST: usize = 61;
const OF_PRIMITIVES: usize = 12;

/// The most primitives and accounts that are compared: those with the most calls, and those with the least left.
const MOST_PRIMITIVES: usize = 200;
pub(super) const MOST_ACCOUNTS: usize = 1_000;

impl Minute {
    pub(super) fn read(at: Monotonic, snapshot: &Snapshot, listing: &AccountListing) -> Self {
        let mut sites: Vec<_> = snapshot.sites().iter().filter(|site| site.started() > 0).collect();
        sites.sort_by_key(|site| std::cmp::Reverse(site.started()));
        let is_cut = sites.len() > MOST_PRIMITIVES;
        let primitives = sites.iter().take(MOST_PRIMITIVES).map(|site| (address(site.constants), Primitive::of(site)));
        let has_objective = |site: &&SiteReading| {
            let slo = site.constants.slo;
            slo.availability.is_some() || slo.latency.is_some()
        };
        let objectives = snapshot.sites().iter().filter(has_objective);
        let spent = listing.accounts.iter();
        Self {
            at,
            primitives: primitives.collect(),
            is_cut,
            objectives: objectives.map(|site| (address(site.constants), Events::of(site))).collect(),
            scores: ScoreEvents::read(snapshot),
            are_accounts_cut: listing.left_out > 0,
            spent: spent.map(|account| ((account.budget, account.owner.clone()), account.spent)).collect(),
        }
    }

    /// Returns the calls of a primitive until then, `None` if they were not read.
    pub(in crate::page) fn primitive(&self, of: &'static Constants) -> Option<Primitive> {
        let read = self.primitives.get(&address(of)).cloned();
        read.or_else(|| (!self.is_cut).then(Primitive::default))
    }

    pub(in crate::page) fn events(&self, of: &'static Constants) -> Events {
        self.objectives.get(&address(of)).copied().unwrap_or_default()
    }

    /// Returns what had been spent from an account until then, `None` if that is not known: accounts that are shared may have been
    /// spent from before this process knew of them.
    pub(in crate::page) fn spent(&self, account: &AccountReading) -> Option<u64> {
        let read = self.spent.get(&(account.budget, account.owner.clone())).copied();
        read.or_else(|| (!account.is_shared && !self.are_accounts_cut).then_some(0))
    }
}

impl Primitive {
    pub(in crate::page) fn of(site: &SiteReading) -> Self {
        let mut ended = [0; Outcome::COUNT];
        for (sum, outcome) in ended.iter_mut().zip(Outcome::ALL) {
            *sum = site.ended(*outcome);
        }
        let cost_nano_usd = site.cells.model.as_ref().map_or(0, |model| model.cost.value());
        Self { ended, cost_nano_usd, durations: site.cells.durations.read().into() }
    }

    /// Returns what was added since an earlier reading.
    pub(in crate::page) fn since(&self, earlier: &Self) -> Self {
        let mut ended = self.ended;
        ended.iter_mut().zip(earlier.ended).for_each(|(sum, before)| *sum = sum.saturating_sub(before));
        let cost_nano_usd = self.cost_nano_usd.saturating_sub(earlier.cost_nano_usd);
        Self { ended, cost_nano_usd, durations: self.durations.since(&earlier.durations) }
    }

    /// Adds the calls of another function of the same name.
    pub(in crate::page) fn add(&mut self, other: &Self) {
        self.ended.iter_mut().zip(other.ended).for_each(|(sum, more)| *sum += more);
        self.cost_nano_usd = self.cost_nano_usd.saturating_add(other.cost_nano_usd);
        self.durations.add(&other.durations);
    }

    pub(in crate::page) fn p95_seconds(&self) -> f64 {
        let [p95] = self.durations.quantiles([0.95]);
        p95
    }

    pub(in crate::page) fn calls(&self) -> u64 {
        self.ended.iter().sum()
    }
}

impl Events {
    pub(in crate::page) fn of(site: &SiteReading) -> Self {
        let bad = site.bad();
        let latency = site.latency.map_or([0, 0], |latency| [latency.within, latency.beyond + bad]);
        Self([[site.ended(Outcome::Success), bad], latency])
    }

    pub(in crate::page) fn since(self, earlier: Self) -> Self {
        let mut sums = self.0;
        for (sum, before) in sums.iter_mut().flatten().zip(earlier.0.iter().flatten()) {
            *sum = sum.saturating_sub(*before);
        }
        Self(sums)
    }
}

impl Minutes {
    pub(super) fn push(&mut self, minute: Minute) {
        self.0.push_back(minute);
        if self.0.len() > MOST {
            self.0.pop_front();
        }
        let old = self.0.len().checked_sub(OF_PRIMITIVES + 1);
        if let Some(minute) = old.and_then(|old| self.0.get_mut(old)) {
            minute.primitives = HashMap::default();
            minute.spent = HashMap::default();
        }
    }

    pub(super) fn latest(&self) -> Option<&Minute> {
        self.0.back()
    }

    /// Returns the reading whose age is closest to a time, the oldest one in a program that is younger.
    pub(in crate::page) fn before(&self, now: Monotonic, minutes: u64) -> Option<&Minute> {
        let age = |minute: &Minute| now.0.saturating_sub(minute.at.0);
        self.0.iter().min_by_key(|minute| age(minute).abs_diff(minutes * 60_000_000_000))
    }

    /// Returns the bytes that the readings take, about.
    pub(in crate::page) fn bytes(&self) -> usize {
        let of = |minute: &Minute| {
            let primitives = minute.primitives.capacity() * (size_of::<(usize, Primitive)>() + 1);
            let spreads: usize = minute.primitives.values().map(|primitive| primitive.durations.bytes()).sum();
            let objectives = minute.objectives.capacity() * (size_of::<(usize, Events)>() + 1);
            let owners = |(_, owner): &(usize, Option<Arc<str>>)| owner.as_deref().map_or(0, str::len);
            let names: usize = minute.spent.keys().map(owners).sum();
            let spent = minute.spent.capacity() * (size_of::<((usize, Option<Arc<str>>), u64)>() + 1);
            primitives + spreads + objectives + minute.scores.bytes() + spent + names
        };
        self.0.capacity() * size_of::<Minute>() + self.0.iter().map(of).sum::<usize>()
    }
}

/// Returns the address that tells a call site from others.
fn address(constants: &'static Constants) -> usize {
    std::ptr::from_ref(constants).addr()
}

#[cfg(test)]
mod tests {
    use super::Minute;
    use crate::clock::{Clock, Monotonic};
    use crate::llm::BudgetScope;
    use crate::llm::budget::{AccountListing, AccountReading, BudgetUnit};
    use crate::outcome::Outcome;
    use crate::page::history::judged;
    use crate::recorder::Recorder;
    use crate::schema::buckets;
    use crate::site::{CallSite, Role};
    use crate::snapshot::Snapshot;

    #[test]
    fn a_primitive_that_was_not_read_is_no_primitive_without_calls() {
        let names = ["tool", "call", "unread", "primitive.tool.call", "unread"];
        let constants = &CallSite::dynamic(Role::Tool, names, buckets::DEFAULT).constants;
        let whole = Minute::default();
        assert_eq!(whole.primitive(constants).map(|primitive| primitive.calls()), Some(0));
        assert!(Minute { is_cut: true, ..whole }.primitive(constants).is_none());
    }

    fn account(budget: usize, spent: u64) -> AccountReading {
        AccountReading {
            budget,
            name: "default".into(),
            unit: BudgetUnit::NanoUsd,
            is_shared: false,
            scope: BudgetScope::Process,
            owner: None,
            period: None,
            period_left: None,
            limit: 100,
            soft: 80,
            reserved: 0,
            spent,
        }
    }

    fn minute(accounts: &[AccountReading], left_out: usize) -> Minute {
        let snapshot = Snapshot::take(Recorder::isolated(Clock::System));
        Minute::read(Monotonic(0), &snapshot, &AccountListing { accounts: accounts.to_vec(), left_out })
    }

    #[test]
    fn budgets_of_one_name_have_their_own_amounts() {
        let accounts = [account(1, 30), account(2, 70)];
        let minute = minute(&accounts, 0);
        assert_eq!(accounts.each_ref().map(|account| minute.spent(account)), [Some(30), Some(70)]);
    }

    #[test]
    fn an_account_that_was_not_read_had_spent_nothing_only_if_all_own_ones_were_read() {
        let shared = AccountReading { is_shared: true, ..account(3, 50) };
        let unread = [account(2, 70), shared.clone()];
        let spent = |minute: &Minute| unread.each_ref().map(|account| minute.spent(account));
        assert_eq!(spent(&minute(&[account(1, 30)], 0)), [Some(0), None]);
        assert_eq!(spent(&minute(&[account(1, 30)], 1)), [None, None]);
        assert_eq!(spent(&minute(&[account(1, 30), shared], 1)), [None, Some(50)]);
    }

    #[test]
    fn cancelled_calls_are_not_judged() {
        let mut ended = [0; Outcome::COUNT];
        for (place, outcome) in Outcome::ALL.iter().enumerate() {
            ended[place] = if *outcome == Outcome::Cancelled { 90 } else { 1 };
        }
        assert_eq!(judged(ended), [4, 3]);
    }
}
