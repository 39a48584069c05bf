//! The shipped rules and dashboards on real servers, while programs run and fail.

mod alertmanager;
mod alerts;
mod components;
mod panels;
mod past;
pub(crate) mod program;
mod question;
mod rules;
mod stack;

use std::time::Duration;

/// The timeout of each wait: several times the duration on an idle machine.
const PATIENCE: Duration = Duration::from_secs(360);

/// The interval between polls of a server, which sends no event for its next scrape or evaluation.
const PAUSE: Duration = Duration::from_millis(500);
