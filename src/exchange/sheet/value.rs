//! What people write into cells, read as what it is: full-width digits, thousands separators,
//! 「—」「无」「暂无」 for nothing, dates in every usual writing.

use super::{Form, Given, reference};
use crate::error::{Error, Fault, Result};
use crate::money::Fen;
use crate::period::{Day, Precision};

/// Ways of saying that there is nothing.
pub const NOTHING: [&str; 10] = ["", "-", "--", "—", "——", "/", "无", "暂无", "未填", "尚无"];

/// Full-width letters, digits and signs as the half-width ones of the same meaning.
pub fn half_width(text: &str) -> String {
    text.chars()
        .map(|c| match u32::from(c) {
            0x3000 | 0x00a0 => ' ',
            code @ 0xff01..=0xff5e => char::from_u32(code - 0xfee0).unwrap_or(c),
            0x2212 => '-',
            _ => c,
        })
        .collect()
}

/// A cell's words in one line, as a form or the journal can hold them.
pub fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_control() || c == '\u{2028}' || c == '\u{2029}')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A column's name without spaces, line breaks and differences of width.
pub fn name_of(text: &str) -> String {
    half_width(text).chars().filter(|c| !c.is_whitespace() && *c != '*').collect()
}

/// Whether this says that there is nothing.
pub fn is_nothing(text: &str) -> bool {
    NOTHING.contains(&half_width(text).trim())
}

/// What was given, unless it is nothing or failed.
fn said(given: &Given<'_>) -> std::result::Result<Option<String>, Fault> {
    let Some(cell) = given.cell else { return Ok(None) };
    if cell.form == Form::Failed {
        return Err(given.fault("公式没有算出值；请在 Excel 或 WPS 里算好、保存，或直接填数"));
    }
    let text = half_width(&one_line(&cell.text)).trim().to_owned();
    Ok(if is_nothing(&text) { None } else { Some(text) })
}

/// The same where each row must speak for itself.
fn own(given: &Given<'_>) -> std::result::Result<Option<String>, Fault> {
    let said = said(given)?;
    match given.merged.filter(|_| said.is_some()) {
        Some(first) => {
            let message = format!("与 {} 合并，分不清各行是多少；请取消合并、逐行填写", reference(first));
            Err(given.fault(message))
        }
        None => Ok(said),
    }
}

/// Words, at most `max` of them; of a merged region each row has its words.
///
/// # Errors
/// Says where, what and how long it may be.
pub fn words(given: &Given<'_>, max: usize) -> std::result::Result<Option<String>, Fault> {
    // Words keep their width: only what is compared is changed.
    let Some(_) = said(given)? else { return Ok(None) };
    let text = given.cell.map(|cell| one_line(&cell.text)).unwrap_or_default();
    match text.chars().count() {
        count if count > max => Err(given.fault(format!("有 {count} 个字；最多 {max} 个字"))),
        _ => Ok(Some(text)),
    }
}

/// A code: words that stand alone in their row.
///
/// # Errors
/// Says where, and that a merged region is several rows.
pub fn code(given: &Given<'_>) -> std::result::Result<Option<String>, Fault> {
    own(given)
}

/// One of some words; gives the first of the pair whose word or name was written.
///
/// # Errors
/// Says where, what, and what is allowed.
pub fn one_of(
    given: &Given<'_>,
    allowed: &[(&'static str, &'static str)],
) -> std::result::Result<Option<&'static str>, Fault> {
    let Some(text) = said(given)? else { return Ok(None) };
    let found = allowed.iter().find(|(word, label)| *word == text || *label == text);
    found.map(|(word, _)| Some(*word)).ok_or_else(|| {
        let labels: Vec<&str> = allowed.iter().map(|(_, label)| *label).collect();
        given.fault(format!("可填 {}", labels.join("、")))
    })
}

/// An amount in 万元. `1,234.5` `１２３４．５` `1234.5万元`; nothing is not zero.
///
/// # Errors
/// Says where, what, and how an amount is written.
pub fn wan(given: &Given<'_>) -> std::result::Result<Option<Fen>, Fault> {
    let Some(text) = own(given)? else { return Ok(None) };
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let plain = plain.strip_suffix("万元").unwrap_or(&plain);
    if given.cell.is_some_and(|cell| cell.form == Form::Date) {
        return Err(given.fault("是日期，不是金额；请把这一格的格式改成数字再填"));
    }
    if let Some(unit) = ["亿元", "亿", "万", "元"].iter().find(|unit| plain.ends_with(**unit)) {
        return Err(given.fault(format!("写的是「{unit}」；这一列以万元计，只写数")));
    }
    let read = Fen::parse_wan(plain).and_then(|amount| crate::ledger::check_amount(amount).map(|()| amount));
    read.map(Some).map_err(|error| given.fault(first_message(&error)))
}

