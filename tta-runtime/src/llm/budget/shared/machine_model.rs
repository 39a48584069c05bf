//! Machines of several processes and a server, under any order of calls, losses, delays, deaths and restarts.

use std::collections::VecDeque;

use proptest::prelude::*;

use super::lease::Request;
use super::machine::{Answer, Attempt, Machine, Reason, SharedTerms};
use super::server_model::ServerModel;
use crate::clock::Monotonic;
use crate::redis::Availability;

const LEASE: u64 = 1_000;

const TERMS: SharedTerms = SharedTerms { limit: 1_000, soft: 800, period: None, lease: LEASE * 1_000_000, degraded: 0 };

#[derive(Clone, Copy, Debug)]
enum Step {
    Call {
        process: usize,
        most: u64,
    },
    EndCall {
        process: usize,
        spent_percent: u64,
    },
    Deliver {
        process: usize,
        fate: Fate,
    },
    DeliverLate,
    Pass {
        milliseconds: u64,
    },
    /// The process hears from another account whether the server answers, rightly or not.
    Hear {
        process: usize,
        availability: Availability,
    },
    Kill {
        process: usize,
    },
    Restart {
        keeps_data: bool,
    },
}

/// The end of a request.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Answered,
    RequestLost,
    AnswerLost,
    /// It arrives after the process has given up.
    Delayed,
}

/// A process with its machine and books of its own.
#[derive(Debug)]
struct Process {
    machine: Machine,
    /// Leases and amounts of running calls.
    running: Vec<(u64, u64)>,
    on_its_way: Option<(Request, u64)>,
    spent: u64,
    is_alive: bool,
}

#[derive(Debug)]
struct Fleet {
    now: u64,
    server: ServerModel,
    snapshot: ServerModel,
    processes: Vec<Process>,
    delayed: VecDeque<Request>,
}

fn at(milliseconds: u64) -> Monotonic {
    Monotonic(milliseconds * 1_000_000)
}

impl Fleet {
    fn new(processes: usize) -> Self {
        let server = ServerModel::new(TERMS);
        let process = |number: usize| Process {
            machine: Machine::new(TERMS, (number as u64) << 32),
            running: Vec::new(),
            on_its_way: None,
            spent: 0,
            is_alive: true,
        };
        let processes = (0..processes).map(process).collect();
        Self { now: 1, snapshot: server.clone(), server, processes, delayed: VecDeque::new() }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Call { process, most } => self.call(process, most),
            Step::EndCall { process, spent_percent } => {
                let (now, process) = (at(self.now), &mut self.processes[process]);
                if process.is_alive && !process.running.is_empty() {
                    let (lease, amount) = process.running.remove(0);
                    let spent = amount * spent_percent / 100;
                    process.spent += spent;
                    process.machine.settle(lease, amount, spent, now);
                }
            }
            Step::Deliver { process, fate } => self.deliver(process, fate),
            Step::DeliverLate => {
                if let Some(request) = self.delayed.pop_front() {
                    self.server.exchange(&request, self.now);
                }
            }
            Step::Pass { milliseconds } => self.now += milliseconds,
            Step::Hear { process, availability } => self.processes[process].machine.hear(availability),
            Step::Kill { process } => {
                let process = &mut self.processes[process];
                // The calls that ran are paid for.
                process.spent += process.running.drain(..).map(|(_, amount)| amount).sum::<u64>();
                process.is_alive = false;
                process.on_its_way = None;
            }
            Step::Restart { keeps_data } => {
                self.server.restart(keeps_data.then_some(&self.snapshot), self.now);
                self.exchange_all();
            }
        }
        self.send_all();
    }

    fn call(&mut self, process: usize, most: u64) {
        let process = &mut self.processes[process];
        if !process.is_alive {
            return;
        }
        if let Attempt::Reserved { lease, amount } = process.machine.attempt(Some(most), at(self.now), self.now) {
            process.running.push((lease, amount));
        }
    }

    fn send_all(&mut self) {
        for process in self.processes.iter_mut().filter(|process| process.is_alive) {
            if process.on_its_way.is_none() {
                let request = process.machine.next_request(at(self.now), self.now);
                process.on_its_way = request.map(|request| (request, self.now));
            }
        }
    }

    fn deliver(&mut self, process: usize, fate: Fate) {
        let process = &mut self.processes[process];
        let Some((request, sent)) = process.on_its_way.take() else { return };
        let is_applied = matches!(fate, Fate::Answered | Fate::AnswerLost);
        let answer = is_applied.then(|| self.server.exchange(&request, self.now));
        match answer.filter(|_| matches!(fate, Fate::Answered)) {
            Some(answer) => process.machine.answered(&request, &answer, at(sent), at(self.now)),
            None => process.machine.unanswered(&request, at(self.now)),
        }
        if matches!(fate, Fate::Delayed) {
            self.delayed.push_back(request);
        }
    }

    /// Lets a lease pass in which every request is answered, as after a restart.
    fn exchange_all(&mut self) {
        for _ in 0..LEASE / 50 + 2 {
            self.now += 50;
            for process in 0..self.processes.len() {
                self.processes[process].machine.hear(Availability::Up);
                self.send_all();
                self.deliver(process, Fate::Answered);
            }
        }
    }

    /// Returns what was spent, and what running calls may still spend.
    fn spent_at_most(&self) -> u64 {
        let running = |process: &Process| process.running.iter().map(|(_, amount)| amount).sum::<u64>();
        self.processes.iter().map(|process| process.spent + running(process)).sum()
    }

    /// Ends all calls, and lets every process give back what it holds.
    fn end(&mut self) {
        for process in 0..self.processes.len() {
            while self.processes[process].is_alive && !self.processes[process].running.is_empty() {
                self.step(Step::EndCall { process, spent_percent: 50 });
            }
            self.processes[process].machine.close();
        }
        for _ in 0..4 {
            self.exchange_all();
        }
    }
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        6 => Just(Fate::Answered),
        1 => Just(Fate::RequestLost),
        1 => Just(Fate::AnswerLost),
        1 => Just(Fate::Delayed),
    ]
}

