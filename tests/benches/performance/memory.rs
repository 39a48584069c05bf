//! The memory that calls leave in use, in bytes that were asked of the allocator.

use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, Opts};
use tta_runtime::primitive;

use super::allocations::bytes_left_by;
use super::report::{Aim, Case};

/// Defines functions, each with a call site of its own, and lists them.
macro_rules! functions {
    ($($name:ident)*) => {
        const PLAIN: &[fn()] = {
            $(
                #[primitive(type = "tool", action = "call")]
                fn $name() {}
            )*
            &[$($name),*]
        };
        const CAPPED: &[fn(&str)] = {
            $(
                #[primitive(type = "tool", action = "call", labels(region = capped(region)))]
                fn $name(region: &str) {
                    let _ = region;
                }
            )*
            &[$($name),*]
        };
        /// Functions that call another one: each is an edge of the service map.
        const CALLERS: &[fn()] = {
            $(
                #[primitive(type = "tool", action = "call")]
                fn $name() {
                    callee();
                }
            )*
            &[$($name),*]
        };
    };
}

functions! {
    f000 f001 f002 f003 f004 f005 f006 f007 f008 f009 f010 f011 f012 f013 f014 f015
    f016 f017 f018 f019 f020 f021 f022 f023 f024 f025 f026 f027 f028 f029 f030 f031
    f032 f033 f034 f035 f036 f037 f038 f039 f040 f041 f042 f043 f044 f045 f046 f047
    f048 f049 f050 f051 f052 f053 f054 f055 f056 f057 f058 f059 f060 f061 f062 f063
    f064 f065 f066 f067 f068 f069 f070 f071 f072 f073 f074 f075 f076 f077 f078 f079
    f080 f081 f082 f083 f084 f085 f086 f087 f088 f089 f090 f091 f092 f093 f094 f095
    f096 f097 f098 f099 f100 f101 f102 f103 f104 f105 f106 f107 f108 f109 f110 f111
}

#[primitive(type = "tool", action = "call")]
fn callee() {}

#[primitive(type = "tool", action = "call", labels(region = capped(region)))]
fn labelled(region: &str) {
    let _ = region;
}

pub(super) fn report() {
    let case = |name: &str, ours, peer: Option<f64>, aim| {
        let peer = peer.map(|theirs| ("prometheus", theirs));
        Case { group: "memory", name: name.to_owned(), unit: "B", ours, peer, aim: Aim::Most(aim) }.print();
    };
    callee();
    labelled("first");
    let of_each = |bytes: f64, n: usize| bytes / n as f64;
    let first_calls = bytes_left_by(|| PLAIN.iter().for_each(|call| call()));
    case("first call of a function", of_each(first_calls, PLAIN.len()), None, 4_096.0);

    let regions: Vec<String> = (0..40).map(|n| format!("region-{n}")).collect();
    let sets = bytes_left_by(|| regions.iter().for_each(|region| labelled(region)));
    let histogram = HistogramVec::new(HistogramOpts::new("h", "h"), &["region"]).expect("a name");
    histogram.with_label_values(&["first"]).observe(1.0);
    let theirs = bytes_left_by(|| {
        for region in &regions {
            histogram.with_label_values(&[region]).observe(1.0);
        }
    });
    case("one label set with its histogram", of_each(sets, 40), Some(of_each(theirs, 40)), 1_536.0);

    // A caller's first call is one of a function, and the first of an edge.
    let edges = bytes_left_by(|| CALLERS.iter().for_each(|call| call())) - first_calls;
    let counter = IntCounterVec::new(Opts::new("c", "c"), &["source", "target", "connection"]).expect("a name");
    let theirs = bytes_left_by(|| {
        for n in 0..CALLERS.len() {
            counter.with_label_values(&[&format!("f{n:03}"), "callee", "call"]).inc();
        }
    });
    let n = CALLERS.len();
    case("counter series", of_each(edges, n), Some(of_each(theirs, n)), 256.0);

    let future = super::calls::bytes_added_to_future();
    case("future of an annotated function", future, None, 96.0);

    let capped = bytes_left_by(|| CAPPED.iter().for_each(|call| call("first")));
    case("112 functions with a capped label, limit of 200,000 label sets", capped, None, 16.0 * 1024.0 * 1024.0);
}
