//! Spreadsheets as they go out: a sheet of data (数据), one that says what was asked (说明) and one
//! that explains every column (字典).
//!
//! Money is written as numbers, so that it can be added up in the spreadsheet; what stands in the
//! file is the exact decimal text of the amount, never the result of a calculation. A spreadsheet
//! keeps fifteen significant digits: an amount that has more is written as text. Codes and dates
//! are text, which no spreadsheet reformats. The same book gives the same bytes.

use rust_xlsxwriter::{Color, DataValidation, DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet};

use super::Value;
use crate::error::{Error, Result};
use crate::period::Day;

/// The name of the sheet that is read back.
pub const DATA: &str = "数据";
const ABOUT: &str = "说明";
const TERMS: &str = "字典";

/// The digits a spreadsheet keeps of a number.
const DIGITS: usize = 15;

/// A column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// Its name, with the unit: what it is read back by.
    pub label: String,
    /// What it holds and what may be written there: for 字典.
    pub about: String,
    /// Characters wide.
    pub width: u32,
    /// Whether it is to be filled in.
    pub is_input: bool,
    /// Whether it holds amounts.
    pub is_money: bool,
    /// What may be chosen.
    pub choices: Vec<String>,
}

/// A file to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Book {
    /// Its title.
    pub title: String,
    /// The day in its properties.
    pub made_on: Day,
    /// The columns.
    pub heads: Vec<Head>,
    /// The rows, a cell for each column.
    pub rows: Vec<Vec<Value>>,
    /// What was asked and how to fill it in: what, and what of it.
    pub about: Vec<(String, String)>,
}

/// The file's bytes.
pub fn write(book: &Book) -> Result<Vec<u8>> {
    made(book).map_err(|cause| Error::internal("生成 Excel 文件失败", cause.to_string()))?
}

type Made<T> = std::result::Result<T, rust_xlsxwriter::XlsxError>;

fn made(book: &Book) -> Made<Result<Vec<u8>>> {
    let mut workbook = Workbook::new();
    let part = |n: i32| u8::try_from(n).unwrap_or(1);
    let raw = book.made_on.raw();
    let made_on =
        ExcelDateTime::from_ymd(u16::try_from(raw / 10_000).unwrap_or(2000), part(raw / 100 % 100), part(raw % 100))?;
    workbook.set_properties(&DocProperties::new().set_title(&book.title).set_creation_datetime(&made_on));
    if let Err(error) = data(workbook.add_worksheet(), book)? {
        return Ok(Err(error));
    }
    about(workbook.add_worksheet(), book)?;
    terms(workbook.add_worksheet(), book)?;
    Ok(Ok(workbook.save_to_buffer()?))
}

/// How cells look.
struct Looks {
    head: Format,
    head_input: Format,
    text: Format,
    quoted: Format,
    money: Format,
    whole: Format,
    input: Format,
    input_quoted: Format,
    input_money: Format,
}

impl Looks {
    fn new() -> Looks {
        // Words on a pale ground: readable printed in black and white too.
        let (grey, yellow) = (Color::RGB(0x00E7_E6E6), Color::RGB(0x00FF_F8DC));
        let head = Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Top).set_background_color(grey);
        let text = Format::new().set_num_format("@").set_align(FormatAlign::Top);
        let money = Format::new().set_num_format("#,##0.00####").set_align(FormatAlign::Top);
        Looks {
            head_input: head.clone().set_background_color(yellow),
            head,
            quoted: text.clone().set_quote_prefix(),
            whole: Format::new().set_num_format("0").set_align(FormatAlign::Top),
            input: text.clone().set_background_color(yellow),
            input_quoted: text.clone().set_background_color(yellow).set_quote_prefix(),
            input_money: money.clone().set_background_color(yellow),
            text,
            money,
        }
    }

    /// How a cell that is not filled looks.
    fn blank(&self, head: &Head) -> &Format {
        match (head.is_input, head.is_money) {
            (true, true) => &self.input_money,
            (true, false) => &self.input,
            (false, true) => &self.money,
            (false, false) => &self.text,
        }
    }
}

