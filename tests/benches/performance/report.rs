//! The rows that cases print: tab-separated, for `scripts/bench` to put into a table.

/// The aim of a ratio or of a figure.
#[derive(Clone, Copy)]
pub(crate) enum Aim {
    /// Ours is at most this multiple of the peer's.
    Ratio(f64),
    /// Ours is at most this many units.
    Most(f64),
}

/// One case.
pub(crate) struct Case<'a> {
    pub(crate) group: &'a str,
    pub(crate) name: String,
    pub(crate) unit: &'a str,
    pub(crate) ours: f64,
    /// The peer's name and its figure.
    pub(crate) peer: Option<(&'a str, f64)>,
    pub(crate) aim: Aim,
}

impl Case<'_> {
    /// Prints the row: group, case, unit, ours, the peer, its figure, the ratio, the aim, and ours as a multiple of the aim.
    pub(crate) fn print(&self) {
        let Self { group, name, unit, ours, peer, aim } = self;
        let of_aim = match aim {
            Aim::Ratio(most) => peer.map_or(f64::NAN, |(_, theirs)| ours / theirs / most),
            Aim::Most(most) if *most > 0.0 => ours / most,
            Aim::Most(_) => *ours,
        };
        let (peer, theirs, ratio) = peer.map_or((String::new(), String::new(), String::new()), |(peer, theirs)| {
            (peer.to_owned(), figure(theirs), format!("{:.2}", ours / theirs))
        });
        let aim = match aim {
            Aim::Ratio(most) => format!("ratio ≤ {most}"),
            Aim::Most(most) => format!("≤ {most} {unit}"),
        };
        println!("case\t{group}\t{name}\t{unit}\t{}\t{peer}\t{theirs}\t{ratio}\t{aim}\t{of_aim:.2}", figure(*ours));
    }
}

fn figure(number: f64) -> String {
    if number < 100.0 { format!("{number:.1}") } else { format!("{number:.0}") }
}
