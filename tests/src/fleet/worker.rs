//! One process of the fleet: it calls at random amounts from the shared budget, and keeps books.

use std::cell::RefCell;
use std::io;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use fastrand::Rng;
use futures_util::future::try_join_all;
use tta_runtime::block::Redis;
use tta_runtime::llm::{Budget, Estimate, NanoUsd, Sharing, Usage, price};

use super::books::BookFile;

/// What a process is told.
#[derive(Clone, Debug)]
pub struct Task {
    /// The addresses of Redis: several of a cluster.
    pub urls: Vec<String>,
    /// The limit in nano-dollars.
    pub limit: u64,
    /// The period in milliseconds.
    pub period: u64,
    /// The lease in milliseconds.
    pub lease: u64,
    /// The share that it may spend while Redis is away.
    pub degraded: f64,
    /// When the first call starts, in milliseconds since the Unix epoch: then, or a whole number of periods later if the
    /// process is late; `None` for at once.
    pub start: Option<u64>,
    /// The number of calls.
    pub calls: u64,
    /// Where it keeps its books.
    pub books: PathBuf,
}

/// The name of the budget.
pub const BUDGET: &str = "fleet";

/// The most that a call reserves: $0.002.
pub const MOST: u64 = 2_000_000;

/// Calls that run at a time.
const AT_A_TIME: u64 = 4;

impl Task {
    /// Starts the program `fleet` with this task.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be started.
    pub fn start(&self, program: &std::path::Path) -> io::Result<Child> {
        let Self { urls, limit, period, lease, degraded, start, calls, books } = self;
        Command::new(program)
            .args(["worker", &urls.join(",")])
            .args([limit, period, lease].map(u64::to_string))
            .args([degraded.to_string(), start.unwrap_or(0).to_string(), calls.to_string()])
            .arg(books)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
    }

    /// Reads the arguments that [`start`](Self::start) passes, after `worker`; `None` if they are others.
    #[must_use]
    pub fn read(arguments: &[String]) -> Option<Self> {
        let [urls, limit, period, lease, degraded, start, calls, books] = arguments else { return None };
        Some(Self {
            urls: urls.split(',').map(str::to_owned).collect(),
            limit: limit.parse().ok()?,
            period: period.parse().ok()?,
            lease: lease.parse().ok()?,
            degraded: degraded.parse().ok()?,
            start: start.parse().ok().filter(|start| *start > 0),
            calls: calls.parse().ok()?,
            books: books.into(),
        })
    }

    /// Makes the calls, and gives back what is left.
    ///
    /// # Errors
    ///
    /// Fails if the books cannot be written.
    ///
    /// # Panics
    ///
    /// Panics if an address is none, or if the bundled prices lack a common model.
    pub fn run(&self) -> io::Result<()> {
        let urls = self.urls.iter().map(String::as_str);
        let redis = match self.urls.as_slice() {
            [url] => Redis::server(url),
            _ => Redis::cluster(urls),
        };
        let redis = redis.expect("these are addresses").timeout(Duration::from_millis(200));
        let sharing = Sharing::over(redis).lease(Duration::from_millis(self.lease)).degraded(self.degraded);
        let budget = Budget::usd(NanoUsd(self.limit).to_usd())
            .named(BUDGET)
            .per(Duration::from_millis(self.period))
            .shared(sharing);
        // The first estimate waits until the prices are decoded, which takes longer while a whole fleet does it.
        let is_priced = price("openai", "gpt-4o", &Usage::new(1, 1)).is_some();
        assert!(is_priced, "the bundled prices have this model");
        if let Some(start) = self.start {
            let late = wall().saturating_sub(start).div_ceil(self.period) * self.period;
            std::thread::sleep(Duration::from_millis((start + late).saturating_sub(wall())));
        }
        let books = Rc::new(RefCell::new(BookFile::create(&self.books)?));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let lane = |number| call_in_a_row(&budget, &books, number, self.calls / AT_A_TIME);
            try_join_all((0..AT_A_TIME).map(lane)).await
        })?;
        budget.give_back(Duration::from_secs(20));
        books.borrow_mut().ended(exchanges())
    }
}

async fn call_in_a_row(budget: &Budget, books: &RefCell<BookFile>, lane: u64, calls: u64) -> io::Result<()> {
    let mut random = Rng::new();
    for call in 0..calls {
        let number = call * AT_A_TIME + lane;
        let most = random.u64(1..=MOST);
        let before = wall();
        match budget.reserve_async(&Estimate::usd(NanoUsd(most).to_usd())).await {
            Ok(reservation) => {
                books.borrow_mut().passed(number, before, wall(), reservation.amount().value())?;
                tokio::time::sleep(Duration::from_micros(random.u64(3_000..13_000))).await;
                let spent = random.u64(0..=reservation.amount().value());
                books.borrow_mut().spent(number, spent)?;
                reservation.settle(NanoUsd(spent));
            }
            Err(_) => {
                books.borrow_mut().refused(wall())?;
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }
    Ok(())
}

/// Returns the number of requests to Redis that the library counts.
fn exchanges() -> u64 {
    let text = tta_runtime::metrics_text();
    let line = text.lines().find_map(|line| line.strip_prefix("tta_budget_exchanges_total{budget=\"fleet\"} "));
    line.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Returns the time in milliseconds since the Unix epoch, which is that of Redis on this machine.
#[must_use]
pub fn wall() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