fn data(sheet: &mut Worksheet, book: &Book) -> Made<Result<()>> {
    let looks = Looks::new();
    sheet.set_name(DATA)?;
    sheet.set_freeze_panes(1, 2)?;
    for (at, head) in (0..).zip(&book.heads) {
        sheet.set_column_width(at, head.width.max(6))?;
        sheet.set_column_format(at, looks.blank(head))?;
        let look = if head.is_input { &looks.head_input } else { &looks.head };
        sheet.write_string_with_format(0, at, &head.label, look)?;
        let last = u32::try_from(book.rows.len()).unwrap_or(0);
        if !head.choices.is_empty() && last > 0 {
            let list = DataValidation::new().allow_list_strings(&head.choices)?;
            let list = list.set_error_title("不在可选的里面")?;
            let list = list.set_error_message(format!("可填：{}", head.choices.join("、")))?;
            sheet.add_data_validation(1, at, last, at, &list)?;
        }
    }
    for (row, cells) in (1..).zip(&book.rows) {
        for ((at, head), value) in (0..).zip(&book.heads).zip(cells) {
            let written = match value {
                Value::Null => continue,
                Value::Text(text) => words(sheet, (row, at), text, head.is_input, &looks)?,
                Value::Number(number) => exact(sheet, (row, at), &number.to_string(), &looks.whole)?,
                Value::Money(amount) => exact(sheet, (row, at), &amount.wan_exact(), looks.blank(head))?,
            };
            if let Err(error) = written {
                return Ok(Err(error));
            }
        }
    }
    Ok(Ok(()))
}

/// Words stay words: what looks like a formula is marked as text, so that not even editing the cell
/// makes it one.
fn words(sheet: &mut Worksheet, (row, at): (u32, u16), text: &str, is_input: bool, looks: &Looks) -> Made<Result<()>> {
    let look = match (text.starts_with(['=', '+', '-', '@', '\t', '\r']), is_input) {
        (true, true) => &looks.input_quoted,
        (true, false) => &looks.quoted,
        (false, true) => &looks.input,
        (false, false) => &looks.text,
    };
    sheet.write_string_with_format(row, at, text, look)?;
    Ok(Ok(()))
}

/// A number whose text in the file is exactly this decimal text; as text when it has more digits
/// than a spreadsheet keeps.
fn exact(sheet: &mut Worksheet, (row, at): (u32, u16), text: &str, look: &Format) -> Made<Result<()>> {
    let digits = text.trim_start_matches(['-', '0', '.']).bytes().filter(u8::is_ascii_digit).count();
    if digits > DIGITS {
        sheet.write_string_with_format(row, at, text, look)?;
        return Ok(Ok(()));
    }
    // Parsed and printed again as the shortest text of the same number, which is this text.
    match text.parse::<f64>() {
        Ok(number) => sheet.write_number_with_format(row, at, number, look).map(|_| Ok(())),
        Err(cause) => Ok(Err(Error::internal("不是数字", format!("{text}: {cause}")))),
    }
}

fn about(sheet: &mut Worksheet, book: &Book) -> Made<()> {
    let looks = Looks::new();
    let wrapped = looks.text.clone().set_text_wrap();
    sheet.set_name(ABOUT)?;
    sheet.set_column_width(0, 22)?;
    sheet.set_column_width(1, 96)?;
    sheet.write_string_with_format(0, 0, &book.title, &looks.head)?;
    for (row, (what, told)) in (1..).zip(&book.about) {
        sheet.write_string_with_format(row, 0, what, &looks.text)?;
        sheet.write_string_with_format(row, 1, told, &wrapped)?;
    }
    Ok(())
}

fn terms(sheet: &mut Worksheet, book: &Book) -> Made<()> {
    let looks = Looks::new();
    let wrapped = looks.text.clone().set_text_wrap();
    sheet.set_name(TERMS)?;
    for (at, (label, width)) in (0..).zip([("列", 30), ("要不要填", 12), ("可填", 40), ("含义", 80)]) {
        sheet.set_column_width(at, width)?;
        sheet.write_string_with_format(0, at, label, &looks.head)?;
    }
    for (row, head) in (1..).zip(&book.heads) {
        let filled = if head.is_input { "填" } else { "不填" };
        let cells = [head.label.as_str(), filled, &head.choices.join("、"), head.about.as_str()];
        for (at, text) in (0..).zip(cells) {
            sheet.write_string_with_format(row, at, text, &wrapped)?;
        }
    }
    Ok(())
}
