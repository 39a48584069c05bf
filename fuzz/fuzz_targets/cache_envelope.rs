//! Any bytes as an entry of a cache in Redis, also with the right checksum and identity.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| tta_runtime::block::cache::open_forged(bytes));
