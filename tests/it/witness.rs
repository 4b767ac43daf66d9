//! The journal's head, given to someone outside once a day.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};
use taizhang::clock::Instant;
use taizhang::config::Witness;
use taizhang::db::Head;
use taizhang::journal::witness::Sent;

use crate::support::{PostOffice, Server, ended};

fn at(text: &str) -> Instant {
    Instant::parse(text).expect("an instant")
}

fn head(seq: i64) -> Head {
    Head { seq, at: at("2025-09-26T08:00:00+08:00"), hash: "ab".repeat(32) }
}

#[test]
fn it_is_due_once_a_day_and_a_failure_waits_longer_each_time() {
    let (morning, evening) = (at("2025-09-26T09:00:00+08:00"), at("2025-09-26T23:59:59+08:00"));
    let fresh = Sent::default();
    assert!(fresh.is_due(morning, &head(1)) && !fresh.is_due(morning, &head(0)), "an empty journal has no head");
    let sent = fresh.succeeded(morning);
    assert!(!sent.is_due(evening, &head(9)), "once a day, whatever is recorded");
    assert!(sent.is_due(at("2025-09-27T00:00:00+08:00"), &head(9)), "and on the next");
    let mut failed = fresh;
    let waits: Vec<i64> = (0..6)
        .map(|_| {
            failed = failed.failed(morning);
            (failed.not_before().expect("it waits").micros() - morning.micros()) / 60_000_000
        })
        .collect();
    assert_eq!(waits, [5, 10, 20, 40, 60, 60], "minutes");
    assert!(!failed.is_due(at("2025-09-26T09:59:59+08:00"), &head(1)));
    assert!(failed.is_due(at("2025-09-26T10:00:00+08:00"), &head(1)));
    assert_eq!(failed.succeeded(evening), fresh.succeeded(evening), "once taken, failures are forgotten");
}

#[test]
fn what_cannot_be_used_is_refused_at_the_start() {
    let told = |url: Option<&str>, to: Option<&str>, smtp: Option<&str>, from: Option<&str>| {
        Witness::parse(url, to, smtp, from).expect_err("refused").to_string()
    };
    assert_eq!(told(Some("ftp://x"), None, None, None), "witness-url「ftp://x」：写成 https://主机/路径");
    assert!(told(None, Some("a@b.cn"), None, Some("c@d.cn")).starts_with("smtp-url：要寄日志末条"));
    assert!(told(None, Some("a@b.cn"), Some("smtp://h"), None).starts_with("mail-from：要寄日志末条"));
    let database = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}", database.path().join("x.db").display());
    let run = |to: &str, smtp: &str| {
        let words = [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--database-url",
            &url,
            "--witness-mail",
            to,
            "--mail-from",
            "c@d.cn",
            "--smtp-url",
            smtp,
        ];
        ended(std::process::Command::new(env!("CARGO_BIN_EXE_taizhang")).args(words))
    };
    let bad = run("nobody", "smtp://127.0.0.1");
    assert!(bad.code == 2 && bad.err.contains("witness_mail「nobody」：不是邮件地址"), "{bad:?}");
    let bad = run("a@b.cn", "imap://secret@127.0.0.1");
    assert!(bad.code == 2 && bad.err.contains("不是邮件服务器地址") && !bad.err.contains("secret"), "{bad:?}");
}

/// A server of one connection; what it was told comes through the channel.
fn listen(serve: fn(TcpStream) -> String) -> (u16, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let (tell, told) = channel();
    std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a connection");
        tell.send(serve(stream)).expect("the test waits");
    });
    (port, told)
}

/// One request with its body.
fn http(mut stream: TcpStream) -> String {
    let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
    let (mut text, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a line");
        if let Some(number) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = number.trim().parse().expect("a number");
        }
        if line.trim().is_empty() {
            break;
        }
        text.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("the body");
    stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").expect("answered");
    format!("{text}\n{}", String::from_utf8(body).expect("UTF-8"))
}

const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn a_running_server_posts_its_head() {
    let (port, told) = listen(http);
    let server = Server::start(&["--witness-url", &format!("http://127.0.0.1:{port}/heads?key=1")]);
    let told = told.recv_timeout(PATIENCE).expect("it is sent at the start");
    assert!(told.starts_with("POST /heads?key=1 HTTP/1.1"), "{told}");
    let body: Value = serde_json::from_str(told.split("\n").last().expect("a body")).expect("JSON");
    let (status, head) = server.get("/api/v1/head");
    assert_eq!(status, 200);
    let head: Value = serde_json::from_str(&head).expect("JSON");
    assert!(body["hash"].as_str().is_some_and(|hash| hash.len() == 64), "{body}");
    assert!(body["seq"].as_i64() >= head["seq"].as_i64(), "what the public sees is never newer: {body} {head}");
    assert!(body["register"].as_str().is_some_and(|title| title.contains("生态文明建设规划")), "{body}");
}

#[test]
fn a_running_server_mails_its_head() {
    let Some(office) = PostOffice::open() else { return };
    let server = Server::start(&[
        "--witness-mail",
        "notary@example.cn",
        "--mail-from",
        "taizhang@example.cn",
        "--smtp-url",
        &office.url(),
    ]);
    let letter = office.first();
    assert_eq!((&letter["to"], &letter["from"]), (&json!("notary@example.cn"), &json!("taizhang@example.cn")));
    assert!(letter["subject"].as_str().is_some_and(|text| text.starts_with("台账日志末条 ")), "{letter}");
    let text = letter["text"].as_str().expect("a text");
    assert!(
        text.contains("生态文明建设规划") && text.contains("日志第 ") && text.contains("taizhang verify 文件 --head "),
        "{text}"
    );
    assert_eq!(server.get("/").0, 200);
}

#[test]
fn nobody_listening_holds_up_no_page() {
    // Port 9 of this machine discards, if anything is there at all.
    let server = Server::start(&["--witness-url", "http://127.0.0.1:9/"]);
    assert_eq!(server.get("/").0, 200);
    assert_eq!(server.get("/projects/CY-08").0, 200);
}
