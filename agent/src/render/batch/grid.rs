//! Columns of plain text.

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    /// Words: they stand to the left.
    Text(String),
    /// A number, or what stands in its place: to the right.
    Number(String),
}

impl Cell {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn number(number: impl ToString) -> Self {
        Self::Number(number.to_string())
    }

    fn words(&self) -> &str {
        let (Self::Text(words) | Self::Number(words)) = self;
        words
    }
}

/// What stands before the first column and between two, in characters.
const GAP: &str = "  ";

/// How much room lines have, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Room {
    /// Length of a line.
    pub(super) columns: usize,
    /// The column with names, which give way first.
    pub(super) name: usize,
    /// Least width of that column.
    pub(super) name_min: usize,
    /// Least width of the last column.
    pub(super) last_min: usize,
}

impl Room {
    /// The widths where the cells, each column at its widest, do not fit.
    fn shrink(self, widths: &mut [usize]) {
        let Some(last) = widths.len().checked_sub(1).filter(|last| *last > self.name) else { return };
        let taken: usize = widths.iter().map(|width| GAP.len() + width).sum();
        let mut missing = taken.saturating_sub(self.columns);
        for (column, least) in [(last, LAST_WANTED), (self.name, self.name_min), (last, self.last_min)] {
            if let Some(width) = widths.get_mut(column) {
                let given = missing.min(width.saturating_sub(least));
                *width -= given;
                missing -= given;
            }
        }
    }
}

/// Width of the last column down to which names stay whole, in characters.
const LAST_WANTED: usize = 40;

/// Lines under their titles: columns as wide as their widest cell, numbers to the right. Where there is a limit of room, names
/// and the last column are cut to it.
pub(super) fn grid(titles: &[&str], lines: &[Vec<Cell>], room: Option<Room>) -> String {
    let cells = |column: usize| lines.iter().filter_map(move |line| line.get(column));
    let width = |(column, title): (usize, &&str)| {
        let widest = cells(column).map(|cell| cell.words().chars().count()).max().unwrap_or_default();
        widest.max(title.chars().count())
    };
    let mut widths: Vec<usize> = titles.iter().enumerate().map(width).collect();
    if let Some(room) = room {
        room.shrink(&mut widths);
    }
    let is_number: Vec<bool> =
        (0..titles.len()).map(|column| cells(column).all(|cell| matches!(cell, Cell::Number(_)))).collect();
    let row = |words: Vec<&str>| {
        let mut text = String::new();
        for ((column, word), (width, is_number)) in words.into_iter().enumerate().zip(widths.iter().zip(&is_number)) {
            let is_name = room.is_some_and(|room| room.name == column);
            let word = if is_name { without_middle(word, *width) } else { cut(word, *width) };
            text.push_str(GAP);
            text.push_str(&if *is_number { format!("{word:>width$}") } else { format!("{word:<width$}") });
        }
        text.trim_end().to_owned()
    };
    let mut rows = vec![row(titles.to_vec())];
    rows.extend(lines.iter().map(|line| row(line.iter().map(Cell::words).collect())));
    rows.join("\n")
}

/// A text without its end.
fn cut(text: &str, characters_max: usize) -> String {
    if text.chars().count() <= characters_max {
        return text.to_owned();
    }
    text.chars().take(characters_max.saturating_sub(1)).chain(['…']).collect()
}

/// A name without its middle: what tells two servers of one domain apart stands at the front, whose they are at the end.
pub(super) fn without_middle(name: &str, characters_max: usize) -> String {
    let count = name.chars().count();
    if count <= characters_max {
        return name.to_owned();
    }
    let kept = characters_max.saturating_sub(1);
    let (front, end) = (kept / 3, kept - kept / 3);
    name.chars().take(front).chain(['…']).chain(name.chars().skip(count - end)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_to_the_right_and_the_last_column_is_cut_to_the_room() {
        let line =
            |name: &str, number: &str, told: &str| vec![Cell::text(name), Cell::number(number), Cell::text(told)];
        let lines = [line("a", "9,00", "short"), line("long", "-", "a long story that does not fit")];
        let room = Room { columns: 30, name: 0, name_min: 4, last_min: 5 };
        let text = grid(&["Nome", "P", "Che cosa"], &lines, Some(room));
        assert_eq!(text, "  Nome     P  Che cosa\n  a     9,00  short\n  long     -  a long story th…");
        assert!(text.lines().all(|line| line.chars().count() <= 30));
        assert!(grid(&["Nome", "P", "Che cosa"], &lines, None).contains("that does not fit"));
    }

    #[test]
    fn names_give_way_before_the_last_column_gets_too_narrow() {
        let story = "what to do first, told at some length so that it wants room";
        let line = vec![Cell::text("servizi-demografici.comune.example.it"), Cell::text(story)];
        let room = Room { columns: 70, name: 0, name_min: 22, last_min: 30 };
        let text = grid(&["Nome", "Che cosa"], &[line], Some(room));
        assert_eq!(text.lines().last(), Some("  servizi-…comune.example.it  what to do first, told at some length s…"));
    }

    #[test]
    fn a_name_that_is_too_long_keeps_its_front_and_its_end() {
        assert_eq!(without_middle("servizi.comune.example.it", 16), "servi…example.it");
        assert_eq!(without_middle("comune.example.it", 17), "comune.example.it");
    }
}
