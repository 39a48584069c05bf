//! Parameters and constants with names that the expansion uses.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]
#![allow(non_upper_case_globals, non_camel_case_types, dead_code, clippy::too_many_arguments)]

use tta_runtime::primitive;

const SITE: u8 = 1;
const ENTRY: u8 = 2;
const CALL_SITES: u8 = 3;
struct CallSite;

#[primitive(type = "tool", attributes("sum" = call + out + end + SITE + ENTRY))]
fn named(call: u8, out: u8, end: u8, site: u8, caller: u8, body: u8, attributes: u8, future: u8, closed: u8) -> u8 {
    call + out + end + site + caller + body + attributes + future + closed + SITE + ENTRY + CALL_SITES
}

#[primitive(type = "tool", labels(flag = out))]
async fn named_later(core: u8, std: u8, tta_runtime: u8, out: bool, end: u8, call: u8, __argument_0: u8) -> u8 {
    std::future::ready(()).await;
    let _ = (out, CallSite);
    core + std + tta_runtime + end + call + __argument_0
}

pub(crate) fn main() {
    assert_eq!(named(1, 1, 1, 1, 1, 1, 1, 1, 1), 15);
    drop(named_later(1, 1, 1, true, 1, 1, 1));
}
