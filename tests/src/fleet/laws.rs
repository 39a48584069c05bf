//! What must hold of a fleet: the sides of each law are what Redis has, and what the processes booked.

use super::account::Window;
use super::books::{BookedCall, Books};
use crate::watch::report::{Law, Relation};

/// What happened to a fleet.
#[derive(Clone, Debug)]
pub struct Record {
    /// The limit in nano-dollars.
    pub limit: u64,
    /// The period in milliseconds.
    pub period: u64,
    /// What all processes together may spend beyond the limit while Redis is away.
    pub degraded: u64,
    /// The books of all processes.
    pub books: Vec<Books>,
    /// The account after all processes have ended.
    pub windows: Vec<Window>,
    /// When nobody may pass, in milliseconds since the Unix epoch: Redis has been away for longer than a lease.
    pub closed: Vec<(u64, u64)>,
    /// Whether Redis lost its data.
    pub lost_data: bool,
    /// Whether processes began anew, which takes a request for each of the first calls, or requests were in vain.
    pub was_disturbed: bool,
}

/// A call this close to the end of a window may count in either, in milliseconds: its process learns of the end by an answer.
const NEAR: u64 = 250;

/// Returns the laws, with both sides in nano-dollars unless they say otherwise.
#[must_use]
pub fn laws(record: &Record) -> Vec<Law> {
    let Record { limit, degraded, books, windows, closed, lost_data, was_disturbed, .. } = record;
    let ended = || books.iter().filter(|books| !books.was_killed());
    let spent_by_ended: u64 = ended().map(Books::spent).sum();
    let cost = |books: &Books| books.calls.iter().map(BookedCall::cost).sum::<u64>();
    let cost_by_all: u64 = books.iter().map(cost).sum();
    let in_redis: u64 = windows.iter().map(|window| window.spent).sum();
    let committed: u64 = windows.iter().map(|window| window.committed).sum();
    let mut laws = vec![
        law("B1", "spent beyond the limit of any window, by the books", beyond(record), Relation::AtMost, *degraded),
        law(
            "B2",
            "spent beyond the limit of any window, by Redis",
            windows.iter().map(|window| window.spent.saturating_sub(*limit)).sum(),
            Relation::AtMost,
            *degraded,
        ),
        law(
            "B3",
            "set aside a lease after the end",
            windows.iter().map(|window| window.reserved).sum(),
            Relation::Equal,
            0,
        ),
    ];
    if !lost_data {
        let has_kills = books.iter().any(Books::was_killed);
        if has_kills {
            laws.push(law(
                "B4",
                "spent by those that were not killed ≤ Redis",
                spent_by_ended,
                Relation::AtMost,
                in_redis,
            ));
            laws.push(law("B5", "Redis ≤ the cost of all calls", in_redis, Relation::AtMost, cost_by_all));
            laws.push(law(
                "B6",
                "the cost of all calls ≤ committed in Redis",
                cost_by_all,
                Relation::AtMost,
                committed,
            ));
        } else {
            laws.push(law("B4", "spent by the books = Redis", spent_by_ended, Relation::Equal, in_redis));
        }
    }
    if !was_disturbed {
        let exchanges: u64 = ended().filter_map(|books| books.exchanges).sum();
        let attempts: u64 = ended().map(Books::attempts).sum();
        laws.push(law("B7", "requests to Redis ≤ one in twenty calls", exchanges, Relation::AtMost, attempts / 20));
    }
    if !closed.is_empty() {
        let is_closed = |at: u64| closed.iter().any(|(from, until)| (*from..=*until).contains(&at));
        let passed = books.iter().flat_map(|books| &books.calls);
        let passed = passed.filter(|call| is_closed(call.before) && is_closed(call.after)).count() as u64;
        laws.push(law("B8", "calls that passed without a lease", passed, Relation::Equal, 0));
        let refused = books.iter().flat_map(|books| &books.refused).filter(|at| is_closed(**at)).count() as u64;
        laws.push(law("B9", "1 ≤ calls that were refused meanwhile", 1, Relation::AtMost, refused));
    }
    if !lost_data {
        laws.push(law("B10", "2 ≤ windows", 2, Relation::AtMost, windows.len() as u64));
    }
    laws
}

fn law(number: &str, words: &str, left: u64, relation: Relation, right: u64) -> Law {
    Law { number: number.to_owned(), words: words.to_owned(), left, relation, right }
}

/// Returns what calls have cost beyond the limit, in those windows that they lie in for sure.
fn beyond(record: &Record) -> u64 {
    let calls: Vec<_> = record.books.iter().flat_map(|books| &books.calls).collect();
    let window = |at: u64| at / record.period;
    let (Some(first), Some(last)) =
        (calls.iter().map(|call| call.before).min(), calls.iter().map(|call| call.after).max())
    else {
        return 0;
    };
    let cost = |number: u64| -> u64 {
        let inside = |call: &&&BookedCall| {
            window(call.before.saturating_sub(NEAR)) == number && window(call.after + NEAR) == number
        };
        calls.iter().filter(inside).map(|call| call.cost()).sum()
    };
    (window(first)..=window(last)).map(|number| cost(number).saturating_sub(record.limit)).sum()
}