/// Calls, losses and delays of three processes.
fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..3_usize, 1..60_u64).prop_map(|(process, most)| Step::Call { process, most }),
        5 => (0..3_usize, 0..=100_u64).prop_map(|(process, spent_percent)| Step::EndCall { process, spent_percent }),
        8 => (0..3_usize, fate()).prop_map(|(process, fate)| Step::Deliver { process, fate }),
        1 => Just(Step::DeliverLate),
        1 => (0..3_usize, prop_oneof![Just(Availability::Up), Just(Availability::Down)])
            .prop_map(|(process, availability)| Step::Hear { process, availability }),
        2 => prop_oneof![5 => 1..50_u64, 1 => 300..1_500_u64].prop_map(|milliseconds| Step::Pass { milliseconds }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn no_loss_delay_or_death_overspends_and_all_that_live_are_counted_once(
        steps in prop::collection::vec(
            prop_oneof![40 => step(), 1 => (0..3_usize).prop_map(|process| Step::Kill { process })],
            0..200,
        ),
    ) {
        let mut fleet = Fleet::new(3);
        for step in steps {
            fleet.step(step);
            prop_assert!(fleet.spent_at_most() <= TERMS.limit, "{} at {}", fleet.spent_at_most(), fleet.now);
        }
        fleet.end();
        let of = |is_alive: bool| {
            let processes = fleet.processes.iter().filter(move |process| process.is_alive == is_alive);
            processes.map(|process| process.spent).sum::<u64>()
        };
        let (living, dead) = (of(true), of(false));
        // What the dead did not report is not known.
        prop_assert!((living..=living + dead).contains(&fleet.server.spent()), "{} of {living} and {dead}", fleet.server.spent());
        prop_assert_eq!(fleet.server.reserved(fleet.now + LEASE), 0);
        if dead == 0 {
            prop_assert_eq!(fleet.server.spent(), living);
        }
    }

    #[test]
    fn a_server_that_forgets_does_not_let_the_living_overspend(
        steps in prop::collection::vec(
            prop_oneof![60 => step(), 1 => any::<bool>().prop_map(|keeps_data| Step::Restart { keeps_data })],
            0..200,
        ),
        snapshot_at in 0..200_usize,
    ) {
        let mut fleet = Fleet::new(3);
        for (number, step) in steps.into_iter().enumerate() {
            if number == snapshot_at {
                fleet.snapshot = fleet.server.clone();
            }
            fleet.step(step);
            prop_assert!(fleet.spent_at_most() <= TERMS.limit, "{} at {}", fleet.spent_at_most(), fleet.now);
        }
    }
}

