//! Memory that the process has freed, and that the allocator of the C library keeps.

/// Gives freed memory back to the operating system, where the process has the allocator of the GNU C library.
///
/// That allocator gives back the end of its memory alone. What decoding frees lies before what it leaves. Another allocator of the program's
/// is not affected.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "only the C library gives back what it keeps")]
pub(super) fn give_back() {
    // SAFETY: the function may be called at any time by any thread: it takes the locks of the allocator, and touches no memory in use. It
    // leaves no room at the end of the memory, which is what 0 asks for, and what it returns says whether there was anything to give back.
    let _ = unsafe { libc::malloc_trim(0) };
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn give_back() {}

#[cfg(all(test, target_os = "linux", target_env = "gnu"))]
mod tests {
    use super::give_back;

    fn resident_bytes() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }

    #[test]
    fn what_is_freed_below_what_is_in_use_is_given_back() {
        const BYTES: u64 = 256 << 20;
        let mut parts: Vec<Box<[u8]>> = (0..BYTES / 1_024).map(|_| vec![1; 1_024].into()).collect();
        let last = parts.pop();
        drop(parts);
        let kept = resident_bytes();
        give_back();
        let given_back = kept.saturating_sub(resident_bytes());
        assert!(given_back > BYTES / 2, "{given_back} bytes of {BYTES}");
        drop(last);
    }
}
