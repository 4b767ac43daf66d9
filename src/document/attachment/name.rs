//! Names of files: what is unseen or means something to a system is taken out.

use super::content::Content;
use crate::error::{Error, Result};

/// Long enough for a 文号 with its title; short enough for every file system and table.
pub const MAX_NAME: usize = 120;

/// The last part of a name as it was sent, without what cannot be seen.
pub(super) fn without_path(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|c| !is_unseen(*c)).take(4 * MAX_NAME).collect::<String>().trim().to_owned()
}

/// Control characters, marks that turn or hide writing, and fillers that look like nothing.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// The name a file is kept under:
/// 1. characters that file systems refuse become `_`; dots and spaces at its ends go;
/// 2. without an ending it gets that of its content; with one of another content it is refused;
/// 3. a name too long loses the end of its stem.
///
/// Text that is named `.csv` is a table.
pub(super) fn fit(name: &str, content: Content) -> Result<(String, Content)> {
    let plain: String = name.chars().map(|c| if "<>:\"|?*".contains(c) { '_' } else { c }).collect();
    let is_edge = |c: char| c == '.' || c.is_whitespace();
    let plain = plain.trim_end_matches(is_edge);
    let (stem, ending) = match plain.rsplit_once('.') {
        Some((stem, ending)) if is_ending(ending) => (stem, ending.to_lowercase()),
        _ => (plain, content.endings().first().copied().unwrap_or("bin").to_owned()),
    };
    let content = match (content, ending.as_str()) {
        (Content::Text, "csv") => Content::Csv,
        (Content::ChineseText, "csv") => Content::ChineseCsv,
        (other, _) => other,
    };
    if !content.endings().contains(&ending.as_str()) {
        let fitting = content.endings().iter().map(|ending| format!(".{ending}")).collect::<Vec<_>>().join("、");
        return Err(Error::Unsupported(format!(
            "「{plain}」不能附：内容是「{}」，文件名却以 .{ending} 结尾。请改成 {fitting}，或另存为所写的格式",
            content.label()
        )));
    }
    let stem = stem.trim_matches(is_edge);
    let stem: String = stem.chars().take(MAX_NAME - ending.len() - 1).collect();
    let stem = if stem.is_empty() { "附件".to_owned() } else { stem };
    Ok((format!("{stem}.{ending}"), content))
}

/// Whether what follows the last dot is an ending rather than part of a title (「8号.附表」).
fn is_ending(text: &str) -> bool {
    (1..=8).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}
