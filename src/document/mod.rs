//! 文件: documents with a number, the plan's lines, what the plan says of itself, and oddities.

pub mod attachment;
pub mod command;
pub mod store;

use crate::db::fact;
use crate::error::{Error, Result};
use crate::period::{Day, Precision};

fact! {
    /// A source document: the plan, or a paper with a number (文号).
    document Document {
        /// What it is cited by: the plan's code, or the 文号.
        code: String,
        title: String,
        issuer: String,
        /// 文号, empty when it has none.
        number: String,
        /// Its date (yyyymmdd), the first day of a month or year known no better.
        /// None when its date was not given; never guessed.
        dated_on: Option<i32>,
        precision: String,
        /// Lower-hex SHA-256 of its text, empty when the text is not held.
        sha256: String,
        note: String,
    }
}

fact! {
    /// A line of the plan, word for word.
    plan_line PlanLine {
        code: String,
        document_id: i64,
        /// Where it stands: 附表1, 表1, 第九章第一节.
        section: String,
        row_no: Option<i32>,
        text: String,
    }
}

fact! {
    /// What the plan says of its own lines (a total, a count): binds those lines only.
    assertion Assertion {
        line_id: i64,
        section: String,
        /// `count` or `sum_fen`.
        kind: String,
        expected: i64,
        note: String,
    }
}

fact! {
    /// Something odd in the source, shown with the row it concerns; nothing is corrected silently.
    finding Finding {
        /// `project`, `indicator` or `plan`.
        subject_kind: String,
        subject_code: String,
        line_id: Option<i64>,
        text: String,
        handling: String,
    }
}

/// A document a command rests on: one already held (by its code), or a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citation {
    /// 文号 or code.
    pub code: String,
    /// Its title; the code when not given.
    pub title: Option<String>,
    /// Who issued it.
    pub issuer: Option<String>,
    /// Its date, as far as it is known.
    pub dated: Option<(Day, Precision)>,
}

/// Long enough for a 文号 with its title; short enough for a table cell.
pub const MAX_TEXT: usize = 500;

/// Control characters, and the invisible ones that reorder or hide text (Unicode bidirectional
/// controls, zero-width characters, line separators, byte order mark).
pub fn turns_or_hides(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// One line of text: not empty, not too long, no control characters, none that hide or turn the reading direction.
pub fn check_text(field: &str, text: &str, max: usize) -> Result<()> {
    let shown = || text.chars().filter(|c| !turns_or_hides(*c)).take(60).collect::<String>();
    let refuse = |message: String| Err(Error::invalid(field, shown(), message));
    match text.chars().count() {
        0 => refuse("不能为空".into()),
        n if n > max => refuse(format!("有 {n} 个字；最多 {max} 个字")),
        _ if text.chars().any(char::is_control) => refuse("含控制字符（换行、制表符等）；写成一行".into()),
        _ if text.chars().any(turns_or_hides) => refuse("含看不见的、改变书写方向的字符；请重新输入".into()),
        _ if text.trim() != text => refuse("首尾有空格；请去掉".into()),
        _ => Ok(()),
    }
}
