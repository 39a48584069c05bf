//! Numbers as people read them, each with its unit.

/// Writes an amount of billionths of a US dollar to the digits that matter: `$12.34`, `$0.0413`, `$0.000125`.
pub(super) fn money(nanos: u64) -> String {
    let decimals = match nanos {
        0 => return "$0".to_owned(),
        1_000_000_000.. => 2,
        10_000_000.. => 4,
        // Three digits behind the zeros that follow the point.
        small => (12 - small.to_string().len()).min(9),
    };
    let unit = 10_u64.pow(9 - u32::try_from(decimals).unwrap_or(0));
    let units = nanos / unit + u64::from(nanos % unit * 2 >= unit);
    let whole = 1_000_000_000 / unit;
    format!("${}.{:0decimals$}", grouped(units / whole), units % whole)
}

/// Writes a duration of nanoseconds: `850 ns`, `1.2 ms`, `3.40 s`, `2 min 5 s`, `3 h 12 min`, `4 d 2 h`.
pub(super) fn duration(nanoseconds: u64) -> String {
    let ns = nanoseconds as f64;
    match nanoseconds {
        0 => "0 s".to_owned(),
        1..1_000 => format!("{nanoseconds} ns"),
        1_000..999_950 => format!("{:.1} µs", ns / 1e3),
        999_950..999_950_000 => format!("{:.1} ms", ns / 1e6),
        999_950_000..59_995_000_000 => format!("{:.2} s", ns / 1e9),
        _ => long((ns / 1e9).round() as u64),
    }
}

/// Writes a duration of a minute or more.
fn long(seconds: u64) -> String {
    let (large, large_name, small, small_name) = match seconds {
        ..3_600 => (60, "min", 1, "s"),
        3_600..86_400 => (3_600, "h", 60, "min"),
        _ => (86_400, "d", 3_600, "h"),
    };
    let (first, rest) = (seconds / large, seconds % large / small);
    if rest == 0 { format!("{first} {large_name}") } else { format!("{first} {large_name} {rest} {small_name}") }
}

/// Writes seconds as a duration.
pub(super) fn seconds(value: f64) -> String {
    duration((value * 1e9).round() as u64)
}

/// Writes a count: `1,234`, `12.30 M`.
pub(super) fn count(number: u64) -> String {
    match number {
        ..1_000_000 => grouped(number),
        1_000_000..1_000_000_000 => format!("{:.2} M", number as f64 / 1e6),
        _ => format!("{:.2} G", number as f64 / 1e9),
    }
}

/// Writes a rate: `0/s`, `<0.01/s`, `0.25/s`, `12.4/s`, `1,240/s`.
pub(super) fn rate(per_second: f64) -> String {
    match per_second {
        0.0 => "0/s".to_owned(),
        ..0.01 => "<0.01/s".to_owned(),
        0.01..9.995 => format!("{per_second:.2}/s"),
        9.995..99.95 => format!("{per_second:.1}/s"),
        _ => format!("{}/s", count(per_second.round() as u64)),
    }
}

/// Writes a ratio as a percentage: `0 %`, `<0.01 %`, `1.25 %`, `42.0 %`.
pub(super) fn percent(ratio: f64) -> String {
    match ratio * 100.0 {
        0.0 => "0 %".to_owned(),
        ..0.01 => "<0.01 %".to_owned(),
        small @ 0.01..9.995 => format!("{small:.2} %"),
        // 99.99 must not read as all of it.
        most @ 99.95..100.0 => format!(">{:.1} %", (most * 10.0).floor().min(999.0) / 10.0),
        100.0 => "100 %".to_owned(),
        large => format!("{large:.1} %"),
    }
}

/// Writes bytes: `512 B`, `3.4 KiB`, `4.00 MiB`.
pub(super) fn bytes(number: u64) -> String {
    match number {
        ..1_024 => format!("{number} B"),
        1_024..1_048_576 => format!("{:.1} KiB", number as f64 / 1_024.0),
        _ => format!("{:.2} MiB", number as f64 / 1_048_576.0),
    }
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{bytes, count, duration, money, percent, rate};

    #[test]
    fn amounts_have_the_digits_that_matter() {
        let written = [0, 1, 125, 125_000, 9_999_000, 41_300_000, 999_990_000, 12_340_000_000, 1_234_567_890_000];
        let expected = [
            "$0",
            "$0.000000001",
            "$0.000000125",
            "$0.000125",
            "$0.01000",
            "$0.0413",
            "$1.0000",
            "$12.34",
            "$1,234.57",
        ];
        assert_eq!(written.map(money), expected);
        assert_eq!(money(u64::MAX), "$18,446,744,073.71");
    }

    #[test]
    fn durations_have_two_units_at_most() {
        let written = [0, 850, 1_250, 1_200_000, 3_400_000_000, 59_999_000_000, 125_000_000_000, 11_520_000_000_000];
        let expected = ["0 s", "850 ns", "1.2 µs", "1.2 ms", "3.40 s", "1 min", "2 min 5 s", "3 h 12 min"];
        assert_eq!(written.map(duration), expected);
        assert_eq!(duration(352_800_000_000_000), "4 d 2 h");
    }

    #[test]
    fn small_rates_and_shares_are_not_zero() {
        assert_eq!([0.0, 0.001, 0.25, 12.4, 1_240.0].map(rate), ["0/s", "<0.01/s", "0.25/s", "12.4/s", "1,240/s"]);
        let shares = [0.0, 0.000_01, 0.0125, 0.42, 0.999_99, 1.0];
        assert_eq!(shares.map(percent), ["0 %", "<0.01 %", "1.25 %", "42.0 %", ">99.9 %", "100 %"]);
        assert_eq!([0, 1_234, 12_300_000].map(count), ["0", "1,234", "12.30 M"]);
        assert_eq!([512, 3_482, 4_194_304].map(bytes), ["512 B", "3.4 KiB", "4.00 MiB"]);
    }
}
