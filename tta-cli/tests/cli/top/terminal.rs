//! A pseudo terminal in which the command runs, and the screen that a person would see.

use std::io::{Read as _, Write as _};
use std::num::NonZeroU16;
use std::os::fd::{AsFd as _, OwnedFd};
use std::process::{Child, ExitStatus};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use pty_process::Size;
use pty_process::blocking::{Command, Pty, open};
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{LocalModes, tcgetattr};

/// The timeout of each wait for the screen.
const PATIENCE: Duration = Duration::from_secs(60);

/// `tta top` in a terminal; killed on drop.
pub(super) struct Terminal {
    child: Child,
    pty: Arc<Pty>,
    /// Keeps the terminal open after the command has ended, so that its settings can be read.
    _inside: OwnedFd,
    seen: Arc<Mutex<Seen>>,
}

struct Seen {
    screen: vt100::Parser,
    bytes: Vec<u8>,
}

impl Terminal {
    pub(super) fn start(rows: u16, columns: u16, arguments: &[&str]) -> Self {
        let (pty, inside) = open().expect("the system has pseudo terminals");
        pty.resize(Size::new(rows, columns)).expect("it takes a size");
        let kept = inside.as_fd().try_clone_to_owned().expect("it is open");
        let command = Command::new(env!("CARGO_BIN_EXE_tta")).arg("top").args(arguments);
        let child = command.spawn(inside).expect("it starts");
        let [rows, columns] = [rows, columns].map(|size| NonZeroU16::new(size).expect("it is not 0"));
        let seen = Arc::new(Mutex::new(Seen { screen: vt100::Parser::new(rows, columns, 0), bytes: Vec::new() }));
        let pty = Arc::new(pty);
        let (writer, reader) = (Arc::clone(&seen), Arc::clone(&pty));
        thread::spawn(move || {
            let mut buffer = [0; 4_096];
            while let Ok(length @ 1..) = (&*reader).read(&mut buffer) {
                let mut seen = writer.lock().expect("nobody panicked");
                seen.screen.process(&buffer[..length]);
                seen.bytes.extend_from_slice(&buffer[..length]);
            }
        });
        Self { child, pty, _inside: kept, seen }
    }

    pub(super) fn press(&self, keys: &str) {
        (&*self.pty).write_all(keys.as_bytes()).expect("it reads keys");
    }

    pub(super) fn resize(&self, rows: u16, columns: u16) {
        let [new_rows, new_columns] = [rows, columns].map(|size| NonZeroU16::new(size).expect("it is not 0"));
        self.seen.lock().expect("nobody panicked").screen.screen_mut().set_size(new_rows, new_columns);
        self.pty.resize(Size::new(rows, columns)).expect("it takes a size");
    }

    pub(super) fn screen(&self) -> String {
        self.seen.lock().expect("nobody panicked").screen.screen().contents()
    }

    /// Returns all that the command wrote.
    pub(super) fn bytes(&self) -> Vec<u8> {
        self.seen.lock().expect("nobody panicked").bytes.clone()
    }

    /// Waits until the screen is as described, and returns it.
    #[track_caller]
    pub(super) fn wait_for(&self, is_there: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let screen = self.screen();
            if is_there(&screen) {
                return screen;
            }
            assert!(Instant::now() < deadline, "it never comes:\n{screen}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    pub(super) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("it runs");
    }

    /// Waits for the end of the command, and asserts that the terminal is as it was before.
    #[track_caller]
    pub(super) fn assert_restored(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("it is a child") {
                break status;
            }
            assert!(Instant::now() < deadline, "it does not end:\n{}", self.screen());
            thread::sleep(Duration::from_millis(20));
        };
        let modes = tcgetattr(&*self.pty).expect("it is a terminal").local_modes;
        assert!(modes.contains(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG), "{modes:?}");
        self.wait_for(|_| {
            let seen = self.seen.lock().expect("nobody panicked");
            !seen.screen.screen().alternate_screen() && !seen.screen.screen().hide_cursor()
        });
        status
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
