//! The terminal while it is drawn on: another screen, without echo, and afterwards as it was.

use std::io;

use ratatui::DefaultTerminal;

/// A terminal that is drawn on; dropping this gives it back as it was. A panic does so before its message is printed.
pub(super) struct Screen {
    pub(super) terminal: DefaultTerminal,
}

impl Screen {
    /// Takes the terminal.
    ///
    /// # Errors
    ///
    /// Returns an error if standard output is no terminal.
    pub(super) fn take() -> io::Result<Self> {
        let taken = ratatui::try_init().map(|terminal| Self { terminal });
        if taken.is_err() {
            // What had been changed before the error.
            let _ = ratatui::try_restore();
        }
        taken
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // Both fail if the terminal is gone: then there is nothing to give back.
        let _ = self.terminal.show_cursor();
        let _ = ratatui::try_restore();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::Read as _;
    use std::process::Stdio;

    use super::Screen;

    /// Set in the process that panics.
    const PANICS: &str = "TTA_TEST_PANICS_ON_THE_SCREEN";

    #[test]
    fn a_panic_gives_the_terminal_back_before_its_message() {
        if std::env::var_os(PANICS).is_some() {
            let _screen = Screen::take().expect("it runs in a terminal");
            panic!("the view broke");
        }
        let (mut terminal, inside) = pty_process::blocking::open().expect("the system has pseudo terminals");
        terminal.resize(pty_process::Size::new(24, 80)).expect("it takes a size");
        let name = "top::terminal::tests::a_panic_gives_the_terminal_back_before_its_message";
        let own = std::env::current_exe().expect("it has a path");
        let command = pty_process::blocking::Command::new(own).args(["--exact", name, "--nocapture"]).env(PANICS, "1");
        let mut child = command.stdin(Stdio::null()).spawn(inside).expect("it starts");
        let mut written = Vec::new();
        // Linux ends the reading with an error, once nobody has the other side.
        let _ = terminal.read_to_end(&mut written);
        assert!(!child.wait().expect("it ran").success());
        let written = String::from_utf8_lossy(&written);
        let place = |text: &str| written.find(text).unwrap_or_else(|| panic!("no {text:?} in {written:?}"));
        assert!(place("\u{1b}[?1049h") < place("\u{1b}[?1049l"));
        assert!(place("\u{1b}[?1049l") < place("the view broke"));
    }
}
