use taizhang::exchange::sheet::{Form, Given, Grid, read, reference, value};
use taizhang::ledger::suspect_unit;
use taizhang::money::Fen;
use taizhang::period::Precision;

use super::{file, openpyxl};

/// A grid of one cell under a head, as text.
fn grid_of(text: &str) -> Grid {
    Grid::from_text(&format!("项目编号\t值\nCY-01\t{text}")).expect("a block")
}

fn on<T>(grid: &Grid, read: impl Fn(&Given<'_>) -> T) -> T {
    let table = grid.table("项目编号").expect("a table");
    let row = table.rows().next().expect("a row");
    read(&row.given(table.column("值")))
}

fn date(text: &str) -> String {
    match on(&grid_of(text), value::date) {
        Ok(None) => "nothing".into(),
        Ok(Some((day, precision))) => precision.written(day),
        Err(fault) => format!("{}：{}", fault.field, fault.message),
    }
}

fn wan(text: &str) -> String {
    match on(&grid_of(text), value::wan) {
        Ok(None) => "nothing".into(),
        Ok(Some(amount)) => amount.wan_exact(),
        Err(fault) => format!("{}：{}", fault.field, fault.message),
    }
}

#[test]
fn dates_are_read_in_every_usual_writing() {
    let written = [
        ("2025-09-26", "2025-09-26"),
        ("2025/9/6", "2025-09-06"),
        ("2025.9", "2025-09"),
        ("2025年9月26日", "2025-09-26"),
        ("２０２５年９月", "2025-09"),
        ("2025年", "2025"),
        ("2025", "2025"),
        ("202509", "2025-09"),
        ("20250926", "2025-09-26"),
        ("2025年三季度", "2025Q3"),
        ("2025年第2季度", "2025Q2"),
        ("2025Q4", "2025Q4"),
        ("45366", "2024-03-15"),
        ("2025-09-26 00:00:00", "2025-09-26"),
        ("暂无", "nothing"),
        ("—", "nothing"),
        ("２０２５-０２-３０", "B2：没有这一天"),
        ("开春", "B2：不是日期；写成 2025-09-26、2025-09、2025Q3 或 2025"),
    ];
    for (text, read) in written {
        assert_eq!(date(text), read, "{text}");
    }
}

#[test]
fn amounts_are_read_in_every_usual_writing() {
    let written = [
        ("1234.5", "1234.5"),
        ("\"1,234.5\"", "1234.5"),
        ("１，２３４．５", "1234.5"),
        (" 1234.5 万元 ", "1234.5"),
        ("－3", "-3"),
        ("0", "0"),
        ("无", "nothing"),
        ("/", "nothing"),
        ("——", "nothing"),
        ("1.2亿元", "B2：写的是「亿元」；这一列以万元计，只写数"),
        ("12,34", "B2：不是金额；写成万元数，如 1234.5 或 1,234.5，不带单位"),
        ("0.0000001", "B2：细于 1 分；以万元计最多 6 位小数"),
        ("约500", "B2：不是金额；写成万元数，如 1234.5 或 1,234.5，不带单位"),
    ];
    for (text, read) in written {
        assert_eq!(wan(text), read, "{text}");
    }
}

#[test]
fn a_unit_that_was_probably_another_is_noticed() {
    let wan = |text: &str| Fen::parse_wan(text).expect("an amount");
    let estimate = wan("30000");
    assert_eq!(suspect_unit(wan("300000"), estimate), None);
    assert!(suspect_unit(wan("300000.01"), estimate).is_some_and(|told| told.contains("疑按元")));
    assert_eq!(suspect_unit(wan("30"), estimate), None);
    assert!(suspect_unit(wan("29.99"), estimate).is_some_and(|told| told.contains("疑按亿元")));
    assert_eq!(suspect_unit(Fen::ZERO, estimate), None);
    assert_eq!(suspect_unit(wan("5"), Fen::ZERO), None);
}

#[test]
fn cells_are_named_as_spreadsheets_name_them() {
    let places =
        [((0, 0), "A1"), ((6, 3), "D7"), ((0, 25), "Z1"), ((0, 26), "AA1"), ((9, 701), "ZZ10"), ((0, 702), "AAA1")];
    for (place, name) in places {
        assert_eq!(reference(place), name);
    }
}

#[test]
fn a_table_that_another_program_made_is_read_as_its_readers_see_it() {
    let (_folder, path) = file();
    if openpyxl("make", &path).is_none() {
        return;
    }
    let grid = read("十月.xlsx", &std::fs::read(&path).expect("the file")).expect("it reads");
    let table = grid.table("项目编号").expect("the shown sheet, under its title");
    assert_eq!(table.head(), 2);
    let of = |name: &str| table.column(name).unwrap_or_else(|| panic!("{name}"));
    let (code, lead, amount, begun) = (of("项目编号"), of("责任部门"), of("完成投资(万元)"), of("实际开工"));
    let told: Vec<String> = table
        .rows()
        .map(|row| {
            let given = |column| row.given(Some(column));
            let code = value::code(&given(code)).expect("a code").unwrap_or_default();
            let lead = value::words(&given(lead), 20).expect("words").unwrap_or_default();
            let amount = match value::wan(&given(amount)) {
                Ok(amount) => amount.map_or_else(String::new, Fen::wan_exact),
                Err(fault) => format!("{fault}"),
            };
            let begun = value::date(&given(begun)).expect("a date");
            let begun = begun.map_or_else(String::new, |(day, precision): (_, Precision)| precision.written(day));
            format!("{code} {lead} {amount} {begun}")
        })
        .collect();
    // Merged downwards, words belong to every row and amounts to none but the first; what a
    // spreadsheet shows as a month is a month; a formula that nobody calculated has no value.
    assert_eq!(
        told,
        [
            "CY-01 水务局 1234.5 2024-03-15",
            "CY-02 水务局 0.3 2024-05",
            "CY-03 园林局 1234.5 2023-09",
            "CY-04 园林局 7 2024-03-15",
            "CY-05 园林局 C8「7」：与 C7 合并，分不清各行是多少；请取消合并、逐行填写 ",
            "CY-06 园林局  2025-10",
            "合计  C10：公式没有算出值；请在 Excel 或 WPS 里算好、保存，或直接填数 ",
        ]
    );
    // What is carried in a form from the preview to the load is the same table.
    let block = Grid::from_text(&grid.to_text()).expect("a block");
    let again = block.table("项目编号").expect("a table");
    let words: Vec<String> = again.rows().map(|row| row.words()).collect();
    assert!(words[1].starts_with("CY-02 水务局 0.3 2024-05"), "{}", words[1]);
    assert!(words[2].contains("两行 文字"), "{}", words[2]);
}

#[test]
fn a_block_of_the_clipboard_keeps_its_rows_and_says_where_its_head_is_missing() {
    let grid = Grid::from_text("\ttitle\n\"\"\n项目编号\t值\n\"CY\n-01\"\t\"a\"\"b\"\n").expect("a block");
    let table = grid.table("项目编号").expect("a table");
    assert_eq!(table.rows().map(|row| row.reference()).collect::<Vec<_>>(), ["A4"]);
    assert_eq!(Grid::from_text(&grid.to_text()).expect("again").to_text(), grid.to_text());
    let cell = grid.cell((3, 1)).expect("is there");
    assert_eq!((cell.text.as_str(), cell.form), ("a\"b", Form::Text));
    let refused = Grid::from_text("编号\t值\n1\t2").expect("a block").table("项目编号").expect_err("no head");
    assert_eq!(refused.to_string(), "列名：前 20 行里没有「项目编号」这一列；请用下载的表，不要改列名");
    let twice = Grid::from_text("项目编号\t值\t值").expect("a block").table("项目编号").expect_err("twice");
    assert_eq!(twice.to_string(), "C1「值」：列名重复；请删去一列");
}
