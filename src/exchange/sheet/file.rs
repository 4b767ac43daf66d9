//! Reading a file: judged by its content, unpacked within limits, then read cell by cell.
//!
//! Nothing in a file decides how much memory reading it takes: parts are counted and unpacked within
//! limits first, by the same reader of archives that reads them afterwards; cells are streamed, never
//! laid out over the area that a file claims.

use std::collections::HashSet;
use std::io::{Cursor, Read};

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx};
use rust_decimal::Decimal;
use zip::ZipArchive;

use super::{Form, Grid, Place};
use crate::document::attachment::content::{Content, recognise};
use crate::document::attachment::size_words;
use crate::error::{Error, Result};
use crate::exchange::xlsx::DATA;

/// Five thousand rows of fifty columns with long words come to less than two megabytes.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;
/// The same unpacked.
const MAX_UNPACKED: u64 = 64 * 1024 * 1024;
/// A workbook of a hundred sheets has fewer parts.
const MAX_PARTS: usize = 1_000;
/// A cell is looked for in each of them.
const MAX_MERGED: usize = 2_000;
/// More different words than [`super::MAX_ROWS`] rows of [`super::MAX_COLUMNS`] columns hold.
const MAX_COUNT: u64 = 2_000_000;

/// Reads the sheet of data: ours by its name, else the first that is shown.
///
/// # Errors
/// Says what the file is instead, which limit it exceeds, or that it is damaged.
pub fn read(name: &str, bytes: &[u8]) -> Result<Grid> {
    if bytes.len() > MAX_BYTES {
        let size = size_words(bytes.len());
        let most = size_words(MAX_BYTES);
        return Err(Error::TooLarge(format!("「{name}」有 {size}；表格最多 {most}，请删去图片和不相干的工作表")));
    }
    let refuse = |what: &str| {
        let message = format!("「{name}」不能读：按内容看是{what}（与后缀无关）。请另存为 Excel 工作簿（.xlsx）");
        Err(Error::Unsupported(message))
    };
    match recognise(bytes) {
        _ if bytes.is_empty() => return refuse("空的（0 字节）"),
        Ok(Content::Excel) => {}
        Ok(other) => return refuse(other.label()),
        Err(what) => return refuse(what),
    }
    check_parts(name, bytes)?;
    let damaged = |cause: calamine::XlsxError| {
        tracing::info!(%cause, "a spreadsheet could not be read");
        Error::Unsupported(format!("「{name}」读不出来：文件损坏或不完整。请在 Excel 或 WPS 里打开后另存一份"))
    };
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
    let shown: Vec<String> = book
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible)
        .map(|sheet| sheet.name.clone())
        .collect();
    let wanted = shown.iter().find(|sheet| *sheet == DATA).or(shown.first());
    let Some(wanted) = wanted else {
        return Err(Error::Unsupported(format!("「{name}」里没有可见的工作表")));
    };
    sheet(&mut book, wanted).map_err(|failed| match failed {
        Failed::Damaged(cause) => damaged(cause),
        Failed::Said(error) => error,
    })
}

/// 1. At most [`MAX_PARTS`] parts;
/// 2. unpacked at most [`MAX_UNPACKED`] together, however much less they claim;
/// 3. text parts are plain UTF-8 and claim no absurd number of words, for which room would be made
///    before the first is read.
fn check_parts(name: &str, bytes: &[u8]) -> Result<()> {
    let broken = |_| Error::Unsupported(format!("「{name}」读不出来：压缩包损坏。请重新另存一份"));
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    if archive.len() > MAX_PARTS {
        return Err(Error::TooLarge(format!("「{name}」里有 {} 个部分；最多 {MAX_PARTS} 个", archive.len())));
    }
    let too_large = || {
        let most = MAX_UNPACKED / 1024 / 1024;
        Error::TooLarge(format!("「{name}」解开后超过 {most} MB，不像一张报表；请只留下要交的工作表"))
    };
    let mut left = MAX_UNPACKED;
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(broken)?;
        let own = part.name().map_err(broken)?.to_lowercase();
        let is_text = own.ends_with(".xml") || own.ends_with(".rels");
        let mut unpacked = Vec::new();
        let failed = |_| Error::Unsupported(format!("「{name}」读不出来：压缩包损坏。请重新另存一份"));
        let size = part.take(left + 1).read_to_end(&mut unpacked).map_err(failed)?;
        left = u64::try_from(size).ok().and_then(|size| left.checked_sub(size)).ok_or_else(too_large)?;
        if !is_modest(&unpacked) || is_text && !is_plain(&unpacked) {
            return Err(Error::Unsupported(format!("「{name}」的内部格式不规范；请在 Excel 或 WPS 里打开后另存一份")));
        }
    }
    Ok(())
}

/// UTF-8 without control characters: no other encoding hides a claim.
fn is_plain(part: &[u8]) -> bool {
    let plain = |byte: &u8| *byte >= 0x20 || matches!(byte, b'\t' | b'\n' | b'\r');
    part.iter().all(plain) && std::str::from_utf8(part).is_ok()
}

