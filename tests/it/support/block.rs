//! A sheet as it is pasted: lines of cells, the first line naming the columns.

/// The block with these cells filled in: project, column, what is written.
pub fn filled(block: &str, cells: &[(&str, &str, &str)]) -> String {
    let mut rows: Vec<Vec<String>> = block.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect();
    let head: Vec<String> = rows[0].clone();
    for (code, column, text) in cells {
        let at = head.iter().position(|name| name == column).unwrap_or_else(|| panic!("{column} in {head:?}"));
        let row = rows.iter_mut().find(|row| row[0] == *code).unwrap_or_else(|| panic!("a row of {code}"));
        if row.len() <= at {
            row.resize(at + 1, String::new());
        }
        row[at] = (*text).to_owned();
    }
    rows.iter().map(|row| row.join("\t")).collect::<Vec<_>>().join("\n")
}
