//! The program itself: start to ready, the overview's throughput beside a static handler that
//! sends the same bytes, and resident memory after a thousand views.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use taizhang::account::command::NewAccount;
use taizhang::account::{Person, Rights};
use taizhang::auth::{Actor, Role};
use taizhang::clock::Clock;
use taizhang::db::Db;
use taizhang::publication::command::publish;
use taizhang::signin::{self, Attempt, Limits};

use crate::{median, ms};

const LASTING: Duration = Duration::from_secs(4);
const CLIENTS: usize = 4;

/// A child that ends with us.
pub struct Running(Child);

impl Running {
    /// Its number.
    pub fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Serves one file for every request: what the overview is compared with.
pub fn serve_static(file: &str) {
    use actix_web::{App, HttpResponse, HttpServer, web};
    let bytes = web::Bytes::from(std::fs::read(file).expect("the page"));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    println!("http://{}", listener.local_addr().expect("an address"));
    let server = HttpServer::new(move || {
        let bytes = bytes.clone();
        App::new().default_service(web::to(move |request: actix_web::HttpRequest| {
            let bytes = bytes.clone();
            async move {
                match request.headers().contains_key("if-none-match") {
                    true => HttpResponse::NotModified().insert_header(("etag", "\"same\"")).finish(),
                    false => HttpResponse::Ok().content_type("text/html; charset=utf-8").body(bytes),
                }
            }
        }))
    })
    .workers(2)
    .listen(listener)
    .expect("listens");
    actix_web::rt::System::new().block_on(server.run()).expect("serves");
}

/// Publishes all there is, for the public's overview, and signs a leader in, for lists that no
/// publication cuts. Answers with the cookie.
pub fn sign_in(url: &str) -> String {
    let db = Db::open(url, Clock::System).expect("the database");
    let new = NewAccount {
        person: Person { login: "bench".into(), name: "基准".into(), phone: String::new() },
        rights: Rights::new(vec![Role::Leader], Vec::new(), ""),
        reason: "基准".into(),
    };
    let issued = signin::create_account(&db, &Actor::operator(), new, "").expect("an account");
    let attempt = Attempt { login: "bench".into(), password: issued.password.clone(), ..Attempt::default() };
    let limits = Limits::default();
    let token = signin::sign_in(&db, &attempt, &limits).expect("signed in").token;
    let signed = db.read(|conn| signin::find_session(conn, &token, db.clock().now(), &limits));
    let signed = signed.expect("read").expect("a session");
    let today = db.clock().today();
    let over = today.first_of_month().pred().month();
    db.write(move |tx| publish(tx, &Actor::operator(), over, "")).expect("published");
    let token = signin::change_password(&db, &signed, &issued.password, "三句话 不离 本行 42", "").expect("changed");
    format!("Cookie: taizhang={token}\r\n")
}

/// Prints start, throughput and memory.
pub fn measure(url: &str, home: &Path) {
    let cookie = sign_in(url);
    let mut starts = Vec::new();
    for _ in 0..5 {
        let began = Instant::now();
        let (_running, address) = start(url);
        assert_eq!(get(&mut connect(&address), &address, "/", "").0, 200);
        starts.push(began.elapsed());
    }
    println!("  start to the first overview               {:>12} (target ≤ 300 ms)", ms(median(starts)));
    lists(url, &cookie);

    let (running, address) = start(url);
    let before = resident(&running);
    let mut conn = connect(&address);
    let began = Instant::now();
    let (status, body, etag) = get(&mut conn, &address, "/", "");
    println!("  overview, first time                      {:>12} ({} kB)", ms(began.elapsed()), body.len() / 1024);
    assert_eq!(status, 200);
    let file = home.join("overview.html");
    std::fs::write(&file, &body).expect("kept");
    let mut baseline = Command::new(std::env::current_exe().expect("this bench"));
    let (_fixed, fixed) = announce(baseline.arg("static").arg(&file));
    let ours = throughput(&address, "");
    let bare = throughput(&fixed, "");
    println!(
        "  overview, warm                            {ours:8.0} /s = {:.2}× a static handler's {bare:.0} /s (target ≥ 0.5×)",
        ours / bare
    );
    let condition = format!("If-None-Match: {etag}\r\n");
    let ours = throughput(&address, &condition);
    let bare = throughput(&fixed, &condition);
    println!(
        "  overview, 304                             {ours:8.0} /s = {:.2}× a static handler's {bare:.0} /s (target ≥ 0.5×)",
        ours / bare
    );
    // The connection was idle for longer than a server keeps it.
    let mut conn = connect(&address);
    let mut slowest = (Duration::ZERO, String::new());
    for at in 0..1_000_usize {
        let page = view(at);
        let began = Instant::now();
        assert_eq!(get(&mut conn, &address, &page, &cookie).0, 200, "{page}");
        if began.elapsed() > slowest.0 {
            slowest = (began.elapsed(), page);
        }
    }
    println!(
        "  resident memory                           {before} MB at start, {} MB after 1,000 views (target ≤ 60 at S, ≤ 200 at L); slowest view {} {}",
        resident(&running),
        slowest.1,
        ms(slowest.0)
    );
}

/// How long pages take, each address asked for once, so that none comes from the cache.
pub fn ask_once(conn: &mut BufReader<TcpStream>, host: &str, cookie: &str, name: &str, addresses: Vec<String>) {
    let mut bytes = 0;
    let runs: Vec<Duration> = addresses
        .iter()
        .map(|path| {
            let began = Instant::now();
            let (status, body, _) = get(conn, host, path, cookie);
            assert_eq!(status, 200, "{path}");
            bytes = body.len();
            began.elapsed()
        })
        .collect();
    let worst = runs.iter().max().copied().unwrap_or_default();
    println!("  {name:<42}{:>12}, worst {} ({} KB)", ms(median(runs)), ms(worst), bytes / 1024);
}

/// Pages that list projects, and how they are called here.
const LISTS: [(&str, &str); 10] = [
    ("a system", "/categories/economy"),
    ("a department", "/departments/parks"),
    ("the projects", "/projects"),
    ("the projects by payment", "/projects?sort=-paid"),
    ("the projects by name, grouped", "/projects?sort=name&group=department"),
    ("the projects of a word", "/projects?q=%E7%AC%AC99%E5%8F%B7"),
    ("one page of the API", "/api/v1/projects?limit=500&cursor=P-000020"),
    ("all projects as CSV", "/projects?format=csv"),
    ("the projects of then", "/projects?as_of=2024-12-31"),
    ("a system of then", "/categories/economy?as_of=2024-12-31"),
];

/// Each list for the first time in a process of its own, and the memory it then holds.
fn lists(url: &str, cookie: &str) {
    for (name, page) in LISTS {
        let (running, address) = start(url);
        let mut conn = connect(&address);
        // Ready, and the file's first pages read: what a list costs is what is measured.
        get(&mut conn, &address, "/about", cookie);
        let page =
            if page.starts_with("/departments/") { department(&mut conn, &address, cookie) } else { page.to_owned() };
        let began = Instant::now();
        let (status, body, _) = get(&mut conn, &address, &page, cookie);
        assert!(body.len() > 1_000, "{page}: {status}");
        println!(
            "  {name:40} {:>12} (status {status}, {} kB; {} MB resident)",
            ms(began.elapsed()),
            body.len() / 1024,
            resident(&running)
        );
    }
}

fn department(conn: &mut BufReader<TcpStream>, address: &str, cookie: &str) -> String {
    let (_, body, _) = get(conn, address, "/api/v1/departments", cookie);
    let departments: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
    format!("/departments/{}", departments["items"][0]["code"].as_str().expect("a code"))
}

/// The thousand views: half of them pages that were not seen before.
fn view(at: usize) -> String {
    let pages = ["/", "/projects", "/categories/economy", "/entries", "/milestones", "/indicators", "/data", "/about"];
    let systems = crate::generate::SLUGS;
    let sorts = ["code", "name", "-investment", "-paid", "end_year"];
    match at % 2 {
        0 => pages[at / 2 % pages.len()].to_owned(),
        _ => match at / 2 % 4 {
            0 => format!("/projects/P-{:06}", at % 32),
            1 => format!("/projects?sort={}&end_year={}", sorts[at % sorts.len()], 2023 + at % 11),
            2 => format!("/categories/{}?unit={}", systems[at % systems.len()], ["yuan", "yi"][at / 8 % 2]),
            _ => format!("/projects?category={}&sort={}", systems[at % systems.len()], sorts[at % sorts.len()]),
        },
    }
}

pub fn start(url: &str) -> (Running, String) {
    announce(Command::new(env!("CARGO_BIN_EXE_taizhang")).args([
        "serve",
        "--database-url",
        url,
        "--listen",
        "127.0.0.1:0",
    ]))
}

/// Starts a server that prints its address first.
fn announce(command: &mut Command) -> (Running, String) {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("its address");
    (Running(child), line.trim().trim_start_matches("http://").to_owned())
}

pub fn connect(address: &str) -> BufReader<TcpStream> {
    let stream = TcpStream::connect(address).expect("connects");
    stream.set_nodelay(true).expect("set");
    BufReader::new(stream)
}

/// One request on a connection that stays open: status, body, ETag.
///
/// # Panics
/// An answer that is neither of a stated length nor in chunks.
pub fn get(conn: &mut BufReader<TcpStream>, host: &str, path: &str, headers: &str) -> (u16, Vec<u8>, String) {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n");
    conn.get_mut().write_all(request.as_bytes()).expect("sent");
    let (mut line, mut length, mut tag) = (String::new(), None, String::new());
    conn.read_line(&mut line).expect("a status");
    let status = line.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
    loop {
        line.clear();
        conn.read_line(&mut line).expect("a header");
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = Some(value.parse().expect("a length")),
            "etag" => value.clone_into(&mut tag),
            _ => {}
        }
    }
    let body = match (status, length) {
        (304, _) => Vec::new(),
        (_, Some(length)) => exactly(conn, length),
        (_, None) => chunks(conn),
    };
    (status, body, tag)
}

