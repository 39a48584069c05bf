//! The place in the program where the linker gathers the call sites.
//!
//! These are the sections in which the crate `linkme` looks for the elements of the list `CALL_SITES`.

use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};

use proc_macro2::TokenStream;
use quote::quote;

const LIST: &str = "CALL_SITES";

/// The attributes of an element of the list.
pub(crate) fn attributes() -> TokenStream {
    let elf = format!("linkme_{LIST}");
    let illumos = format!("set_{elf}");
    let windows = format!(".{elf}$b");
    let apple = format!("__DATA,__linkme{},regular,no_dead_strip", digest(LIST));
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

/// Returns eight characters that stand for a name: a section of Mach-O has no place for more.
fn digest(name: &str) -> String {
    const CHARACTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    let mut rest = hasher.finish();
    let mut digest = String::new();
    for _ in 0..8 {
        let _ = digest.write_char(char::from(CHARACTERS[(rest % 62) as usize]));
        rest /= 62;
    }
    digest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_s_digest_is_the_one_that_linkme_computes() {
        // The value stands in a test of `linkme` itself.
        assert_eq!(digest("EXAMPLE"), "0GPSzIoo");
    }
}
