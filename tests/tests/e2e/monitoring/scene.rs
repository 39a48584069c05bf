//! A Prometheus with the shipped rules and scrapes, and the programs that it scrapes.

use std::path::Path;

use tta_cli::artefact;
use tta_cli::profile::Profile;

use super::{components, program};
use crate::child::Running;
use crate::prometheus::{Prometheus, free_address};
use crate::pushgateway::Pushgateway;
use crate::receiver::Receiver;

/// What the rules' windows and intervals are divided by: 15 s between two scrapes become one.
const HASTE: u32 = 15;

/// The servers and programs, stopped when this is dropped.
pub(super) struct Scene {
    pub(super) prometheus: Prometheus,
    _pushgateway: Pushgateway,
    _programs: [Running; 2],
    _collector: Receiver,
}

impl Scene {
    pub(super) fn start() -> Self {
        let (collector, pushgateway) = (Receiver::start(), Pushgateway::start());
        let (of_example, of_blocks) = (free_address(), free_address());
        let example = program::example(of_example, &collector.endpoint());
        let blocks = program::blocks(of_blocks, &collector.endpoint());
        components::push(&pushgateway);
        let addresses = [
            ("\"127.0.0.1:9464\"", format!("\"{of_example}\", \"{of_blocks}\"")),
            ("127.0.0.1:9091", pushgateway.address.to_string()),
            // Nobody is told of alerts here.
            ("127.0.0.1:9093", free_address().to_string()),
        ];
        let files = artefact::all(&Profile::default().with_haste(HASTE)).into_iter().filter_map(|artefact| {
            let name = artefact.path.strip_prefix("prometheus-rules").ok().and_then(Path::to_str)?.to_owned();
            let text = addresses.iter().fold(artefact.text, |text, (shipped, ours)| text.replace(shipped, ours));
            Some((name, text))
        });
        let files: Vec<_> = files.collect();
        let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.clone())).collect();
        let prometheus = Prometheus::of_files(&files);
        Self { prometheus, _pushgateway: pushgateway, _programs: [example, blocks], _collector: collector }
    }
}
