//! Formats text in aligned columns.

use std::fmt::{self, Display};

use unicode_segmentation::UnicodeSegmentation as _;

/// Rows below headings. The first column is left-aligned, the others are right-aligned.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(headings: &[&str]) -> Self {
        Self { rows: vec![headings.iter().map(ToString::to_string).collect()] }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }
}

impl Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let cells = |column: usize| self.rows.iter().filter_map(move |row| row.get(column));
        let widths: Vec<usize> =
            (0..columns).map(|column| cells(column).map(|cell| width(cell)).max().unwrap_or(0)).collect();
        for row in &self.rows {
            let mut line = String::from(" ");
            for (index, (cell, column_width)) in row.iter().zip(&widths).enumerate() {
                let padding = " ".repeat(column_width - width(cell));
                line = if index == 0 { format!("{line} {cell}{padding}") } else { format!("{line}  {padding}{cell}") };
            }
            writeln!(formatter, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

fn width(cell: &str) -> usize {
    cell.graphemes(true).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(&["model", "USD"]);
        table.row(["größer".to_owned(), "0.1".to_owned()]);
        table.row(["a".to_owned(), "12.25".to_owned()]);
        assert_eq!(table.to_string(), "  model     USD\n  größer    0.1\n  a       12.25\n");
    }
}