/// A whole number.
///
/// # Errors
/// Says where and what.
pub fn whole(given: &Given<'_>) -> std::result::Result<Option<i64>, Fault> {
    let Some(text) = own(given)? else { return Ok(None) };
    text.replace(',', "").parse().map(Some).map_err(|_| given.fault("应为整数"))
}

/// A date, known as far as it is written.
///
/// # Errors
/// Says where, what, and how a date is written.
pub fn date(given: &Given<'_>) -> std::result::Result<Option<(Day, Precision)>, Fault> {
    let Some(text) = own(given)? else { return Ok(None) };
    let form = given.cell.map_or(Form::Text, |cell| cell.form);
    // Five digits are a day as spreadsheets count them, in a pasted block too.
    let is_serial = text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    let read = match form {
        Form::Number => number_as_date(&text),
        _ if is_serial => number_as_date(&text),
        _ => Precision::parse_date(&written(&text)),
    };
    read.map(Some).map_err(|error| given.fault(date_message(&error)))
}

fn first_message(error: &Error) -> String {
    match error {
        Error::Invalid(faults) => faults.first().map_or_else(String::new, |fault| fault.message.clone()),
        other => other.to_string(),
    }
}

/// What is wrong with a date; a cell may say it less exactly than to the day.
fn date_message(error: &Error) -> String {
    let message = first_message(error);
    if message.starts_with("不是日期") {
        "不是日期；写成 2025-09-26、2025-09、2025Q3 或 2025".into()
    } else {
        message
    }
}

/// `2025年9月26日`, `2025/9/26`, `2025.09`, `2025年三季度` as [`Precision::parse_date`] reads them.
fn written(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    // The time of day that some programs write behind a date of text.
    let text = text.split_once("00:00").map_or(text.as_str(), |(date, _)| date);
    for (at, names) in
        [["一季度", "1季度"], ["二季度", "2季度"], ["三季度", "3季度"], ["四季度", "4季度"]].iter().enumerate()
    {
        for name in names {
            if let Some(year) = text.strip_suffix(name) {
                let year = year.trim_end_matches('第').trim_end_matches('年');
                return format!("{year}Q{}", at + 1);
            }
        }
    }
    if text.contains('Q') {
        return text.to_owned();
    }
    let parts: Vec<&str> =
        text.split(['年', '月', '日', '号', '/', '.', '-']).filter(|part| !part.is_empty()).collect();
    if !parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit())) || parts.len() > 3 {
        return text.to_owned();
    }
    match parts.as_slice() {
        [all] if all.len() == 8 => format!("{}-{}-{}", &all[..4], &all[4..6], &all[6..]),
        [all] if all.len() == 6 => format!("{}-{}", &all[..4], &all[4..]),
        [year] if year.len() == 4 => (*year).to_owned(),
        [year, month] => format!("{year}-{month:0>2}"),
        [year, month, day] => format!("{year}-{month:0>2}-{day:0>2}"),
        _ => text.to_owned(),
    }
}

/// The first and the last day that a bare number is taken for: 1954 to 2119, as spreadsheets count.
const SERIALS: std::ops::RangeInclusive<i64> = 20_000..=80_000;

/// A number where a date is wanted: a year, `202509`, `20250926`, or a day as spreadsheets count
/// them. `2025.1` may be January or October.
fn number_as_date(text: &str) -> Result<(Day, Precision)> {
    let refuse = |message: &str| Err(Error::invalid("date", text, message));
    if text.contains('.') {
        return refuse("分不清月份（2025.1 是一月还是十月）；写成 2025-01 或 2025-10，并把格式设为文本");
    }
    match text.parse::<i64>() {
        Ok(serial) if SERIALS.contains(&serial) => {
            let first = Day::from_raw(18_991_230)?.to_naive();
            let day = u64::try_from(serial).ok().and_then(|days| first.checked_add_days(chrono::Days::new(days)));
            match day {
                Some(day) => Ok((Day::from_naive(day), Precision::Day)),
                None => refuse("不是日期；写成 2025-09-26"),
            }
        }
        _ => Precision::parse_date(&written(text)),
    }
}
