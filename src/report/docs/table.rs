//! Tables that show no column in which nothing is said.

use std::fmt::Write as _;

/// A column: its title, and the value that says nothing where all rows have it.
pub(super) struct Column {
    title: &'static str,
    silent: Option<&'static str>,
}

impl Column {
    /// A column that is shown whatever is in it.
    pub(super) fn always(title: &'static str) -> Self {
        Self { title, silent: None }
    }

    /// A column that is left out where every row has this value.
    pub(super) fn unless_all(title: &'static str, value: &'static str) -> Self {
        Self {
            title,
            silent: Some(value),
        }
    }
}

/// A table under its name; a list on one line where only the first column has something to say.
pub(super) fn table<const N: usize>(name: &str, columns: [Column; N], rows: Vec<[String; N]>) -> String {
    let says_something = |at: &usize| {
        columns[*at]
            .silent
            .is_none_or(|silent| rows.iter().any(|row| row[*at] != silent))
    };
    let shown: Vec<usize> = (0..N).filter(says_something).collect();
    if let [only] = *shown {
        let cells: Vec<&str> = rows.iter().map(|row| row[only].as_str()).collect();
        return format!("**{name}** {}\n\n", cells.join(", "));
    }
    let mut text = format!("**{name}**\n\n");
    let titles: Vec<&str> = shown.iter().map(|&at| columns[at].title).collect();
    _ = writeln!(text, "| {} |\n|{}", titles.join(" | "), "---|".repeat(shown.len()));
    for row in &rows {
        let cells: Vec<&str> = shown.iter().map(|&at| row[at].as_str()).collect();
        _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rows: Vec<[&str; 2]>, expected: &str) {
        let rows = rows.into_iter().map(|row| row.map(str::to_owned)).collect();
        let columns = [Column::always("Name"), Column::unless_all("Default", "")];
        assert_eq!(table("Things", columns, rows), expected);
    }

    #[test]
    fn column_that_says_nothing_is_left_out() {
        check(
            vec![["a", ""], ["b", "1"]],
            "**Things**\n\n| Name | Default |\n|---|---|\n| a |  |\n| b | 1 |\n\n",
        );
        check(vec![["a", ""], ["b", ""]], "**Things** a, b\n\n");
    }
}
