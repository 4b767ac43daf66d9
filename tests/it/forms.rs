//! Money and attachments over the web, as people and programs send them.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::http::Method;
use serde_json::{Value, json};
use taizhang::auth::{Actor, Role};
use taizhang::clock::Clock;
use taizhang::db::{Db, Head};
use taizhang::document::Citation;
use taizhang::document::attachment::MAX_BYTES;
use taizhang::ledger::command::record;
use taizhang::ledger::store::{self, Wanted};
use taizhang::measure::Measure;
use taizhang::proof::check;
use taizhang::signin::{self, Attempt, Limits};

use crate::attachments::PDF;
use crate::support::{
    Answer, PASSWORD, Reader, Server, Site, TestDb, a_payment, both_with_plan, taizhang, without_rules, words_of,
};

const PAPER: &str = "朝财〔2025〕8号";

/// A payment as it is typed.
const TYPED: [(&str, &str); 8] = [
    ("project", "CY-08"),
    ("measure", "paid"),
    ("unit", "wan"),
    ("amount", "12.5"),
    ("occurred_on", "2025-09-20"),
    ("source", "D1"),
    ("kind", "original"),
    ("document", PAPER),
];

fn with<'a>(fields: &[(&'a str, &'a str)], changed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = fields.iter().filter(|(name, _)| !changed.iter().any(|(other, _)| other == name));
    kept.chain(changed).copied().collect()
}

/// The fields of the page's form that are sent without being seen, as a browser sends them.
fn hidden(answer: &Answer) -> Vec<(String, String)> {
    let form = answer.body.split("<form class=\"form\"").nth(1).expect("a form of ours");
    let fields = form.split("<input type=\"hidden\" name=\"").skip(1).map(|rest| {
        let (name, rest) = rest.split_once("\" value=\"").expect("a value");
        let value = rest.split_once('"').expect("its end").0;
        // A browser sends the line breaks of a hidden field as it was given them.
        let value = value.split('\n').map(words_of).collect::<Vec<_>>().join("\n");
        (name.to_owned(), value)
    });
    fields.filter(|(name, _)| name != "csrf_token").collect()
}

/// Presses the button that confirms.
fn confirm(reader: &Reader<'_>, address: &str, fields: &[(String, String)]) -> Answer {
    let mut fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.push(("step", "confirm"));
    reader.post(address, &fields)
}

fn head(db: &TestDb) -> i64 {
    db.read(Head::find).expect("head").seq
}

fn differences(db: &TestDb) -> Vec<String> {
    let proofs = db.read(|conn| check(conn, &mut |_| ())).expect("a check");
    proofs.into_iter().flat_map(|proof| proof.differences).collect()
}

fn pay(db: &TestDb) {
    let paper = Citation { code: PAPER.into(), title: None, issuer: None, dated: None };
    db.write(|tx| record(tx, &Actor::operator(), a_payment(), paper)).expect("a payment");
}

#[test]
fn an_entry_is_seen_with_its_effect_before_it_is_recorded_once() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let finance = site.signed_in(Role::Finance);
        let form = finance.get("/entries/new?project=CY-08");
        assert_eq!(form.status, 200);
        assert!(form.words().contains("支付资金") && !form.words().contains("完成投资"), "its own measures only");
        let before = head(&db);
        let preview = finance.post("/entries/new", &TYPED);
        assert_eq!((preview.status, head(&db)), (200, before), "a preview records nothing: {}", preview.words());
        let words = preview.words();
        for shown in
            ["125,000 元（12.5 万元）", "CY-08", "体系：生态环境保障", "全部项目", "尚无记录", "12.5 万元", PAPER]
        {
            assert!(words.contains(shown), "{shown}: {words}");
        }
        let fields = hidden(&preview);
        let done = confirm(&finance, "/entries/new", &fields);
        assert_eq!(done.status, 303, "{}", done.words());
        let place = done.header("location").to_owned();
        assert_eq!(place, format!("/projects/CY-08?done={}", before + 1));
        let page = finance.get(&place);
        assert!(page.words().contains("已记入") && page.words().contains("12.5"), "{}", page.words());
        // The button pressed twice, or the page sent again: the same answer, nothing more recorded.
        let again = confirm(&finance, "/entries/new", &fields);
        assert_eq!((again.status, again.header("location")), (303, place.as_str()));
        assert_eq!(head(&db), before + 1);
        // The same page with something else in it is another thing under a used key.
        let other: Vec<(String, String)> = fields
            .iter()
            .map(|(name, value)| (name.clone(), if name == "amount" { "13".into() } else { value.clone() }))
            .collect();
        let refused = confirm(&finance, "/entries/new", &other);
        assert_eq!((refused.status, head(&db)), (409, before + 1));
        assert!(refused.words().contains("另一份内容"), "{}", refused.words());
        assert_eq!(differences(&db), Vec::<String>::new());
    });
}

