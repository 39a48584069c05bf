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
        law(
            "B1",
            "spent beyond the limit of any window, by the books",
            costs(record, 1).map(|cost| cost.saturating_sub(*limit)).sum(),
            Relation::AtMost,
            *degraded,
        ),
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
    laws.push(law(
        "B11",
        "spent beyond twice the limit in two windows, by the books",
        costs(record, 2).map(|cost| cost.saturating_sub(2 * limit)).max().unwrap_or(0),
        Relation::AtMost,
        2 * degraded,
    ));
    laws
}

fn law(number: &str, words: &str, left: u64, relation: Relation, right: u64) -> Law {
    Law { number: number.to_owned(), words: words.to_owned(), left, relation, right }
}

/// Returns what the calls have cost that lie for sure in so many windows in a row, from each window on. Those about the turns between these
/// windows are among them, and those about the outer ends are not.
fn costs(record: &Record, in_a_row: u64) -> impl Iterator<Item = u64> {
    let calls: Vec<_> = record.books.iter().flat_map(|books| &books.calls).collect();
    let (near, period) = (NEAR, record.period);
    let window = move |at: u64| at / period;
    let first = calls.iter().map(|call| window(call.before)).min().unwrap_or(1);
    let last = calls.iter().map(|call| window(call.after)).max().unwrap_or(0);
    (first..=last).map(move |number| {
        let windows = number..number + in_a_row;
        let is_inside = |call: &&&BookedCall| {
            windows.contains(&window(call.before.saturating_sub(near))) && windows.contains(&window(call.after + near))
        };
        calls.iter().filter(is_inside).map(|call| call.cost()).sum()
    })
}

#[cfg(test)]
mod tests {
    use super::{BookedCall, Books, Law, Record, Window, laws};

    /// Returns the laws that are broken by calls at these times with these costs, of a limit of 100 in windows of 4 s.
    fn broken(calls: &[(u64, u64)], closed: &[(u64, u64)]) -> Vec<String> {
        let call = |&(at, cost)| BookedCall { before: at, after: at + 1, most: cost, spent: Some(cost) };
        let books = Books { calls: calls.iter().map(call).collect(), exchanges: Some(0), ..Books::default() };
        let window = |number| {
            let spent = calls.iter().filter(|(at, _)| at / 4_000 == number).map(|(_, cost)| cost).sum();
            Window { number, spent, committed: spent, reserved: 0 }
        };
        let record = Record {
            limit: 100,
            period: 4_000,
            degraded: 0,
            windows: (1..4).map(window).filter(|window| window.spent > 0).collect(),
            books: vec![books],
            closed: closed.to_vec(),
            lost_data: false,
            was_disturbed: false,
        };
        laws(&record).iter().filter(|law| !law.holds()).map(|law: &Law| law.number.clone()).collect()
    }

    #[test]
    fn calls_about_the_turn_of_a_window_count_with_both_windows() {
        let none = Vec::<String>::new();
        assert_eq!(broken(&[(6_000, 100), (10_000, 100)], &[]), none);
        assert_eq!(broken(&[(6_000, 101), (10_000, 50)], &[]), ["B1", "B2"]);
        // Each window has what its limit allows, as far as its calls lie in it for sure, and the turn has more.
        assert_eq!(broken(&[(6_000, 100), (7_900, 60), (10_000, 100)], &[]), ["B2", "B11"]);
        assert_eq!(broken(&[(6_000, 50), (7_900, 100), (8_100, 20), (10_000, 30)], &[]), ["B2"]);
    }

    #[test]
    fn nobody_passes_without_a_lease() {
        assert_eq!(broken(&[(6_000, 50), (10_000, 50)], &[(5_000, 5_900)]), ["B9"], "nobody was refused");
        assert_eq!(broken(&[(6_000, 50), (10_000, 50)], &[(5_000, 6_100)]), ["B8", "B9"]);
    }
}
