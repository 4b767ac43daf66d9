use std::io::{Cursor, Write};

use taizhang::error::Error;
use taizhang::exchange::sheet::{MAX_BYTES, read};
use taizhang::exchange::xlsx::{Book, Head, write};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::support::day;

fn a_book() -> Vec<u8> {
    let head = Head { label: "项目编号".into(), width: 10, ..Head::default() };
    let rows = (0..40).map(|n| vec![taizhang::exchange::Value::Text(format!("CY-{n:02}"))]).collect();
    let book = Book { title: "样表".into(), made_on: day("2025-09-26"), heads: vec![head], rows, about: Vec::new() };
    write(&book).expect("it writes")
}

/// Our book with parts replaced or added.
fn with_parts(parts: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let bytes = a_book();
    let mut own = ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    let mut made = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    for at in 0..own.len() {
        let mut part = own.by_index(at).expect("a part");
        let name = part.name().expect("a name").into_owned();
        if parts.iter().any(|(other, _)| *other == name) {
            continue;
        }
        made.start_file(name, options).expect("a part begins");
        std::io::copy(&mut part, &mut made).expect("it is copied");
    }
    for (name, bytes) in parts {
        made.start_file(*name, options).expect("a part begins");
        made.write_all(bytes).expect("it is written");
    }
    made.finish().expect("an archive").into_inner()
}

fn refusal(name: &str, bytes: &[u8]) -> String {
    match read(name, bytes) {
        Err(error @ (Error::Unsupported(_) | Error::TooLarge(_) | Error::Invalid(_))) => error.to_string(),
        other => panic!("{name} is not refused in words: {other:?}"),
    }
}

#[test]
fn what_is_no_spreadsheet_is_told_what_it_is() {
    let old = [&b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"[..], &[0; 2000]].concat();
    let told = [
        (refusal("a.xlsx", b"code,name\r\nCY-01,x\r\n"), "纯文本"),
        (refusal("a.xlsx", b"%PDF-1.7\n..."), "PDF"),
        (refusal("a.xlsx", &old), "旧式 Office 文件"),
        (refusal("a.xlsx", b"<html><table></table>"), "网页"),
        (refusal("a.xlsx", b"PK\x03\x04 not really"), "损坏的压缩包或文档"),
        (refusal("a.xlsx", &[]), "空的"),
        (refusal("a.xlsx", &with_parts(&[("xl/vbaProject.bin", b"x".to_vec())])), "带宏的 Office 文件"),
    ];
    for (said, what) in told {
        assert!(said.contains("「a.xlsx」") && said.contains(what) && said.contains(".xlsx"), "{said}");
    }
    // The ending of the name decides nothing.
    assert!(read("报表.csv", &a_book()).is_ok());
}

#[test]
fn a_file_too_large_is_refused_before_it_is_looked_at() {
    let said = refusal("大.xlsx", &vec![0; 100 * 1024 * 1024]);
    assert_eq!(said, "「大.xlsx」有 100 MB；表格最多 8 MB，请删去图片和不相干的工作表");
    assert!(refusal("大.xlsx", &vec![b'P'; MAX_BYTES + 1]).contains("表格最多"));
}

const SHEET: &str = "xl/worksheets/sheet1.xml";

fn sheet(rows: &str) -> Vec<u8> {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><worksheet \
         xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>{rows}</sheetData></worksheet>"
    )
    .into_bytes()
}

#[test]
fn a_bomb_is_refused_by_what_it_unpacks_to_not_by_what_it_claims() {
    let bomb = with_parts(&[("xl/media/image1.bin", vec![b' '; 80 * 1024 * 1024])]);
    assert!(bomb.len() < MAX_BYTES, "{} bytes", bomb.len());
    assert!(refusal("a.xlsx", &bomb).contains("解开后超过 64 MB"));
    // The same with every size in the archive's directory set to one byte.
    let mut lying = bomb;
    let directory: Vec<usize> =
        lying.windows(4).enumerate().filter(|(_, w)| *w == b"PK\x01\x02").map(|(at, _)| at).collect();
    for at in directory {
        lying[at + 24..at + 28].copy_from_slice(&1_u32.to_le_bytes());
    }
    let said = refusal("a.xlsx", &lying);
    assert!(said.contains("解开后超过 64 MB") || said.contains("损坏"), "{said}");
    let many: Vec<(String, Vec<u8>)> = (0..1_100).map(|n| (format!("xl/media/{n}.bin"), Vec::new())).collect();
    let many: Vec<(&str, Vec<u8>)> = many.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
    assert!(refusal("a.xlsx", &with_parts(&many)).contains("个部分；最多 1000 个"));
}

#[test]
fn what_a_file_claims_makes_no_room() {
    // Before the first word is read, room would be made for as many as are claimed.
    let words = |attribute: &str| {
        let text =
            format!("<sst xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" {attribute}></sst>");
        with_parts(&[("xl/sharedStrings.xml", text.into_bytes())])
    };
    for attribute in ["uniqueCount=\"1000000000000\"", "uniqueCount = '18446744073709551615'"] {
        assert!(refusal("a.xlsx", &words(attribute)).contains("内部格式不规范"));
    }
    let wide: Vec<u8> = "<sst uniqueCount=\"9\"></sst>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(refusal("a.xlsx", &with_parts(&[("xl/sharedStrings.xml", wide)])).contains("内部格式不规范"));
    // One cell in the last corner is one cell, not seventeen thousand million.
    let corner = "<row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>";
    assert_eq!(refusal("a.xlsx", &with_parts(&[(SHEET, sheet(corner))])), "XFD1048576：超过 5000 行；请分成几份");
    let right = "<row r=\"1\"><c r=\"XFD1\"><v>1</v></c></row>";
    assert_eq!(refusal("a.xlsx", &with_parts(&[(SHEET, sheet(right))])), "XFD1：超过 256 列；请删去多余的列");
    let long = format!("<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>{}</t></is></c></row>", "字".repeat(4_001));
    assert_eq!(refusal("a.xlsx", &with_parts(&[(SHEET, sheet(&long))])), "A1：超过 4000 个字；请缩短");
}

#[test]
fn a_damaged_file_is_refused_and_stops_nothing() {
    let whole = a_book();
    let mut refused = 0;
    for step in 0..whole.len() {
        let mut bytes = whole.clone();
        match step % 3 {
            0 => bytes.truncate(step),
            1 => bytes[step] ^= 0xff,
            _ => bytes[step] = 0,
        }
        match read("a.xlsx", &bytes) {
            Ok(_) => {}
            Err(Error::Unsupported(_) | Error::TooLarge(_) | Error::Invalid(_)) => refused += 1,
            Err(other) => panic!("byte {step}: {other:?}"),
        }
    }
    assert!(refused > whole.len() / 3, "only {refused} of {} damaged files were refused", whole.len());
}