#[test]
fn what_is_wrong_with_an_entry_stands_at_its_field_and_nothing_typed_is_lost() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let finance = site.signed_in(Role::Finance);
        let before = head(&db);
        let refused =
            finance.post("/entries/new", &with(&TYPED, &[("amount", "十二"), ("occurred_on", ""), ("document", "")]));
        assert_eq!(refused.status, 400);
        let words = refused.words();
        for shown in ["不是金额；写成万元数", "要填", "有几处要改"] {
            assert!(words.contains(shown), "{shown}: {words}");
        }
        assert!(refused.body.contains("value=\"十二\""), "what was typed is still there");
        for (changed, status, shown) in [
            (&[("occurred_on", "2025-09-27")][..], 400, "晚于今天"),
            (&[("measure", "budget")], 400, "年度财政预算要写明年度"),
            (&[("measure", "completed")], 403, "您的角色不能记完成投资"),
            (&[("project", "CY-99")], 404, "没有项目「CY-99」"),
            (&[("source", "Z9")], 400, "没有这个资金来源"),
            (&[("kind", "transfer")], 400, "调剂有调出也有调入"),
            (&[("role", "office")], 400, "没有这一项"),
        ] {
            let refused = finance.post("/entries/new", &with(&TYPED, changed));
            assert_eq!(refused.status, status, "{changed:?}: {}", refused.words());
            assert!(refused.words().contains(shown), "{changed:?}: {}", refused.words());
        }
        assert_eq!(head(&db), before);
    });
}

#[test]
fn a_project_that_moved_since_the_preview_shows_both_versions() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let finance = site.signed_in(Role::Finance);
        let fields = hidden(&finance.post("/entries/new", &TYPED));
        pay(&db);
        let before = head(&db);
        let stale = confirm(&finance, "/entries/new", &fields);
        assert_eq!((stale.status, head(&db)), (412, before));
        assert!(stale.words().contains("预览时 尚无记录，现在 125,000 元（12.5 万元），1 笔"), "{}", stale.words());
        assert!(stale.words().contains("250,000"), "the effect is shown anew: {}", stale.words());
        let done = confirm(&finance, "/entries/new", &hidden(&stale));
        assert_eq!((done.status, head(&db)), (303, before + 1), "{}", done.words());
    });
}