/// Whether the counts in it can be true.
fn is_modest(part: &[u8]) -> bool {
    const COUNT: &[u8] = b"uniqueCount";
    let mut claims = part.windows(COUNT.len()).enumerate().filter(|(_, here)| *here == COUNT);
    claims.all(|(at, _)| {
        let rest = part.get(at + COUNT.len()..).unwrap_or_default().iter();
        let digits: String = rest
            .skip_while(|byte| byte.is_ascii_whitespace() || matches!(byte, b'=' | b'"' | b'\'' | b'+'))
            .take_while(|byte| byte.is_ascii_digit())
            .map(|byte| char::from(*byte))
            .collect();
        digits.is_empty() || digits.parse::<u64>().is_ok_and(|count| count <= MAX_COUNT)
    })
}

enum Failed {
    Damaged(calamine::XlsxError),
    Said(Error),
}

impl From<calamine::XlsxError> for Failed {
    fn from(cause: calamine::XlsxError) -> Failed {
        Failed::Damaged(cause)
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Failed {
        Failed::Said(error)
    }
}

type Book<'a> = Xlsx<Cursor<&'a [u8]>>;

fn sheet(book: &mut Book<'_>, name: &str) -> std::result::Result<Grid, Failed> {
    let mut grid = Grid { merged: merged(book, name)?, ..Grid::default() };
    let months = months(book, name)?;
    let mut cells = book.worksheet_cells_reader(name)?;
    while let Some(cell) = cells.next_cell_with_formula_metadata()? {
        let place = cell.pos;
        let is_calculated = cell.formula.is_some();
        match cell.value {
            DataRef::Empty if is_calculated => grid.put(place, "", Form::Failed)?,
            DataRef::Empty => {}
            DataRef::Error(error) => grid.put(place, &error.to_string(), Form::Failed)?,
            DataRef::String(text) => grid.put(place, &text, Form::Text)?,
            DataRef::SharedString(text) => grid.put(place, text, Form::Text)?,
            DataRef::Bool(yes) => grid.put(place, if yes { "是" } else { "否" }, Form::Text)?,
            DataRef::Int(number) => grid.put(place, &number.to_string(), Form::Number)?,
            DataRef::Float(number) => grid.put(place, &decimal(&format!("{number:.14e}")), Form::Number)?,
            DataRef::DateTime(moment) => {
                let (year, month, day, ..) = moment.to_ymd_hms_milli();
                let text = match months.contains(&place) {
                    true => format!("{year:04}-{month:02}"),
                    false => format!("{year:04}-{month:02}-{day:02}"),
                };
                grid.put(place, &text, Form::Date)?;
            }
            DataRef::DateTimeIso(text) => {
                let day: String = text.chars().take_while(|c| *c != 'T').collect();
                grid.put(place, &day, Form::Date)?;
            }
            DataRef::DurationIso(text) => grid.put(place, &text, Form::Text)?,
        }
    }
    Ok(grid)
}

/// The number as people see it: fifteen digits, which is all that a spreadsheet keeps. `0.1 + 0.2`
/// is 0.3 there and here.
fn decimal(scientific: &str) -> String {
    match Decimal::from_scientific(scientific) {
        Ok(number) => number.normalize().to_string(),
        // Beyond anything of ours; refused as an amount with the digits it has.
        Err(_) => scientific.to_owned(),
    }
}

/// Merged regions, within the limits of a sheet.
fn merged(book: &mut Book<'_>, name: &str) -> std::result::Result<Vec<(Place, Place)>, Failed> {
    let regions = book.merge_cells_by_sheet_name(name)?;
    if regions.len() > MAX_MERGED {
        return Err(Failed::Said(Error::TooLarge("合并的单元格太多；请取消合并再交".into())));
    }
    Ok(regions.into_iter().map(|region| (region.start, region.end)).collect())
}

/// Dates shown without a day: whoever typed 「2025-09」 meant the month, though the spreadsheet made
/// the first of it.
fn months(book: &mut Book<'_>, name: &str) -> std::result::Result<HashSet<Place>, Failed> {
    let mut cells = book.worksheet_cells_reader(name)?;
    let by_style: Vec<bool> = cells
        .styles()
        .iter()
        .map(|style| style.number_format.as_ref().is_some_and(|format| shows_no_day(&format.format_code)))
        .collect();
    let mut found = HashSet::new();
    if by_style.contains(&true) {
        while let Some((row, column, style)) = cells.next_style_id()? {
            if by_style.get(style).copied().unwrap_or(false) {
                found.insert((row, column));
            }
        }
    }
    Ok(found)
}

/// `yyyy-mm`, `yyyy年m月`, `mmm-yy`: a year and a month, and no day.
fn shows_no_day(code: &str) -> bool {
    let mut outside = String::new();
    let mut is_quoted = false;
    for c in code.split(';').next().unwrap_or_default().chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            c if !is_quoted => outside.push(c.to_ascii_lowercase()),
            _ => {}
        }
    }
    // `[$-804]` and the like say in whose words.
    let without =
        outside.split('[').map(|part| part.split_once(']').map_or(part, |(_, rest)| rest)).collect::<String>();
    without.contains('y') && without.contains('m') && !without.contains('d') && !without.contains('h')
}
