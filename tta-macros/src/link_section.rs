//! The linker section that collects the call sites of the whole program.
//!
//! The sections are those of the crate `linkme` for a list named `CALL_SITES`, so that the runtime reads the list
//! through `linkme`, and annotated crates need no dependency on it.

use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};

use proc_macro2::TokenStream;
use quote::quote;

const LIST: &str = "CALL_SITES";

/// Returns the attributes that place a `static` in the list.
pub(crate) fn attributes() -> TokenStream {
    let elf = format!("linkme_{LIST}");
    let illumos = format!("set_{elf}");
    let windows = format!(".{elf}$b");
    let apple = format!("__DATA,__linkme{},regular,no_dead_strip", short_hash(LIST));
    quote! {
        #[used]
        #[cfg_attr(target_vendor = "apple", unsafe(link_section = #apple))]
        #[cfg_attr(any(windows, target_os = "uefi"), unsafe(link_section = #windows))]
        #[cfg_attr(target_os = "illumos", unsafe(link_section = #illumos))]
        #[cfg_attr(
            not(any(target_vendor = "apple", windows, target_os = "uefi", target_os = "illumos")),
            unsafe(link_section = #elf)
        )]
    }
}

/// Hashes a name to eight characters: the section names of Mach-O have at most 16 bytes.
fn short_hash(name: &str) -> String {
    const CHARACTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    let mut rest = hasher.finish();
    let mut hash = String::new();
    for _ in 0..8 {
        let _ = hash.write_char(char::from(CHARACTERS[(rest % 62) as usize]));
        rest /= 62;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_hash_is_that_of_linkme() {
        // The expected value comes from a test of `linkme`.
        assert_eq!(short_hash("EXAMPLE"), "0GPSzIoo");
    }
}