#[test]
fn a_transfer_is_typed_by_rows_and_told_by_how_much_it_is_off() {
    both_with_plan(|db| {
        without_rules(&db);
        let site = Site::over(&db);
        let finance = site.signed_in(Role::Finance);
        let rows = [
            ("measure", "budget"),
            ("unit", "wan"),
            ("occurred_on", "2025-09-20"),
            ("reason", "年中调剂"),
            ("document", PAPER),
            ("way_1", "out"),
            ("project_1", "CY-08"),
            ("year_1", "2025"),
            ("amount_1", "120"),
            ("way_3", "in"),
            ("project_3", "CY-24"),
            ("year_3", "2025"),
            ("amount_3", "119"),
            ("rows", "4"),
        ];
        let before = head(&db);
        let off = finance.post("/transfers/new", &rows);
        assert_eq!(off.status, 400);
        assert!(off.words().contains("调出比调入多 10,000 元（1 万元）"), "{}", off.words());
        let negative = finance.post("/transfers/new", &with(&rows, &[("amount_3", "-120")]));
        assert!(negative.words().contains("金额写正数"), "{}", negative.words());
        let twice = finance.post("/transfers/new", &with(&rows, &[("project_3", "CY-08"), ("amount_3", "120")]));
        assert!(
            twice.body.contains("id=\"transfer-project_3-note\""),
            "said at the row it was typed in: {}",
            twice.words()
        );
        let longer = finance.post("/transfers/new", &with(&rows, &[("step", "more")]));
        assert_eq!((longer.status, longer.body.matches("<fieldset").count()), (200, 6));
        assert!(longer.body.contains("value=\"119\""), "what was typed is still there");
        let preview = finance.post("/transfers/new", &with(&rows, &[("amount_3", "120")]));
        assert_eq!((preview.status, head(&db)), (200, before), "{}", preview.words());
        assert!(preview.words().contains("将一起记入 2 行，合计为 0"), "{}", preview.words());
        let done = confirm(&finance, "/transfers/new", &hidden(&preview));
        assert_eq!((done.status, head(&db)), (303, before + 1), "{}", done.words());
        // One side is taken back: both are.
        let id = db.read(|conn| store::list(conn, &Default::default(), db.clock().today(), i64::MAX, 0, 1_000));
        let id = id.expect("read").iter().rev().find(|entry| entry.seq == before + 1).expect("a side").id;
        let address = format!("/entries/{id}/reversal");
        let page = finance.get(&address);
        assert!(page.words().contains("同一次的 2 行会一起冲正"), "{}", page.words());
        let mut fields = hidden(&page);
        fields.push(("reason".into(), "文号有误".into()));
        let fields: Vec<(&str, &str)> = fields.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        let taken = finance.post(&address, &fields);
        assert_eq!((taken.status, head(&db)), (303, before + 2), "{}", taken.words());
        let again = finance.post(&address, &with(&fields, &[("submission_key", "another")]));
        assert_eq!(again.status, 409, "{}", again.words());
        assert_eq!(differences(&db), Vec::<String>::new());
    });
}

#[test]
fn pages_of_money_are_for_those_who_record_it() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        for address in ["/entries/new", "/transfers/new", "/entries/100/reversal", "/documents/CY-ECO-2023/attach"] {
            let anyone = site.get(address);
            assert_eq!(anyone.status, 303, "{address}: one signs in first");
            assert!(anyone.header("location").starts_with("/login"), "{address}");
            let leader = site.signed_in(Role::Leader);
            assert_eq!(leader.get(address).status, 403, "{address}");
            assert_eq!(leader.post(address, &TYPED).status, 403, "{address}");
        }
        let leader = site.signed_in(Role::Leader);
        for page in ["/entries", "/projects/CY-08", "/documents/CY-ECO-2023"] {
            let shown = leader.get(page).body;
            assert!(!shown.contains("/entries/new") && !shown.contains("/transfers/new"), "{page}: nothing to record");
        }
        let planner = site.signed_in(Role::Planner);
        assert!(planner.get("/entries").body.contains("href=\"/entries/new\""));
        let forged = site.post_form("/entries/new", &[], &TYPED);
        assert!([303, 403].contains(&forged.status), "{}", forged.status);
    });
}

/// The same as an API call.
fn sent() -> Value {
    json!({"project": "CY-08", "measure": "paid", "amount": "125000.00", "occurred_on": "2025-09-20",
           "source": "D1", "document": PAPER, "note": "第一笔"})
}

fn post_json(reader: &Reader<'_>, address: &str, key: &str, body: &Value) -> Answer {
    let headers: &[(&str, &str)] = if key.is_empty() { &[] } else { &[("idempotency-key", key)] };
    reader.call(Method::POST, address, headers, body)
}

