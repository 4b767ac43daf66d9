use proptest::prelude::*;
use taizhang::exchange::Value;
use taizhang::exchange::sheet::{Grid, read, value};
use taizhang::exchange::xlsx::{Book, Head, write};
use taizhang::ledger::MAX_AMOUNT;
use taizhang::money::Fen;

use super::{file, openpyxl, parts};
use crate::support::day;

fn head(label: &str, is_money: bool) -> Head {
    Head { label: label.into(), about: format!("{label}的含义"), width: 12, is_money, ..Head::default() }
}

fn book(rows: Vec<Vec<Value>>) -> Book {
    Book {
        title: "样表".into(),
        made_on: day("2025-09-26"),
        heads: vec![
            head("项目编号", false),
            Head { is_input: true, choices: vec!["在建".into(), "竣工".into()], ..head("阶段", false) },
            Head { is_input: true, ..head("完成投资（万元）", true) },
            head("年", false),
        ],
        rows,
        about: vec![("日志".into(), "第 3 条".into())],
    }
}

fn row(code: &str, stage: &str, fen: i64) -> Vec<Value> {
    vec![Value::Text(code.into()), Value::from(stage), Value::Money(Fen::new(fen)), Value::Number(2025)]
}

const AMOUNTS: [(i64, &str); 6] = [
    (1, "0.000001"),
    (958_954_000_000, "958954"),
    (12_345_670_000, "12345.67"),
    (-30, "-0.00003"),
    (99_999_999_999_999, "99999999.999999"),
    (0, "0"),
];

fn written() -> Vec<u8> {
    let codes = ["007", "=1+1", "-SUM(A1)", "+7", "@x", "2025-09"];
    write(&book(codes.iter().zip(AMOUNTS).map(|(code, (fen, _))| row(code, "在建", fen)).collect())).expect("it writes")
}

#[test]
fn amounts_stand_in_the_file_as_their_exact_decimal_text() {
    let (_folder, path) = file();
    std::fs::write(&path, written()).expect("a file");
    let told = parts(&path);
    for (at, (_, text)) in AMOUNTS.iter().enumerate() {
        assert_eq!(told["数据"][format!("C{}", at + 2)], serde_json::json!(["n", text]));
    }
    let names: Vec<&String> = told.as_object().expect("sheets").keys().collect();
    assert_eq!(names, ["数据", "说明", "字典"]);
    assert_eq!(told["说明"]["B2"], serde_json::json!(["s", "第 3 条"]));
    assert_eq!(told["字典"]["C3"], serde_json::json!(["s", "在建、竣工"]));
}

#[test]
fn codes_are_text_and_nothing_becomes_a_formula() {
    let (_folder, path) = file();
    std::fs::write(&path, written()).expect("a file");
    for told in [Some(parts(&path)), openpyxl("read", &path)].into_iter().flatten() {
        assert_eq!(told["数据"]["A2"][0], "s");
        assert_eq!(told["数据"]["A2"][1], "007");
        assert_eq!(told["数据"]["A3"][0], "s", "{}", told["数据"]["A3"]);
        assert_eq!(told["数据"]["A3"][1], "=1+1");
    }
    // A spreadsheet that edits such a cell keeps it text.
    if let Some(told) = openpyxl("read", &path) {
        let quoted: Vec<bool> =
            (2..8).map(|row| told["数据"][format!("A{row}")][2].as_bool().expect("a flag")).collect();
        assert_eq!(quoted, [false, true, true, true, true, false]);
    }
}

#[test]
fn an_amount_of_more_digits_than_a_spreadsheet_keeps_is_text() {
    let (_folder, path) = file();
    let bytes = write(&book(vec![row("CY-01", "", 1_234_567_890_123_456)])).expect("it writes");
    std::fs::write(&path, bytes).expect("a file");
    assert_eq!(parts(&path)["数据"]["C2"], serde_json::json!(["s", "1234567890.123456"]));
}

#[test]
fn the_same_book_gives_the_same_bytes() {
    let again = written();
    assert!(written() == again, "two files of the same book differ");
}

/// The amount in C2, read by our own reader.
fn amount(grid: &Grid) -> Fen {
    let table = grid.table("项目编号").expect("a table");
    let row = table.rows().next().expect("a row");
    value::wan(&row.given(table.column("完成投资（万元）"))).expect("an amount").expect("is there")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn an_amount_comes_back_as_it_went_out(fen in -MAX_AMOUNT.get()..=MAX_AMOUNT.get()) {
        let bytes = write(&book(vec![row("CY-01", "在建", fen)])).expect("it writes");
        let grid = read("table.xlsx", &bytes).expect("it reads");
        prop_assert_eq!(amount(&grid), Fen::new(fen));
        // And through the clipboard.
        let block = Grid::from_text(&grid.to_text()).expect("a block");
        prop_assert_eq!(amount(&block), Fen::new(fen));
    }
}
