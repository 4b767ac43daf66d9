//! Files attached to documents: judged by content, named safely, kept as they were.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection;
use taizhang::auth::{Actor, Role, Sight};
use taizhang::db::{AnyConnection, Db, Head, Target};
use taizhang::document::Citation;
use taizhang::document::attachment::command::{Attached, attach};
use taizhang::document::attachment::content::Content;
use taizhang::document::attachment::store::{self, CITING};
use taizhang::document::attachment::{File, MAX_BYTES, Standing, may_read, size_words};
use taizhang::error::{Error, Result};
use taizhang::ledger::command::record;
use taizhang::proof::check;
use taizhang::rollup::rebuild::rebuild;

use crate::support::{Engine, TestDb, a_payment, both, both_with_plan, taizhang, texts};

const PAPER: &str = "朝财〔2025〕8号";

/// An archive of stored members, as office programs write them but for the compression.
pub fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    let size = |bytes: &[u8]| u32::try_from(bytes.len()).expect("small").to_le_bytes();
    let short = |n: usize| u16::try_from(n).expect("small").to_le_bytes();
    for (name, content) in members {
        let at = size(&bytes);
        let both = [&[0u8; 4][..], &size(content), &size(content), &short(name.len()), &[0, 0]].concat();
        bytes.extend([&b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0"[..], &both, name.as_bytes(), content].concat());
        let head = [&b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0"[..], &both, &[0; 10], &at, name.as_bytes()];
        directory.extend(head.concat());
    }
    let (at, length, count) = (size(&bytes), size(&directory), short(members.len()));
    bytes.extend(directory);
    bytes.extend([&b"PK\x05\x06\0\0\0\0"[..], &count, &count, &length, &at, &[0, 0]].concat());
    bytes
}

/// An Office document of a kind; `extra` goes into its table of contents.
fn office(kind: &str, extra: &str) -> Vec<u8> {
    let table = format!(
        r#"<Types><Override ContentType="application/vnd.openxmlformats-officedocument.{kind}.main+xml"/>{extra}</Types>"#
    );
    archive(&[("[Content_Types].xml", table.as_bytes()), ("x/main.xml", b"<x/>")])
}

pub const PDF: &[u8] = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90wS\xde";
const EXE: &[u8] = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0\xb8\0\0\0\0\0\0\0@\0\0\0";

/// 财政预算 in GB18030, with a character of four bytes.
const CHINESE: &[u8] = b"\xb2\xc6\xd5\xfe\xd4\xa4\xcb\xe3,\x81\x30\x81\x30\r\n";

fn judged(name: &str, bytes: &[u8]) -> String {
    match File::judge(name, bytes.to_vec()) {
        Ok(file) => format!("{} | {}", file.name(), file.content().media_type()),
        Err(error) => format!("{error}"),
    }
}

fn refused(name: &str, bytes: &[u8]) -> String {
    match File::judge(name, bytes.to_vec()) {
        Err(Error::Unsupported(text)) => text.split("。可以附").next().expect("a sentence").to_owned(),
        other => panic!("{name} is not refused for its content: {:?}", other.map(|file| file.content())),
    }
}

#[test]
fn what_a_file_is_its_content_says() {
    let told = [
        judged("预算.pdf", PDF),
        judged("批复.docx", &office("wordprocessingml.document", "")),
        judged("附表.xlsx", &office("spreadsheetml.sheet", "")),
        judged("汇报.pptx", &office("presentationml.presentation", "")),
        judged("公文.ofd", &archive(&[("OFD.xml", b"<ofd:OFD/>"), ("Doc_0/Document.xml", b"<x/>")])),
        judged("现场.JPG", b"\xff\xd8\xff\xe0\0\x10JFIF\0"),
        judged("现场.png", PNG),
        judged("现场.webp", b"RIFF\x24\0\0\0WEBPVP8 "),
        judged("说明.txt", "一行\n又一行，<见附件>\n".as_bytes()),
        judged("旧系统.txt", CHINESE),
        judged("明细.csv", "BM,项目\r\n1,甲\r\n".as_bytes()),
        judged("明细.csv", CHINESE),
        judged("没有后缀", PDF),
    ];
    insta::assert_snapshot!(told.join("\n"), @r#"
        预算.pdf | application/pdf
        批复.docx | application/vnd.openxmlformats-officedocument.wordprocessingml.document
        附表.xlsx | application/vnd.openxmlformats-officedocument.spreadsheetml.sheet
        汇报.pptx | application/vnd.openxmlformats-officedocument.presentationml.presentation
        公文.ofd | application/ofd
        现场.jpg | image/jpeg
        现场.png | image/png
        现场.webp | image/webp
        说明.txt | text/plain; charset=utf-8
        旧系统.txt | text/plain; charset=gb18030
        明细.csv | text/csv; charset=utf-8
        明细.csv | text/csv; charset=gb18030
        没有后缀.pdf | application/pdf
        "#);
    for content in Content::ALL.map(|(content, ..)| content) {
        assert_eq!(Content::from_media_type(content.media_type()), Some(content));
    }
}

#[test]
fn what_could_run_or_hide_is_refused_whatever_it_is_called() {
    let macros = archive(&[
        ("[Content_Types].xml", br#"<Types><Override ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#),
        ("xl/VBAPROJECT.bin", b"x"),
    ]);
    let mut locked = office("wordprocessingml.document", "");
    let row = locked.windows(4).position(|part| part == b"PK\x01\x02").expect("a directory");
    locked[row + 8] = 1;
    let told = [
        refused("invoice.pdf", EXE),
        refused("a.txt", &[&b"\x7fELF\x02\x01\x01"[..], &[0; 60]].concat()),
        refused("现场.jpg", b"<!DOCTYPE html><html><script>alert(1)</script></html>"),
        refused("图.png", b"\xef\xbb\xbf  <svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        refused("说明.txt", "先有一行字\n<ScRiPt>alert(1)</script>".as_bytes()),
        refused("run.txt", b"#!/bin/sh\nrm -rf /\n"),
        refused("run.csv", b"@echo off\r\ndel *.*\r\n"),
        refused("宏.xlsx", &office("spreadsheetml.sheet", "application/vnd.ms-office.vbaProject")),
        refused(
            "宏.docx",
            &archive(&[("[Content_Types].xml", b"application/vnd.ms-word.document.macroEnabled.main+xml")]),
        ),
        refused("宏.xlsx", &macros),
        refused("锁.docx", &locked),
        refused("两个.docx", &archive(&[("[Content_Types].xml", b"x"), ("[content_types].xml", b"y")])),
        refused("包.docx", &archive(&[("readme.txt", b"x")])),
        refused("断.docx", &office("wordprocessingml.document", "")[..200]),
        refused("前面有东西.pdf", &[EXE, PDF].concat()),
        refused("旧.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0"),
        refused("图.gif", b"GIF89a\x01\0\x01\0\0\0\0"),
        refused("不知道.pdf", b"\0\x01\x02\x03\x04\x05\x06\x07"),
        refused("改名.docx", PDF),
        refused("改名.pdf", PNG),
        refused("脚本.js", b"var a = 1;\n"),
    ];
    insta::assert_snapshot!(told.join("\n"), @r#"
        「invoice.pdf」不能附：按内容看是可执行程序（与文件名的后缀无关）
        「a.txt」不能附：按内容看是可执行程序（与文件名的后缀无关）
        「现场.jpg」不能附：按内容看是网页、SVG 或脚本，打开时可能执行其中的代码（与文件名的后缀无关）
        「图.png」不能附：按内容看是网页、SVG 或脚本，打开时可能执行其中的代码（与文件名的后缀无关）
        「说明.txt」不能附：按内容看是网页、SVG 或脚本，打开时可能执行其中的代码（与文件名的后缀无关）
        「run.txt」不能附：按内容看是网页、SVG 或脚本，打开时可能执行其中的代码（与文件名的后缀无关）
        「run.csv」不能附：按内容看是网页、SVG 或脚本，打开时可能执行其中的代码（与文件名的后缀无关）
        「宏.xlsx」不能附：按内容看是带宏的 Office 文件；请另存为不带宏的 docx、xlsx、pptx 或 PDF（与文件名的后缀无关）
        「宏.docx」不能附：按内容看是带宏的 Office 文件；请另存为不带宏的 docx、xlsx、pptx 或 PDF（与文件名的后缀无关）
        「宏.xlsx」不能附：按内容看是带宏的 Office 文件；请另存为不带宏的 docx、xlsx、pptx 或 PDF（与文件名的后缀无关）
        「锁.docx」不能附：按内容看是加密的压缩包或文档；请去掉密码（与文件名的后缀无关）
        「两个.docx」不能附：按内容看是损坏的压缩包或文档（与文件名的后缀无关）
        「包.docx」不能附：按内容看是压缩包；请解开后逐个附上（与文件名的后缀无关）
        「断.docx」不能附：按内容看是损坏的压缩包或文档（与文件名的后缀无关）
        「前面有东西.pdf」不能附：按内容看是可执行程序（与文件名的后缀无关）
        「旧.doc」不能附：按内容看是旧式 Office 文件，里面可能带宏；请另存为 docx、xlsx、pptx 或 PDF（与文件名的后缀无关）
        「图.gif」不能附：按内容看是别种图片；请转成 JPEG 或 PNG（与文件名的后缀无关）
        「不知道.pdf」不能附：按内容看是不认识的格式（与文件名的后缀无关）
        「改名.docx」不能附：内容是「PDF」，文件名却以 .docx 结尾。请改成 .pdf，或另存为所写的格式
        「改名.pdf」不能附：内容是「PNG 图片」，文件名却以 .pdf 结尾。请改成 .png，或另存为所写的格式
        「脚本.js」不能附：内容是「纯文本」，文件名却以 .js 结尾。请改成 .txt，或另存为所写的格式
        "#);
}

#[test]
fn a_packed_table_of_contents_is_read_within_limits() {
    use std::io::Write;
    let deflate = |table: &[u8]| {
        // A stored block inside a deflate stream, so that no compressor is needed here.
        let mut out = Vec::new();
        for (at, block) in table.chunks(0xffff).enumerate() {
            let length = u16::try_from(block.len()).expect("a block");
            let last = u8::from((at + 1) * 0xffff >= table.len());
            out.write_all(&[&[last][..], &length.to_le_bytes(), &(!length).to_le_bytes(), block].concat())
                .expect("memory");
        }
        out
    };
    let packed = |table: &[u8]| {
        let mut bytes = archive(&[("[Content_Types].xml", &deflate(table))]);
        let row = bytes.windows(4).rposition(|part| part == b"PK\x01\x02").expect("a directory");
        (bytes[8], bytes[row + 10]) = (8, 8);
        bytes
    };
    let table = b"<x application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml/>";
    assert_eq!(File::judge("a.docx", packed(table)).expect("a document").content(), Content::Word);
    let endless = [&table[..], &vec![b' '; 2 * 1024 * 1024]].concat();
    assert!(refused("a.docx", &packed(&endless)).contains("损坏"));
}

#[test]
fn a_file_is_neither_empty_nor_larger_than_twenty_megabytes() {
    assert_eq!(judged("a.pdf", b""), "file：文件是空的（0 字节）；请选择要附的文件");
    let exactly = [PDF, &vec![b' '; MAX_BYTES - PDF.len()]].concat();
    assert_eq!(judged("a.pdf", &exactly), "a.pdf | application/pdf");
    let more = [&exactly[..], b" "].concat();
    assert_eq!(
        File::judge("a.pdf", more).map(|_| ()),
        Err(Error::TooLarge("「a.pdf」有 20.1 MB；每个附件最多 20 MB，请压缩或拆成几个".into()))
    );
    assert_eq!(
        [0, 1023, 1024, 1025, 1024 * 1024, 1_100_000].map(size_words).join(" "),
        "0 字节 1023 字节 1 KB 1.1 KB 1 MB 1.1 MB"
    );
}

#[test]
fn a_name_loses_what_cannot_be_seen_or_means_something_to_a_system() {
    let name = |name: &str| {
        File::judge(name, PDF.to_vec()).map(|file| file.name().to_owned()).unwrap_or_else(|e| e.to_string())
    };
    let told = [
        name("../../etc/passwd"),
        name(r"C:\Users\a\预算.pdf"),
        name("预算\u{202e}fdp.pdf"),
        name("a\u{0}b\r\nContent-Type: x.pdf"),
        name("  ..预算 .PDF. "),
        name("<b>\"x\"|?*.pdf"),
        name("8号.附表一"),
        name("\u{200b}.pdf"),
        name(""),
        name("/"),
    ];
    insta::assert_snapshot!(told.join("\n"), @r#"
        passwd.pdf
        预算.pdf
        预算fdp.pdf
        abContent-Type_ x.pdf
        预算.pdf
        _b__x____.pdf
        8号.附表一.pdf
        附件.pdf
        附件.pdf
        附件.pdf
        "#);
    let long = name(&format!("{}.pdf", "长".repeat(500)));
    assert_eq!(long.chars().count(), 120);
    assert!(long.ends_with("长.pdf"), "{long}");
}

fn file(name: &str, bytes: &[u8]) -> File {
    File::judge(name, bytes.to_vec()).expect("a file that is accepted")
}

fn cited() -> Citation {
    Citation { code: PAPER.into(), title: None, issuer: None, dated: None }
}

fn attach_as(db: &Db, actor: Actor, code: &str, file: File) -> Result<Attached> {
    let code = code.to_owned();
    db.write(move |tx| attach(tx, &actor, &code, file))
}

fn pay(db: &Db) {
    db.write(|tx| record(tx, &Actor::operator(), a_payment(), cited())).expect("a payment");
}

fn differences(db: &Db) -> Vec<String> {
    let proofs = db.read(|conn| check(conn, &mut |_| ())).expect("a check");
    proofs.into_iter().flat_map(|proof| proof.differences).collect()
}

fn connect(db: &TestDb) -> AnyConnection {
    Target::parse(db.url()).and_then(|target| target.connect()).expect("the database opens")
}

#[test]
fn attaching_is_one_journal_row_and_the_bytes_are_kept_once() {
    both_with_plan(|db| {
        pay(&db);
        let before = db.read(Head::find).expect("head").seq;
        let attached = attach_as(&db, Actor::operator(), PAPER, file("预算.pdf", PDF)).expect("attached");
        assert_eq!(attached.head.seq, before + 1);
        let row = db.read(|conn| taizhang::journal::store::find(conn, before + 1)).expect("read").expect("a row");
        assert_eq!((row.action.as_str(), row.subject.as_str()), ("document.attach", PAPER));
        assert!(
            row.payload.contains(&attached.attachment.sha256) && row.payload.contains("预算.pdf"),
            "{}",
            row.payload
        );
        // The same file with another document: another fact, the same bytes.
        let plan = attach_as(&db, Actor::operator(), "CY-ECO-2023", file("同一份.pdf", PDF)).expect("attached");
        assert_eq!(plan.attachment.sha256, attached.attachment.sha256);
        assert_eq!(
            texts(&mut connect(&db), "SELECT sha256 AS text FROM blob"),
            std::slice::from_ref(&plan.attachment.sha256)
        );
        let bytes = db.read(|conn| store::find_bytes(conn, &plan.attachment.sha256)).expect("read");
        assert_eq!(bytes.as_deref(), Some(PDF));
        assert_eq!(differences(&db), Vec::<String>::new());
        // The same file with the same document says so.
        let again = attach_as(&db, Actor::operator(), PAPER, file("又一次.pdf", PDF));
        assert_eq!(
            again.map(|_| ()),
            Err(Error::Conflict(format!("文件「{PAPER}」已附有内容相同的「预算.pdf」，不用再附")))
        );
        let nowhere = attach_as(&db, Actor::operator(), "没有〔2025〕1号", file("a.pdf", PDF));
        assert!(matches!(nowhere, Err(Error::NotFound { .. })), "{nowhere:?}");
        db.write(|tx| rebuild(tx, &Actor::operator(), &mut |_| ())).expect("a rebuild");
        assert_eq!(differences(&db), Vec::<String>::new());
    });
}

#[test]
fn check_sees_bytes_that_were_altered_cut_or_lost() {
    both_with_plan(|db| {
        pay(&db);
        attach_as(&db, Actor::operator(), PAPER, file("预算.pdf", PDF)).expect("attached");
        let mut conn = connect(&db);
        for change in ["UPDATE blob SET bytes = bytes", "DELETE FROM blob"] {
            let refusal = conn.batch_execute(change).expect_err(change).to_string();
            assert!(refusal.contains("事实只增不改"), "{change}: {refusal}");
        }
        let told = |conn: &mut AnyConnection, change: &str| {
            conn.batch_execute(change).expect(change);
            differences(&db)
        };
        match db.engine() {
            Engine::Sqlite => conn.batch_execute("DROP TRIGGER blob_refuse_update; DROP TRIGGER blob_refuse_delete; PRAGMA foreign_keys = OFF"),
            Engine::Postgres => conn.batch_execute("DROP TRIGGER blob_refuse_update ON blob; DROP TRIGGER blob_refuse_delete ON blob; ALTER TABLE attachment DROP CONSTRAINT attachment_sha256_fkey"),
        }
        .expect("whoever owns the database can do that");
        let hex = |text: &str| match db.engine() {
            Engine::Sqlite => format!("x'{text}'"),
            Engine::Postgres => format!("decode('{text}', 'hex')"),
        };
        let altered = format!("UPDATE blob SET bytes = {}", hex("255044462d"));
        assert_eq!(
            told(&mut conn, &altered),
            ["附件 1034「预算.pdf」的内容与登记的 SHA-256 不符"].map(|text| {
                let id = texts(&mut connect(&db), "SELECT CAST(MAX(id) AS TEXT) AS text FROM attachment").remove(0);
                text.replace("1034", &id)
            })
        );
        let lost = told(&mut conn, "DELETE FROM blob");
        assert!(lost.len() == 1 && lost[0].ends_with("的内容不在库里"), "{lost:?}");
    });
}

#[test]
fn owners_attach_to_what_their_own_projects_rest_on() {
    both_with_plan(|db| {
        pay(&db); // CY-08, led by the department of urban management
        let lead = texts(
            &mut connect(&db),
            "SELECT department AS text FROM project_now p JOIN project q ON q.id = p.project_id WHERE q.code = 'CY-08'",
        )
        .remove(0);
        let owner = |department: &str| Actor::account(1, vec![Role::Reporter], vec![department.to_owned()]);
        let other = attach_as(&db, owner("water"), PAPER, file("a.pdf", PDF));
        assert_eq!(other.map(|_| ()), Err(Error::Forbidden("只能给本部门牵头项目所依据的文件加附件".into())));
        attach_as(&db, owner(&lead), PAPER, file("a.pdf", PDF)).expect("their own");
        let reviewer = Actor::account(2, vec![Role::Reviewer], vec![lead]);
        assert!(matches!(attach_as(&db, reviewer, PAPER, file("b.png", PNG)), Err(Error::Forbidden(_))));
    });
}

#[test]
fn who_may_read_an_attachment_is_one_rule() {
    let standing = |attached, is_plan, cited: &[(i64, i64)]| Standing { attached, is_plan, cited: cited.to_vec() };
    let own = BTreeSet::from([7]);
    let department = Sight::Departments(vec!["water".into()]);
    let mut table = String::from("published 10, own project 7: whole, department, public\n");
    for (what, standing) in [
        ("plan, attached at 5", standing(5, true, &[])),
        ("plan, attached at 11", standing(11, true, &[])),
        ("cited by 8 at 4, attached at 5", standing(5, false, &[(8, 4)])),
        ("cited by 8 at 11, attached at 5", standing(5, false, &[(8, 11)])),
        ("cited by 8 at 4, attached at 11", standing(11, false, &[(8, 4)])),
        ("cited by 7 at 11, attached at 12", standing(12, false, &[(8, 11), (7, 11)])),
        ("cited by nothing, attached at 5", standing(5, false, &[])),
    ] {
        let read = [Sight::Whole, department.clone(), Sight::Published]
            .map(|sight| if may_read(&sight, 10, &own, &standing) { "yes" } else { "-" });
        table.push_str(&format!("{what}: {}\n", read.join(", ")));
    }
    insta::assert_snapshot!(table, @r#"
        published 10, own project 7: whole, department, public
        plan, attached at 5: yes, yes, yes
        plan, attached at 11: yes, -, -
        cited by 8 at 4, attached at 5: yes, yes, yes
        cited by 8 at 11, attached at 5: yes, -, -
        cited by 8 at 4, attached at 11: yes, -, -
        cited by 7 at 11, attached at 12: yes, yes, -
        cited by nothing, attached at 5: yes, -, -
        "#);
}

#[test]
fn whom_a_document_concerns_is_found_in_every_table_that_cites_it() {
    both_with_plan(|db| {
        let known: BTreeSet<&str> = CITING.iter().map(|(table, _)| *table).collect();
        // Of the plan's lines and of the attachments themselves, the document is the whole; accounts
        // are nobody's project.
        let beside = BTreeSet::from(["plan_line", "attachment", "account_fact"]);
        let query = match db.engine() {
            Engine::Sqlite => {
                "SELECT t.name AS text FROM pragma_table_list t JOIN pragma_foreign_key_list(t.name) f WHERE t.schema = 'main' AND f.\"table\" = 'document'"
            }
            Engine::Postgres => {
                "SELECT t.relname::text AS text FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class o ON o.oid = c.confrelid WHERE c.contype = 'f' AND o.relname = 'document'"
            }
        };
        for table in texts(&mut connect(&db), query) {
            assert!(
                known.contains(table.as_str()) || beside.contains(table.as_str()),
                "{table} cites documents: add it to CITING"
            );
        }
        pay(&db);
        let attached = attach_as(&db, Actor::operator(), PAPER, file("a.pdf", PDF)).expect("attached").attachment;
        let project =
            texts(&mut connect(&db), "SELECT CAST(id AS TEXT) AS text FROM project WHERE code = 'CY-08'").remove(0);
        let standing = db.read(|conn| store::standing(conn, &attached, i64::MAX)).expect("read");
        assert_eq!(
            standing,
            Standing { attached: 3, is_plan: false, cited: vec![(project.parse().expect("an id"), 2)] }
        );
        let earlier = db.read(|conn| store::standing(conn, &attached, 1)).expect("read");
        assert_eq!(earlier.cited, [], "as known before the payment nothing cites it");
    });
}

#[test]
fn the_operator_attaches_a_file_by_its_path() {
    both(|db| {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("预算.pdf");
        std::fs::write(&path, PDF).expect("written");
        let path = path.to_string_lossy().into_owned();
        assert_eq!(taizhang(db.url(), &["init"]).code, 0);
        let refused = taizhang(db.url(), &["document", "attach", &path, "--document", PAPER]);
        assert_eq!((refused.code, refused.err.contains("没有文件「朝财〔2025〕8号」")), (2, true), "{}", refused.err);
        let done = taizhang(db.url(), &["document", "attach", &path, "--document", "CY-ECO-2023"]);
        assert_eq!((done.code, done.err.as_str()), (0, ""));
        assert!(done.out.contains("预算.pdf（PDF，45 字节）"), "{}", done.out);
        let missing = taizhang(db.url(), &["document", "attach", "no-such.pdf", "--document", "CY-ECO-2023"]);
        assert_eq!(missing.code, 2, "{}", missing.err);
        assert_eq!(taizhang(db.url(), &["check"]).code, 0);
    });
}
