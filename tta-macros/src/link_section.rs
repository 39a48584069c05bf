//! The linker section that collects the call sites of the whole program.
//!
//! `site/section.rs` of the runtime reads it, and says how the section is found in each object format.

use proc_macro2::TokenStream;
use quote::quote;

/// Returns the attributes that place a `static` in the section, on targets that have one.
pub(crate) fn attributes() -> TokenStream {
    quote! {
        #[used]
        #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__tta_sites,regular,no_dead_strip"))]
        #[cfg_attr(any(windows, target_os = "uefi"), unsafe(link_section = ".tta$b"))]
        #[cfg_attr(target_os = "illumos", unsafe(link_section = "set_tta_call_sites"))]
        #[cfg_attr(
            all(unix, not(any(target_vendor = "apple", target_os = "illumos"))),
            unsafe(link_section = "tta_call_sites")
        )]
    }
}