#[test]
fn programs_record_over_the_api_once_for_a_key() {
    both_with_plan(|db| {
        without_rules(&db);
        let site = Site::over(&db);
        let finance = site.signed_in(Role::Finance);
        let made = post_json(&finance, "/api/v1/entries", "k-1", &sent());
        assert_eq!(made.status, 201, "{}", made.body);
        let body = made.json();
        let place = made.header("location").to_owned();
        assert_eq!(place, format!("/api/v1/entries/{}", body["id"]));
        assert_eq!((&body["seq"], made.header("etag")), (&json!(head(&db)), format!("\"{}\"", head(&db)).as_str()));
        assert_eq!(finance.get(&place).json()["id"], body["id"]);
        assert_eq!(site.get(&place).status, 404, "the public has not been told of it yet");
        let again = post_json(&finance, "/api/v1/entries", "k-1", &sent());
        assert_eq!((again.status, &again.body, again.header("location")), (201, &made.body, place.as_str()));
        let mut other = sent();
        other["amount"] = json!("125000.01");
        let refused = post_json(&finance, "/api/v1/entries", "k-1", &other);
        assert_eq!((refused.status, refused.header("content-type")), (409, "application/problem+json; charset=utf-8"));
        let address = format!("{place}/reversal");
        let back = post_json(&finance, &address, "k-1", &json!({"reason": "重复"}));
        assert_eq!(back.status, 201, "the key belongs to its address: {}", back.body);
        assert_eq!(back.json()["kind"], json!("reversal"), "{}", back.body);
        let transfer = json!({"occurred_on": "2025-09-20", "reason": "调剂", "document": PAPER, "lines": [
            {"project": "CY-08", "measure": "budget", "year": 2025, "source": "D1", "amount": "-1200000.00"},
            {"project": "CY-24", "measure": "budget", "year": 2025, "amount": "1200000.00"}]});
        let moved = post_json(&finance, "/api/v1/transfers", "", &transfer);
        assert_eq!((moved.status, moved.json()["entries"].as_array().map(Vec::len)), (201, Some(2)), "{}", moved.body);
        assert_eq!(differences(&db), Vec::<String>::new());
    });
}

