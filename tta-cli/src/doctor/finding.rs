//! A line about what is wrong with a program.

use std::fmt;

use super::program::Program;

/// Something that is wrong, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The address of the program, with `***` for user, password and query.
    pub address: String,
    /// The fault, in words.
    pub fault: String,
    /// The advice against it.
    pub remedy: String,
}

impl Finding {
    pub(super) fn of(program: &Program, fault: String, remedy: impl Into<String>) -> Self {
        Self { address: program.address.to_string(), fault, remedy: remedy.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, fault, remedy } = self;
        write!(formatter, "{address}: {fault}; {remedy}")
    }
}

/// Formats a time in its largest unit, such as `3 h`.
pub(super) fn time(seconds: f64) -> String {
    let units = [("d", 86_400.0), ("h", 3_600.0), ("min", 60.0)];
    let unit = units.into_iter().find(|(_, length)| seconds >= *length);
    unit.map_or_else(|| format!("{seconds:.0} s"), |(name, length)| format!("{:.0} {name}", (seconds / length).floor()))
}

#[cfg(test)]
mod tests {
    use super::time;

    #[test]
    fn a_time_has_its_largest_unit() {
        assert_eq!([0.4, 59.0, 60.0, 7_199.0, 200_000.0].map(time), ["0 s", "59 s", "1 min", "1 h", "2 d"]);
    }
}
