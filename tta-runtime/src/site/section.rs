//! The linker section in which annotated functions list their call sites.
//!
//! The expansion of the attribute places one [`Entry`] of each function in a section of the object file. The linker joins
//! the sections of all object files, and this module reads the result as a slice. Both sides name the section:
//! `link_section.rs` in the macros writes to it.
//!
//! | object format | section | bounds |
//! |---|---|---|
//! | ELF | `tta_call_sites`, on illumos `set_tta_call_sites` | the linker defines `__start_…` and `__stop_…` for a section whose name is a C identifier |
//! | Mach-O | `__DATA,__tta_sites` | the linker defines `section$start$…` and `section$end$…` |
//! | COFF | `.tta$a`, `.tta$b`, `.tta$c` | the linker sorts by the part after `$`: first element in `a`, call sites in `b`, end in `c` |
//!
//! Targets with other formats, such as WebAssembly, have no list: a function's series appear with its first call there.
#![expect(unsafe_code, reason = "the bounds of a linker section are raw addresses")]

use super::CallSite;

/// One element of the section. COFF linkers may pad between object files with zeros, which read as `None`.
pub(super) type Entry = Option<&'static CallSite>;

/// Returns the elements that the linker collected.
pub(super) fn entries() -> &'static [Entry] {
    let (start, end) = bounds();
    let count = end.addr().saturating_sub(start.addr()) / size_of::<Entry>();
    // The compiler knows the start as a single element: hide where the address comes from.
    let start = std::hint::black_box(start);
    // SAFETY: both addresses are bounds of one linker section, which holds aligned elements of this type alone and is
    // never written to.
    unsafe { std::slice::from_raw_parts(start, count) }
}

#[cfg(unix)]
fn bounds() -> (*const Entry, *const Entry) {
    unsafe extern "Rust" {
        #[cfg_attr(target_vendor = "apple", link_name = "\x01section$start$__DATA$__tta_sites")]
        #[cfg_attr(target_os = "illumos", link_name = "__start_set_tta_call_sites")]
        #[cfg_attr(not(any(target_vendor = "apple", target_os = "illumos")), link_name = "__start_tta_call_sites")]
        static START: [Entry; 0];

        #[cfg_attr(target_vendor = "apple", link_name = "\x01section$end$__DATA$__tta_sites")]
        #[cfg_attr(target_os = "illumos", link_name = "__stop_set_tta_call_sites")]
        #[cfg_attr(not(any(target_vendor = "apple", target_os = "illumos")), link_name = "__stop_tta_call_sites")]
        static END: [Entry; 0];
    }

    /// Makes the section exist in a program without annotated functions. It is writable until relocation, as the elements
    /// are: the parts of one section must agree.
    #[used]
    #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__tta_sites,regular,no_dead_strip"))]
    #[cfg_attr(target_os = "illumos", unsafe(link_section = "set_tta_call_sites"))]
    #[cfg_attr(not(any(target_vendor = "apple", target_os = "illumos")), unsafe(link_section = "tta_call_sites"))]
    static mut EMPTY: [Entry; 0] = [];

    ((&raw const START).cast(), (&raw const END).cast())
}

#[cfg(any(windows, target_os = "uefi"))]
fn bounds() -> (*const Entry, *const Entry) {
    #[used]
    #[unsafe(link_section = ".tta$a")]
    static START: Entry = None;

    #[used]
    #[unsafe(link_section = ".tta$c")]
    static END: Entry = None;

    (&raw const START, &raw const END)
}

#[cfg(not(any(unix, windows, target_os = "uefi")))]
fn bounds() -> (*const Entry, *const Entry) {
    static NONE: [Entry; 0] = [];
    (NONE.as_ptr(), NONE.as_ptr())
}
