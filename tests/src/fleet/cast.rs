//! The processes of a fleet, which are killed and replaced.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::books::Books;
use super::worker::Task;

/// The processes, those that have ended included.
#[derive(Debug)]
pub struct Cast {
    program: PathBuf,
    directory: PathBuf,
    task: Task,
    running: Vec<Member>,
    books: Vec<PathBuf>,
    /// The number of processes that were killed.
    pub killed: u64,
}

#[derive(Debug)]
struct Member {
    child: Child,
    calls: u64,
    books: PathBuf,
}

/// The time limit for the processes to end.
const PATIENCE: Duration = Duration::from_secs(120);

impl Cast {
    /// Starts this many processes, each of which has the task's calls.
    ///
    /// # Errors
    ///
    /// Fails if one cannot be started.
    pub fn start(program: &Path, task: Task, processes: usize) -> io::Result<Self> {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let number = STARTED.fetch_add(1, Ordering::SeqCst);
        let directory = std::env::temp_dir().join(format!("tta-fleet-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&directory)?;
        let mut cast =
            Self { program: program.to_owned(), directory, task, running: Vec::new(), books: Vec::new(), killed: 0 };
        for _ in 0..processes {
            cast.start_one(cast.task.calls)?;
        }
        Ok(cast)
    }

    fn start_one(&mut self, calls: u64) -> io::Result<()> {
        let books = self.directory.join(self.books.len().to_string());
        // One that takes the place of another begins at once.
        let start = self.task.start.filter(|_| self.killed == 0);
        let task = Task { calls, start, books: books.clone(), ..self.task.clone() };
        self.running.push(Member { child: task.start(&self.program)?, calls, books: books.clone() });
        self.books.push(books);
        Ok(())
    }

    /// Waits until each process has made a call.
    ///
    /// # Panics
    ///
    /// Panics if one does not in time.
    pub fn wait_until_calling(&self) {
        let deadline = Instant::now() + PATIENCE;
        let is_calling = |path: &PathBuf| std::fs::metadata(path).is_ok_and(|books| books.len() > 0);
        while !self.books.iter().all(is_calling) {
            assert!(Instant::now() < deadline, "a process of the fleet makes no call");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Kills a process by SIGKILL, and starts another one for its remaining calls.
    ///
    /// # Panics
    ///
    /// Panics if it cannot be killed, or the other one not started.
    pub fn kill_one(&mut self) {
        self.running.retain_mut(|member| !matches!(member.child.try_wait(), Ok(Some(_))));
        if self.running.is_empty() {
            return;
        }
        let mut member = self.running.swap_remove(fastrand::usize(..self.running.len()));
        member.child.kill().expect("it can be killed");
        member.child.wait().expect("it ends");
        // It may be killed before it has opened its books, or just after it has closed them.
        let books = Books::read(&member.books).unwrap_or_default();
        if books.was_killed() {
            self.killed += 1;
            let left = member.calls.saturating_sub(books.attempts());
            self.start_one(left).expect("another one can be started");
        }
    }

    /// Waits for all processes, and returns their books.
    ///
    /// # Errors
    ///
    /// Fails if a process does not end in time or fails, or if books cannot be read.
    pub fn end(&mut self) -> io::Result<Vec<Books>> {
        let deadline = Instant::now() + PATIENCE;
        for member in &mut self.running {
            let status = loop {
                if let Some(status) = member.child.try_wait()? {
                    break status;
                }
                if Instant::now() > deadline {
                    return Err(io::Error::other("a process of the fleet does not end"));
                }
                thread::sleep(Duration::from_millis(5));
            };
            if !status.success() {
                return Err(io::Error::other(format!("a process of the fleet ended with {status}")));
            }
        }
        // A process may be killed before it has opened its books.
        self.books.iter().filter(|path| path.exists()).map(|path| Books::read(path)).collect()
    }
}

impl Drop for Cast {
    fn drop(&mut self) {
        for member in &mut self.running {
            let _ = member.child.kill();
            let _ = member.child.wait();
        }
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}
