//! The shipped rules and dashboards on real servers, while programs are at work and things go wrong.

mod alertmanager;
mod alerts;
mod components;
mod panels;
mod past;
mod program;
mod question;
mod rules;
mod stack;

use std::time::Duration;

/// A test fails rather than wait longer: several times what it takes where nothing else runs.
const PATIENCE: Duration = Duration::from_secs(360);

/// How long is waited before a server is asked again: it has nothing to wait on but its next scrape or evaluation.
const PAUSE: Duration = Duration::from_millis(500);