#[test]
fn what_is_wrong_with_a_call_is_pointed_at() {
    both_with_plan(|db| {
        without_rules(&db);
        let site = Site::over(&db);
        let finance = site.signed_in(Role::Finance);
        let before = head(&db);
        let mut told = String::new();
        let mut tell = |what: &str, answer: &Answer| {
            let body = answer.json();
            let errors = body["errors"].as_array().cloned().unwrap_or_default();
            let errors: Vec<String> = errors
                .iter()
                .map(|error| {
                    format!("{}：{}", error["field"].as_str().unwrap_or("?"), error["message"].as_str().unwrap_or("?"))
                })
                .collect();
            let detail = body["detail"].as_str().unwrap_or_default();
            let line = format!("{what}: {} {detail}{}\n", answer.status, errors.join(" | "));
            told.push_str(&line);
        };
        let changed = |field: &str, value: Value| {
            let mut body = sent();
            body[field] = value;
            body
        };
        for (what, body) in [
            ("a number", changed("amount", json!(125000))),
            ("finer than a fen", changed("amount", json!("1.005"))),
            ("no day", changed("occurred_on", json!("2025-02-30"))),
            ("to come", changed("occurred_on", json!("2025-09-27"))),
            ("unknown", changed("role", json!("office"))),
            ("nobody's measure", changed("measure", json!("total"))),
            ("no such project", changed("project", json!("CY-99"))),
            ("nothing", json!({})),
            ("a list", json!([1])),
        ] {
            tell(what, &post_json(&finance, "/api/v1/entries", "", &body));
        }
        let lines = |second: Value| {
            json!({"occurred_on": "2025-09-20", "reason": "x", "document": PAPER, "lines": [
            {"project": "CY-08", "measure": "budget", "year": 2025, "amount": "-1.00"}, second]})
        };
        let good = json!({"project": "CY-24", "measure": "budget", "year": 2025, "amount": "0.99"});
        tell("off by a fen", &post_json(&finance, "/api/v1/transfers", "", &lines(good)));
        tell(
            "a line's type",
            &post_json(
                &finance,
                "/api/v1/transfers",
                "",
                &lines(json!({"project": 24, "measure": "budget", "year": "x", "amount": "1.00"})),
            ),
        );
        tell("no lines", &post_json(&finance, "/api/v1/transfers", "", &json!({"reason": "x"})));
        tell("no such entry", &post_json(&finance, "/api/v1/entries/1/reversal", "", &json!({"reason": "x"})));
        tell("no number", &post_json(&finance, "/api/v1/entries/x/reversal", "", &json!({"reason": "x"})));
        tell("a bad key", &post_json(&finance, "/api/v1/entries", "a b", &sent()));
        tell(
            "two megabytes",
            &post_json(&finance, "/api/v1/entries", "", &changed("note", json!("长".repeat(700_000)))),
        );
        tell("a leader", &post_json(&site.signed_in(Role::Leader), "/api/v1/entries", "", &sent()));
        let headers = [("content-type", "application/json")];
        tell("nobody", &site.send(Method::POST, "/api/v1/entries", &headers, Some(sent().to_string())));
        let torn = finance.ask_with_body("/api/v1/entries", "application/json", "{\"project\": ");
        tell("torn", &torn);
        tell("a form", &finance.ask_with_body("/api/v1/entries", "text/plain", "project=CY-08"));
        insta::allow_duplicates! {
            insta::assert_snapshot!(told, @r#"
        a number: 400 /amount：金额要写成文字，以元计，如 "1250000.00"
        finer than a fen: 400 /amount：细于 1 分；以元计最多 2 位小数
        no day: 400 /occurred_on：没有这一天
        to come: 400 /occurred_on：晚于今天（2025-09-26）；事实不能记在将来
        unknown: 400 /role：没有这一项；可用 project、measure、kind、year、source、amount、occurred_on、reason、is_estimate、note、document、document_title、document_issuer、document_date、late、paired
        nobody's measure: 400 /measure：没有这个口径；可用 investment（规划投资额（估算））、plan（年度计划投资）、budget（年度财政预算）、received（到位资金）、completed（完成投资）、paid（支付资金）
        no such project: 404 编号如 CY-01，见首页
        nothing: 400 /project：要填 | /measure：要填 | /amount：要填 | /occurred_on：要填 | /document：要填
        a list: 400 ：要写成 JSON 对象 {…}
        off by a fen: 400 /lines：年度财政预算调出比调入多 0.01 元（0.000001 万元）；调出与调入要相等
        a line's type: 400 /lines/1/project：要写成文字，加引号
        no lines: 400 /lines：要写成数组，至少两行
        no such entry: 404 编号见「分录」页
        no number: 404 编号是数字，见「分录」页
        a bad key: 400 Idempotency-Key：写成 1 至 128 个可见的 ASCII 字符，不含空格
        two megabytes: 413 一次最多 1024 KB；大的表请分批，或从导入页上传
        a leader: 403 您的角色不能打开这一页
        nobody: 401 这一页要登录后才能打开
        torn: 400 ：不是 JSON：第 1 行第 12 列
        a form: 415 接口只收 application/json
        "#);
        }
        assert_eq!(head(&db), before + 1, "only the leader's account was added");
    });
}

#[test]
fn files_are_attached_by_those_who_may_and_served_so_that_nothing_runs() {
    both_with_plan(|db| {
        pay(&db);
        let site = Site::over(&db);
        let finance = site.signed_in(Role::Finance);
        let address = format!("/documents/{}/attach", url_encoded(PAPER));
        let form = finance.get(&address);
        assert!(form.status == 200 && form.body.contains("multipart/form-data") && form.words().contains("20 MB"));
        let done = finance.upload(&address, "..\\预算 2025.pdf", PDF);
        assert_eq!(done.status, 303, "{}", done.words());
        let page = finance.get(done.header("location"));
        assert!(page.words().contains("已记入") && page.words().contains("预算 2025.pdf PDF"), "{}", page.words());
        let href = page.attributes("href").into_iter().find(|href| href.starts_with("/attachments/")).expect("a link");
        let file = finance.get(&href);
        assert_eq!((file.status, file.body.as_bytes()), (200, PDF));
        let id = href.trim_start_matches("/attachments/");
        let told: Vec<String> = [
            "content-type",
            "content-disposition",
            "x-content-type-options",
            "content-security-policy",
            "etag",
            "cache-control",
        ]
        .iter()
        .map(|name| format!("{name}: {}", file.header(name)).replace(id, "ID"))
        .collect();
        insta::allow_duplicates! {
            insta::assert_snapshot!(told.join("\n"), @r#"
        content-type: application/pdf
        content-disposition: attachment; filename="attachment-ID.pdf"; filename*=UTF-8''%E9%A2%84%E7%AE%97%202025%2Epdf
        x-content-type-options: nosniff
        content-security-policy: sandbox; default-src 'none'; frame-ancestors 'none'
        etag: "fe9a7d44f4318fec2635607dcacc6755fafe3b997406abe640db9cec5f28ab08"
        cache-control: private, no-cache
        "#);
        }
        let known = finance.ask(Method::GET, &href, &[("if-none-match", file.header("etag"))]);
        assert_eq!((known.status, known.body.as_str()), (304, ""));
        // What was recorded after the last publication is not the public's, nor another department's.
        assert_eq!(site.get(&href).status, 404);
        assert_eq!(site.ask(Method::GET, &href, &[("if-none-match", file.header("etag"))]).status, 404);
        assert_eq!(site.signed_in_as(&[Role::Reporter], &["culture"]).get(&href).status, 404);
        assert_eq!(site.signed_in(Role::Leader).get(&href).status, 200);
        for nowhere in ["/attachments/999999", "/attachments/x", "/attachments/-1"] {
            assert_eq!(site.get(nowhere).status, 404, "{nowhere}");
        }
        assert_eq!(differences(&db), Vec::<String>::new());
    });
}

#[test]
fn what_may_not_be_attached_is_refused_where_it_was_chosen() {
    both_with_plan(|db| {
        pay(&db);
        let site = Site::over(&db);
        let finance = site.signed_in(Role::Finance);
        let address = format!("/documents/{}/attach", url_encoded(PAPER));
        let before = head(&db);
        let large = [PDF, &vec![b' '; MAX_BYTES]].concat();
        for (name, bytes, status, shown) in [
            ("发票.pdf", &b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff"[..], 415, "可执行程序"),
            ("现场.jpg", b"<html><body onload=alert(1)></html>", 415, "网页、SVG 或脚本"),
            ("预算.docx", PDF, 415, "文件名却以 .docx 结尾"),
            ("大.pdf", &large, 413, "每个附件最多 20 MB"),
            ("空.pdf", b"", 400, "文件是空的"),
            ("", b"", 400, "请选择要附的文件"),
        ] {
            let refused = finance.upload(&address, name, bytes);
            assert_eq!(refused.status, status, "{name}: {}", refused.words());
            assert!(refused.words().contains(shown), "{name}: {}", refused.words());
            assert!(refused.body.contains("type=\"file\""), "{name}: another can be chosen");
        }
        let forged = finance.upload_as(&address, &[("csrf_token", "0")], "a.pdf", PDF);
        assert_eq!(forged.status, 403);
        assert_eq!(finance.upload_as(&address, &[], "a.pdf", PDF).status, 403, "the token comes before the file");
        assert_eq!(finance.upload("/documents/x/attach", "a.pdf", PDF).status, 404);
        assert_eq!(site.signed_in(Role::Leader).upload(&address, "a.pdf", PDF).status, 403);
        // Sent twice under one key: attached once, and told so as the first time.
        let twice = finance.get(&address);
        let fields = hidden(&twice);
        let csrf = twice
            .body
            .split("name=\"csrf_token\" value=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next())
            .expect("a token");
        let key = &fields.iter().find(|(name, _)| name == "submission_key").expect("a key").1;
        let own = [("csrf_token", csrf), ("submission_key", key.as_str())];
        let first = finance.upload_as(&address, &own, "a.pdf", PDF);
        let second = finance.upload_as(&address, &own, "a.pdf", PDF);
        assert_eq!((first.status, first.header("location")), (303, second.header("location")));
        assert_eq!(head(&db), before + 2, "one file, and the leader's account");
    });
}

fn url_encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// One call on a connection of its own; none when the server is gone before it has answered.
fn call(origin: &str, token: &str, key: &str, body: &str) -> Option<(u16, Value)> {
    let address = origin.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
    write!(
        stream,
        "POST /api/v1/entries HTTP/1.0\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {key}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, serde_json::from_str(body).ok()?))
}

/// The API token of someone of finance, whose one-time password is changed first.
fn a_token(database: &str) -> String {
    let db = Db::open(database, Clock::System).expect("the server's database");
    let add = ["user", "add", "cai.wu", "--name", "财政", "--role", "finance"];
    let added = taizhang(database, &add);
    let password = added.out.split("一次性口令 ").nth(1).and_then(|rest| rest.split_whitespace().next());
    let password = password.unwrap_or_else(|| panic!("{added:?}")).to_owned();
    let limits = Limits::default();
    let attempt = Attempt { login: "cai.wu".into(), password: password.clone(), ..Attempt::default() };
    let session = signin::sign_in(&db, &attempt, &limits).expect("signed in").token;
    let signed = db.read(|conn| signin::find_session(conn, &session, db.clock().now(), &limits));
    let signed = signed.expect("read").expect("a session");
    signin::change_password(&db, &signed, &password, PASSWORD, "").expect("a password of their own");
    let made = taizhang(database, &["token", "create", "cai.wu", "--name", "脚本", "--role", "finance"]);
    let from = made.out.find("tzt_").unwrap_or_else(|| panic!("{made:?}"));
    made.out[from..].trim().to_owned()
}

#[test]
fn nothing_that_was_acknowledged_is_lost_when_the_server_is_killed() {
    const CLIENTS: usize = 8;
    const EACH: usize = 200;
    let server = Server::start(&[]);
    let database = server.database();
    let token = a_token(&database);
    without_rules(&Db::open(&database, Clock::System).expect("the database"));
    let today = Clock::System.today().to_string();
    let body =
        json!({"project": "CY-08", "measure": "paid", "amount": "1.00", "occurred_on": today, "document": PAPER})
            .to_string();
    let (origin, acknowledged) = (server.origin().to_owned(), AtomicUsize::new(0));
    let mut folder = None;
    let promised: Vec<(String, Value)> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let (origin, token, body, acknowledged) = (&origin, &token, &body, &acknowledged);
                scope.spawn(move || {
                    let mut promised = Vec::new();
                    for n in 0..EACH {
                        let key = format!("c{client}-{n}");
                        let Some((status, answer)) = call(origin, token, &key, body) else { break };
                        assert_eq!(status, 201, "{answer}");
                        acknowledged.fetch_add(1, Ordering::SeqCst);
                        promised.push((key, answer["id"].clone()));
                    }
                    promised
                })
            })
            .collect();
        // In the middle, while every client has something under way.
        while acknowledged.load(Ordering::SeqCst) < 100 && !clients.iter().all(|client| client.is_finished()) {
            std::thread::sleep(Duration::from_millis(1));
        }
        folder = Some(server.kill());
        clients.into_iter().flat_map(|client| client.join().expect("it ends")).collect()
    });
    assert!(promised.len() >= 100 && promised.len() < CLIENTS * EACH, "killed in the middle: {}", promised.len());
    let server = Server::start_in(folder.expect("the folder stays"), &[]);
    // Every client asks again for all it had sent: what was promised stands, the rest is done now, once.
    let mut recorded = BTreeSet::new();
    for client in 0..CLIENTS {
        for n in 0..EACH / 4 {
            let key = format!("c{client}-{n}");
            let (status, answer) = call(server.origin(), &token, &key, &body).expect("an answer");
            assert_eq!(status, 201, "{answer}");
            assert!(recorded.insert(answer["id"].to_string()), "{key}: an entry of its own");
            if let Some((_, id)) = promised.iter().find(|(known, _)| *known == key) {
                assert_eq!(answer["id"], *id, "{key}: the same as was promised");
            }
        }
    }
    let keys: BTreeSet<String> = promised
        .iter()
        .map(|(key, _)| key.clone())
        .chain((0..CLIENTS).flat_map(|client| (0..EACH / 4).map(move |n| format!("c{client}-{n}"))))
        .collect();
    let db = Db::open(&database, Clock::System).expect("the server's database");
    let paid = Wanted { measures: vec![Measure::Paid.code()], ..Wanted::default() };
    let paid = db.read(|conn| store::list(conn, &paid, db.clock().today(), i64::MAX, 0, 10_000)).expect("the payments");
    let paid: BTreeSet<String> = paid.iter().map(|entry| entry.id.to_string()).collect();
    // Of each client one more may have been recorded without its answer having arrived.
    assert!((keys.len()..=keys.len() + CLIENTS).contains(&paid.len()), "{} recorded, {} sent", paid.len(), keys.len());
    assert!(promised.iter().all(|(_, id)| paid.contains(&id.to_string())), "what was promised stands");
    assert_eq!(taizhang(&database, &["check"]).code, 0);
}