/// Runs calls until the process has a lease.
fn with_a_lease() -> Fleet {
    let mut fleet = Fleet::new(1);
    for _ in 0..10 {
        fleet.step(Step::Call { process: 0, most: 10 });
        fleet.step(Step::Deliver { process: 0, fate: Fate::Answered });
    }
    assert!(!fleet.processes[0].running.is_empty());
    fleet
}

#[test]
fn a_strict_budget_refuses_once_its_lease_has_lapsed() {
    let mut fleet = with_a_lease();
    let attempt = |fleet: &mut Fleet| {
        let now = fleet.now;
        fleet.processes[0].machine.attempt(Some(10), at(now), now)
    };
    assert!(matches!(attempt(&mut fleet), Attempt::Reserved { .. }), "what is leased may be spent");
    for _ in 0..30 {
        fleet.step(Step::Pass { milliseconds: 50 });
        fleet.step(Step::Deliver { process: 0, fate: Fate::RequestLost });
    }
    assert_eq!(attempt(&mut fleet), Attempt::Refused(Reason::ServerAway));
}

#[test]
fn a_degraded_budget_spends_its_share_and_counts_it_later() {
    let terms = SharedTerms { degraded: 50, ..TERMS };
    let mut machine = Machine::new(terms, 7);
    let mut server = ServerModel::new(terms);
    assert_eq!(machine.attempt(Some(20), at(1), 1), Attempt::Wait);
    let request = machine.next_request(at(1), 1).expect("it asks");
    machine.unanswered(&request, at(2));
    let attempts: Vec<_> = (0..3).map(|_| machine.attempt(Some(20), at(3), 3)).collect();
    let reserved = Attempt::Reserved { lease: 7, amount: 20 };
    assert_eq!(attempts, [reserved, reserved, Attempt::Refused(Reason::ServerAway)]);
    machine.settle(7, 20, 15, at(4));
    machine.settle(7, 20, 20, at(4));
    let mut now = 200;
    while !machine.is_closed() {
        machine.close();
        if let Some(request) = machine.next_request(at(now), now) {
            machine.answered(&request, &server.exchange(&request, now), at(now), at(now));
        }
        now += 100;
        assert!(now < 5_000, "{machine:?}");
    }
    assert_eq!((server.spent(), machine.balance(at(now), now).left), (35, 965));
}

#[test]
fn an_account_that_hears_of_an_outage_neither_waits_nor_asks_until_it_hears_of_an_answer() {
    let mut machine = Machine::new(TERMS, 7);
    machine.hear(Availability::Down);
    assert_eq!(machine.attempt(Some(20), at(1), 1), Attempt::Refused(Reason::ServerAway));
    assert!(machine.is_away(at(1)));
    assert_eq!(machine.next_request(at(5_000), 5_000), None);
    assert!(machine.is_forgettable(at(5_000), 5_000, LEASE * 1_000_000));
    machine.hear(Availability::Up);
    assert_eq!(machine.attempt(Some(20), at(5_001), 5_001), Attempt::Wait);
    // One that has asked finds out for itself.
    assert!(machine.next_request(at(5_001), 5_001).is_some());
    machine.hear(Availability::Down);
    assert!(!machine.is_away(at(5_001)) && !machine.is_forgettable(at(10_000), 10_000, LEASE * 1_000_000));
}

#[test]
fn what_a_degraded_account_spends_before_it_hears_of_an_answer_is_reported() {
    let terms = SharedTerms { degraded: 50, period: Some(100_000), ..TERMS };
    let (mut machine, mut server) = (Machine::new(terms, 7), ServerModel::new(terms));
    machine.hear(Availability::Down);
    assert_eq!(machine.attempt(Some(20), at(1), 1), Attempt::Reserved { lease: 7, amount: 20 });
    assert!(!machine.is_forgettable(at(5_000), 5_000, LEASE * 1_000_000), "nothing that is reserved is lost");
    machine.settle(7, 20, 15, at(2));
    assert!(!machine.is_forgettable(at(5_000), 5_000, LEASE * 1_000_000), "nor what the server does not know");
    machine.hear(Availability::Up);
    let request = machine.next_request(at(5_000), 5_000).expect("it reports");
    machine.answered(&request, &server.exchange(&request, 5_000), at(5_000), at(5_000));
    assert_eq!((server.spent(), server.reserved(5_000)), (15, 0));
    let request = machine.next_request(at(10_000), 10_000).expect("it says that it leaves");
    machine.answered(&request, &server.exchange(&request, 10_000), at(10_000), at(10_000));
    assert!(
        !machine.is_forgettable(at(10_000), 10_000, LEASE * 1_000_000),
        "the next outage has the rest of its share"
    );
    assert!(machine.is_forgettable(at(101_000), 101_000, LEASE * 1_000_000), "another window has its own share");
}

