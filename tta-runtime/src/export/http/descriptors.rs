//! The share of the process's file descriptors that connections may take.

/// The most connections that may be open at once: a quarter of the file descriptors that the process may have.
///
/// The rest is for the program, and for what a scrape itself opens. Systems without `/proc` do not limit.
pub(super) fn connections() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    open_files(&limits).map_or(usize::MAX, |files| (files / 4).max(1))
}

/// Reads the soft limit of open files from the text of `/proc/self/limits`; `None` for no limit.
fn open_files(limits: &str) -> Option<usize> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::open_files;

    #[test]
    fn the_soft_limit_counts() {
        let of = |soft: &str| {
            open_files(&format!(
                "Limit                     Soft Limit           Hard Limit           Units     \n\
                 Max processes             15                   15                   processes \n\
                 Max open files            {soft}                 1048576              files     \n"
            ))
        };
        assert_eq!([of("64"), of("unlimited"), open_files("")], [Some(64), None, None]);
    }
}
