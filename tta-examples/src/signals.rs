//! The operating system's wish that the program stop.

use std::io;

/// Returns when the program is told to stop: by Ctrl-C, or by SIGTERM where that exists.
///
/// # Errors
///
/// The operating system's, where it takes no handler.
pub(crate) async fn stop_requested() -> io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            _ = terminate.recv() => Ok(()),
            interrupted = tokio::signal::ctrl_c() => interrupted,
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