#[test]
fn a_window_that_turns_gives_each_window_its_own_calls() {
    let terms = SharedTerms { period: Some(10_000), ..TERMS };
    let mut machine = Machine::new(terms, 7);
    let mut windows = [ServerModel::new(terms), ServerModel::new(terms)];
    let mut exchange = |machine: &mut Machine, now: u64| {
        while let Some(request) = machine.next_request(at(now), now) {
            let answer = windows[request.window as usize].exchange(&request, now);
            machine.answered(&request, &answer, at(now), at(now));
        }
        windows.each_ref().map(ServerModel::spent)
    };
    assert_eq!(machine.attempt(Some(900), at(9_000), 9_000), Attempt::Wait);
    exchange(&mut machine, 9_000);
    let Attempt::Reserved { lease, .. } = machine.attempt(Some(900), at(9_500), 9_500) else {
        panic!("there is enough")
    };
    assert_eq!(machine.attempt(Some(900), at(10_001), 10_001), Attempt::Wait, "the new window has its own lease");
    exchange(&mut machine, 10_001);
    assert!(matches!(machine.attempt(Some(900), at(10_002), 10_002), Attempt::Reserved { .. }));
    machine.settle(lease, 900, 850, at(10_100));
    assert_eq!(exchange(&mut machine, 10_100), [850, 0]);
}

#[test]
fn what_was_spent_before_the_server_s_window_began_is_reported_in_it() {
    let terms = SharedTerms { period: Some(10_000), degraded: 100, ..TERMS };
    let mut machine = Machine::new(terms, 7);
    // The process's clock is ahead by 10 ms.
    assert_eq!(machine.attempt(Some(60), at(0), 10_005), Attempt::Wait);
    let request = machine.next_request(at(0), 10_005).expect("it asks");
    machine.unanswered(&request, at(1));
    let reserved = Attempt::Reserved { lease: 7, amount: 60 };
    assert_eq!(machine.attempt(Some(60), at(1), 10_006), reserved);
    machine.settle(7, 60, 50, at(1));
    let request = machine.next_request(at(101), 10_106).expect("it asks again");
    let early = Answer { is_early: true, now: 9_999, ..Answer::default() };
    machine.answered(&request, &early, at(101), at(101));
    assert_eq!(machine.attempt(Some(1), at(102), 10_107), Attempt::Wait);
    let request = machine.next_request(at(102), 10_107).expect("the window has begun");
    assert_eq!((request.window, request.spent, request.reported), (1, 50, 0));
}

/// Exchanges until the machine has nothing to ask.
fn exchange_all(machine: &mut Machine, server: &mut ServerModel, now: u64) -> Vec<Request> {
    let mut requests = Vec::new();
    while let Some(request) = machine.next_request(at(now), now) {
        machine.answered(&request, &server.exchange(&request, now), at(now), at(now));
        requests.push(request);
    }
    requests
}

#[test]
fn an_account_that_is_not_used_says_that_it_leaves_and_comes_back_with_another_lease() {
    let (mut machine, mut server) = (Machine::new(TERMS, 7), ServerModel::new(TERMS));
    for now in [1, 3_000] {
        assert_eq!(machine.attempt(Some(10), at(now), now), Attempt::Wait);
        exchange_all(&mut machine, &mut server, now);
        let Attempt::Reserved { lease, .. } = machine.attempt(Some(10), at(now), now) else {
            panic!("there is enough")
        };
        assert_eq!(lease, if now == 1 { 7 } else { 8 });
        machine.settle(lease, 10, 10, at(now));
        assert!(!machine.has_left(at(now)));
        for later in [400, 800] {
            exchange_all(&mut machine, &mut server, now + later);
        }
        assert!(machine.is_closed() && !machine.has_left(at(now + 800)), "it may be used again");
        let requests = exchange_all(&mut machine, &mut server, now + 1_500);
        let [Request { is_last: true, spent: 10, reported: 10, keep: 0, acknowledged: 10, .. }] = requests[..] else {
            panic!("one request, which has nothing new: {requests:?}")
        };
        assert!(machine.has_left(at(now + 1_500)));
        assert_eq!(exchange_all(&mut machine, &mut server, now + 2_500), [], "it leaves once");
    }
    assert_eq!((server.spent(), server.committed()), (20, 20));
}

