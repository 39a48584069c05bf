//! A collector that misbehaves as told, and knows which spans it has taken.

use std::collections::HashSet;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;

use crate::faults::{Fault, FaultServer};
use crate::watch::report::{Law, Relation};

/// A collector on loopback.
#[derive(Debug)]
pub struct Collector {
    server: FaultServer,
    /// The identifiers of the spans in requests that it accepted.
    taken: HashSet<Vec<u8>>,
    /// Spans that it got again after it had accepted them.
    twice: u64,
    /// Spans of requests that it accepted in part.
    in_part: u64,
    /// Spans that it rejected of these.
    rejected: u64,
    /// Requests that are none, and spans without a name, an end or a trace.
    corrupted: u64,
}

impl Collector {
    /// Starts a collector on a free port.
    #[must_use]
    pub fn start() -> Self {
        let server = FaultServer::start(Fault::Healthy);
        Self { server, taken: HashSet::new(), twice: 0, in_part: 0, rejected: 0, corrupted: 0 }
    }

    /// Returns its address as a URL without a path.
    #[must_use]
    pub fn endpoint(&self) -> String {
        self.server.endpoint()
    }

    /// Changes its behaviour.
    pub fn become_(&self, fault: Fault) {
        self.server.become_(fault);
    }

    /// Reads what has arrived, and forgets the bytes.
    pub fn read(&mut self) {
        for request in self.server.take_requests() {
            if !request.head.starts_with("POST /v1/traces ") {
                continue;
            }
            let Ok(message) = ExportTraceServiceRequest::decode(request.body.as_slice()) else {
                self.corrupted += 1;
                continue;
            };
            let scopes = message.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
            let spans: Vec<_> = scopes.flat_map(|scope| scope.spans).collect();
            let is_whole = |span: &opentelemetry_proto::tonic::trace::v1::Span| {
                !span.name.is_empty()
                    && span.span_id.len() == 8
                    && span.trace_id.len() == 16
                    && span.end_time_unix_nano >= span.start_time_unix_nano
            };
            self.corrupted += spans.iter().filter(|span| !is_whole(span)).count() as u64;
            if let Some(rejected) = request.rejected_spans {
                self.in_part += spans.len() as u64;
                self.rejected += rejected.min(spans.len() as u64);
            } else if request.was_accepted {
                self.twice += spans.into_iter().filter(|span| !self.taken.insert(span.span_id.clone())).count() as u64;
            }
        }
    }

    /// Returns E4: the library's count of exported spans against what arrived.
    #[must_use]
    pub fn laws(&self, exported_spans: u64) -> Vec<Law> {
        let law = |words: &str, left, right| Law {
            number: "E4".to_owned(),
            words: words.to_owned(),
            left,
            relation: Relation::Equal,
            right,
        };
        vec![
            law(
                "spans exported, and accepted by the collector",
                exported_spans,
                self.taken.len() as u64 + self.in_part - self.rejected,
            ),
            law("spans that arrived twice or corrupted", self.twice + self.corrupted, 0),
        ]
    }
}