fn exactly(conn: &mut BufReader<TcpStream>, length: usize) -> Vec<u8> {
    let mut body = vec![0; length];
    conn.read_exact(&mut body).expect("a body");
    body
}

/// A body that is sent as it is made.
fn chunks(conn: &mut BufReader<TcpStream>) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        conn.read_line(&mut line).expect("a chunk's length");
        let length = usize::from_str_radix(line.trim(), 16).expect("a chunk's length");
        body.extend(exactly(conn, length));
        exactly(conn, 2);
        if length == 0 {
            return body;
        }
    }
}

fn throughput(address: &str, headers: &str) -> f64 {
    let status_due = if headers.contains("If-None-Match") { 304 } else { 200 };
    let began = Instant::now();
    let done: u32 = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                scope.spawn(|| {
                    let (mut conn, mut done) = (connect(address), 0);
                    while began.elapsed() < LASTING {
                        let (status, ..) = get(&mut conn, address, "/", headers);
                        assert_eq!(status, status_due);
                        done += 1;
                    }
                    done
                })
            })
            .collect();
        clients.into_iter().map(|client| client.join().expect("a client")).sum()
    });
    f64::from(done) / began.elapsed().as_secs_f64()
}

/// MB that the process holds in memory.
fn resident(running: &Running) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", running.0.id())).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or_default() / 1024
}