#[test]
fn a_lease_that_is_used_while_it_says_that_it_leaves_goes_on() {
    let terms = SharedTerms { degraded: 50, ..TERMS };
    let (mut machine, mut server) = (Machine::new(terms, 7), ServerModel::new(terms));
    assert_eq!(machine.attempt(Some(10), at(1), 1), Attempt::Wait);
    exchange_all(&mut machine, &mut server, 1);
    machine.close();
    let last = loop {
        let request = machine.next_request(at(2), 2).expect("it closes");
        let answer = server.exchange(&request, 2);
        if request.is_last {
            break request;
        }
        machine.answered(&request, &answer, at(2), at(2));
    };
    machine.unanswered(&last, at(3));
    let reserved = Attempt::Reserved { lease: 7, amount: 10 };
    assert_eq!(machine.attempt(Some(10), at(4), 4), reserved, "a share");
    let again = machine.next_request(at(200), 200).expect("it asks again");
    assert_eq!(again, Request { is_again: true, ..last });
    machine.answered(&again, &server.exchange(&again, 200), at(200), at(200));
    machine.settle(7, 10, 9, at(201));
    machine.close();
    exchange_all(&mut machine, &mut server, 700);
    assert!(machine.has_left(at(700)));
    assert_eq!((server.spent(), server.committed()), (9, 9));
}

#[test]
fn what_is_given_back_by_a_request_that_is_sent_again_long_after_is_not_given_back_twice() {
    let mut fleet = with_a_lease();
    while !fleet.processes[0].running.is_empty() {
        fleet.step(Step::EndCall { process: 0, spent_percent: 100 });
    }
    fleet.step(Step::Deliver { process: 0, fate: Fate::Answered });
    fleet.processes[0].machine.close();
    fleet.send_all();
    let held = fleet.server.committed();
    fleet.deliver(0, Fate::AnswerLost);
    let committed = fleet.server.committed();
    assert!(committed < held, "it gives back");
    fleet.server.remove_leases();
    fleet.now += 3_600_000;
    fleet.send_all();
    fleet.deliver(0, Fate::Answered);
    assert_eq!(fleet.server.committed(), committed);
}

#[test]
fn a_past_window_whose_server_is_away_does_not_keep_the_present_one_from_its_own() {
    let terms = SharedTerms { period: Some(10_000), ..TERMS };
    let (mut machine, mut past, mut present) =
        (Machine::new(terms, 7), ServerModel::new(terms), ServerModel::new(terms));
    assert_eq!(machine.attempt(Some(20), at(9_000), 9_000), Attempt::Wait);
    exchange_all(&mut machine, &mut past, 9_000);
    let Attempt::Reserved { lease, amount } = machine.attempt(Some(20), at(9_001), 9_001) else {
        panic!("there is enough")
    };
    machine.settle(lease, amount, 20, at(9_002));
    let about_past = machine.next_request(at(10_001), 10_001).expect("it reports");
    assert_eq!(about_past.window, 0);
    machine.unanswered(&about_past, at(10_002));
    assert!(machine.is_away(at(10_002)), "and the metrics say so");
    assert_eq!(machine.attempt(Some(20), at(10_003), 10_003), Attempt::Wait, "it is not refused");
    let request = machine.next_request(at(10_003), 10_003).expect("nor does it wait");
    assert_eq!(request.window, 1);
    machine.answered(&request, &present.exchange(&request, 10_003), at(10_003), at(10_003));
    assert!(matches!(machine.attempt(Some(20), at(10_004), 10_004), Attempt::Reserved { .. }));
    assert_eq!(machine.next_request(at(10_004), 10_004), None, "the other one has its pause");
    let pause = machine.asks_again_in(at(10_004)).expect("it asks again");
    let now = 10_004 + pause / 1_000_000;
    assert_eq!(machine.next_request(at(now), now), Some(Request { is_again: true, ..about_past }));
    machine.answered(&about_past, &past.exchange(&about_past, now), at(now), at(now));
    assert!(!machine.is_away(at(now)));
    assert_eq!(past.spent(), 20);
}

