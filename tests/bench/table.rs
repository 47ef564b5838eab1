//! Figures with their spread, and tables of plain text.

use std::io::Write as _;

/// The same figure, measured several times.
#[derive(Debug, Clone, Default)]
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    /// One more measurement.
    pub(crate) fn push(&mut self, sample: f64) {
        self.0.push(sample);
        self.0.sort_by(f64::total_cmp);
    }

    /// The middle one (the lower of two middle ones).
    pub(crate) fn median(&self) -> f64 {
        self.0.get(self.0.len().saturating_sub(1) / 2).copied().unwrap_or(f64::NAN)
    }

    /// Median with least and greatest.
    pub(crate) fn show(&self, decimals: usize) -> String {
        match (self.0.first(), self.0.last()) {
            (Some(least), Some(greatest)) if self.0.len() > 1 => {
                format!("{:.decimals$} ({least:.decimals$}-{greatest:.decimals$})", self.median())
            }
            _ => format!("{:.decimals$}", self.median()),
        }
    }
}

/// A ratio, as precise as it deserves.
pub(crate) fn ratio(one: f64, other: f64) -> String {
    format!("{:.2}", one / other)
}

/// A heading, remarks, and rows whose first is the head of the columns.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// What the table is about.
    pub(crate) heading: String,
    /// How it was measured, a line each.
    pub(crate) remarks: Vec<String>,
    /// Cells by row.
    pub(crate) rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with its head.
    pub(crate) fn new(heading: impl Into<String>, columns: &[&str]) -> Self {
        let head = columns.iter().map(|column| (*column).to_owned()).collect();
        Self { heading: heading.into(), remarks: Vec::new(), rows: vec![head] }
    }

    /// Adds one row.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Adds one remark.
    pub(crate) fn remark(&mut self, remark: impl Into<String>) {
        self.remarks.push(remark.into());
    }

    fn width(&self, column: usize) -> usize {
        self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    }
}

/// Writes a table to standard output.
pub(crate) fn print(table: &Table) -> anyhow::Result<()> {
    let mut text = format!("{}\n", table.heading);
    for remark in &table.remarks {
        text.push_str(&format!("  {remark}\n"));
    }
    for row in &table.rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let width = table.width(column);
            // Names to the left, figures to the right.
            line.push_str(&if column == 0 { format!("  {cell:<width$}") } else { format!("   {cell:>width$}") });
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    Ok(out.flush()?)
}

/// Says on standard error what is under way.
pub(crate) fn note(text: &str) {
    // Nobody reads it: then nobody misses it.
    let _unread = writeln!(std::io::stderr(), "{text}").is_err();
}