#[test]
fn a_window_that_turns_during_an_outage_begins_without_it_and_the_account_is_away_until_the_last_one_is_reported() {
    let terms = SharedTerms { period: Some(10_000), ..TERMS };
    let (mut machine, mut past) = (Machine::new(terms, 7), ServerModel::new(terms));
    assert_eq!(machine.attempt(Some(20), at(9_999), 9_999), Attempt::Wait);
    let request = machine.next_request(at(9_999), 9_999).expect("it asks");
    machine.unanswered(&request, at(9_999));
    assert_eq!(machine.attempt(Some(20), at(9_999), 9_999), Attempt::Refused(Reason::ServerAway));
    assert_eq!(machine.attempt(Some(20), at(10_000), 10_000), Attempt::Wait);
    assert!(machine.is_away(at(10_000)));
    assert_eq!(machine.next_request(at(10_000), 10_000).map(|request| request.window), Some(1));
    machine.unanswered(&Request { window: 1, ..request }, at(10_000));
    let again = machine.next_request(at(10_099), 10_099).expect("the pause goes on from before");
    machine.answered(&again, &past.exchange(&again, 10_099), at(10_099), at(10_099));
    assert_eq!(machine.attempt(Some(20), at(10_099), 10_099), Attempt::Refused(Reason::ServerAway), "this one is away");
}

#[test]
fn a_process_without_calls_notices_that_the_server_is_back() {
    let mut machine = Machine::new(TERMS, 7);
    let mut server = ServerModel::new(TERMS);
    machine.attempt(Some(1), at(1), 1);
    let request = machine.next_request(at(1), 1).expect("it asks");
    machine.unanswered(&request, at(2));
    assert!(machine.is_away(at(2)));
    for now in (100..500).step_by(100) {
        if let Some(request) = machine.next_request(at(now), now) {
            machine.answered(&request, &server.exchange(&request, now), at(now), at(now));
        }
    }
    assert!(!machine.is_away(at(500)));
}

mod interleavings {
    use loom::sync::{Arc, Mutex};
    use loom::thread;

    use super::{Attempt, Machine, ServerModel, TERMS, at};

    /// A process and its server, each with its lock.
    struct Shared {
        machine: Mutex<Machine>,
        server: Mutex<ServerModel>,
    }

    impl Shared {
        /// Reserves 30 and spends 20, if the lease has as much.
        fn call(&self, now: u64) -> u64 {
            let attempt = self.machine.lock().expect("nothing panics").attempt(Some(30), at(now), now);
            let Attempt::Reserved { lease, amount } = attempt else { return 0 };
            self.machine.lock().expect("nothing panics").settle(lease, amount, 20, at(now));
            20
        }

        fn exchange(&self, now: u64) {
            let request = self.machine.lock().expect("nothing panics").next_request(at(now), now);
            let Some(request) = request else { return };
            let answer = self.server.lock().expect("nothing panics").exchange(&request, now);
            self.machine.lock().expect("nothing panics").answered(&request, &answer, at(now), at(now));
        }
    }

    /// Checks every interleaving with at most this many preemptions; `scripts/loom` raises the number.
    fn check(body: impl Fn() + Send + Sync + 'static) {
        let mut model = loom::model::Builder::new();
        model.preemption_bound = model.preemption_bound.or(Some(2));
        model.check(body);
    }

    #[test]
    fn calls_during_an_exchange_are_counted_once() {
        check(|| {
            let shared = Arc::new(Shared {
                machine: Mutex::new(Machine::new(TERMS, 1)),
                server: Mutex::new(ServerModel::new(TERMS)),
            });
            shared.call(1);
            shared.exchange(1);
            let threads: Vec<_> = (0..2)
                .map(|number| {
                    let shared = Arc::clone(&shared);
                    thread::spawn(move || {
                        if number == 0 {
                            shared.call(2)
                        } else {
                            shared.exchange(500);
                            0
                        }
                    })
                })
                .collect();
            let mut spent = shared.call(2);
            spent += threads.into_iter().map(|thread| thread.join().expect("no thread panics")).sum::<u64>();
            // The process ends: it reports what was spent and gives the rest back.
            for now in [600, 1_000, 1_400] {
                shared.machine.lock().expect("nothing panics").close();
                shared.exchange(now);
            }
            let (machine, server) =
                (shared.machine.lock().expect("nothing panics"), shared.server.lock().expect("nothing panics"));
            assert!(machine.is_closed());
            assert_eq!((server.spent(), server.reserved(1_400)), (spent, 0));
        });
    }
}
