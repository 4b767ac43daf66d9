//! The pages and the API over a test's database, in this process: the routes that `serve` serves.

use std::cell::Cell;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::rc::Rc;

use actix_web::dev::ServiceResponse;
use actix_web::http::Method;
use actix_web::http::header::HeaderMap;
use actix_web::rt::{System, SystemRunner};
use actix_web::test::TestRequest;
use actix_web::web::Data;
use actix_web::{App, test};
use serde_json::Value;
use taizhang::account::command::NewAccount;
use taizhang::account::{self, Person, Rights};
use taizhang::auth::{Actor, Role};
use taizhang::config::{Operator, Reach};
use taizhang::db::Db;
use taizhang::signin::{self, Attempt, Limits};
use taizhang::web::query::Setting;
use taizhang::web::state::State;
use taizhang::web::viewer::csrf_of;

/// What answers requests; made once, for compiling its addresses takes longer than most answers.
type Service = Box<dyn Fn(TestRequest) -> Pin<Box<dyn Future<Output = ServiceResponse>>>>;

/// The pages of one database.
pub struct Site {
    // Dropped before the system it runs on.
    service: Service,
    system: SystemRunner,
    state: Data<State>,
    peer: Cell<SocketAddr>,
    /// Whom plain requests come from; none: the public.
    token: Option<String>,
}

/// The password of everyone whom [`Site::signed_in`] signs in.
pub const PASSWORD: &str = "三句话 不离 本行 42";

/// Someone who has signed in, as a browser with the session's cookie.
pub struct Reader<'s> {
    site: &'s Site,
    /// The account.
    pub account: i64,
    /// The session's token.
    pub token: String,
}

impl<'s> Reader<'s> {
    /// The same person with the token that a change of rights gave.
    pub fn again(&self, token: &str) -> Reader<'s> {
        Reader { site: self.site, account: self.account, token: token.into() }
    }

    /// GET with the cookie.
    pub fn get(&self, address: &str) -> Answer {
        self.ask(Method::GET, address, &[])
    }

    /// Any request without a body, with the cookie.
    pub fn ask(&self, method: Method, address: &str, headers: &[(&str, &str)]) -> Answer {
        let cookie = self.cookie();
        self.site.send(method, address, &[&[("cookie", cookie.as_str())], headers].concat(), None)
    }

    /// A form of ours, with its token.
    pub fn post(&self, address: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = csrf_of(&self.token);
        let cookie = self.cookie();
        self.site.post_form(address, &[("cookie", &cookie)], &[&[("csrf_token", csrf.as_str())], fields].concat())
    }

    /// An API write with the cookie and the token of our own pages.
    pub fn call(&self, method: Method, address: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let (csrf, cookie) = (csrf_of(&self.token), self.cookie());
        let own = [("cookie", cookie.as_str()), ("x-csrf-token", csrf.as_str()), ("content-type", "application/json")];
        self.site.send(method, address, &[&own, headers].concat(), Some(body.to_string()))
    }

    /// A POST of anything, with the cookie and the token of our own pages.
    pub fn ask_with_body(&self, address: &str, kind: &str, body: &str) -> Answer {
        let (csrf, cookie) = (csrf_of(&self.token), self.cookie());
        let own = [("cookie", cookie.as_str()), ("x-csrf-token", csrf.as_str()), ("content-type", kind)];
        self.site.send(Method::POST, address, &own, Some(body.to_owned()))
    }

    /// A form of ours with a file: the token first, as pages of ours put it.
    pub fn upload(&self, address: &str, name: &str, bytes: &[u8]) -> Answer {
        let csrf = csrf_of(&self.token);
        self.upload_as(address, &[("csrf_token", csrf.as_str())], name, bytes)
    }

    /// The same with these fields before it.
    pub fn upload_as(&self, address: &str, fields: &[(&str, &str)], name: &str, bytes: &[u8]) -> Answer {
        let mut body = Vec::new();
        for (field, value) in fields {
            let head = format!("--edge\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
            body.extend(head.into_bytes());
        }
        let head = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: application/pdf\r\n\r\n"
        );
        body.extend([head.as_bytes(), bytes, b"\r\n--edge--\r\n"].concat());
        let cookie = self.cookie();
        let headers = [("cookie", cookie.as_str()), ("content-type", "multipart/form-data; boundary=edge")];
        self.site.send_bytes(Method::POST, address, &headers, Some(body))
    }

    fn cookie(&self) -> String {
        format!("{}={}", self.site.state.cookie_name(), self.token)
    }
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    /// Empty for a spreadsheet or a photo, which is no text.
    pub body: String,
    pub bytes: Vec<u8>,
}

impl Site {
    /// The site over a database; ordinary, with nobody named as running it.
    pub fn over(db: &Db) -> Site {
        Site::set(db, Setting { operator: Operator::default(), demo: false, reach: Reach::default() })
    }

    /// The site of the demonstration, as its leader sees it: everything, published or not.
    pub fn over_demo(db: &Db) -> Site {
        let attempt = Attempt { login: "leader".into(), password: "demo-台账-2025".into(), ..Attempt::default() };
        let token = signin::sign_in(db, &attempt, &Limits::default()).expect("the leader signs in").token;
        let setting = Setting { operator: Operator::default(), demo: true, reach: Reach::default() };
        Site { token: Some(token), ..Site::set(db, setting) }
    }

    fn set(db: &Db, setting: Setting) -> Site {
        let state = Data::new(State::new(db.clone(), setting).expect("the templates parse"));
        let (system, own) = (System::new(), state.clone());
        let service = system.block_on(async {
            let app = App::new().app_data(own).wrap(taizhang::web::headers());
            Rc::new(test::init_service(app.configure(taizhang::web::routes)).await)
        });
        let service: Service = Box::new(move |request| {
            let service = service.clone();
            Box::pin(async move { test::call_service(&*service, request.to_request()).await })
        });
        Site { service, system, state, peer: Cell::new(([127, 0, 0, 1], 40_000).into()), token: None }
    }

    /// The same site, as whoever has not signed in sees it.
    pub fn for_the_public(self) -> Site {
        Site { token: None, ..self }
    }

    /// The site as it is reached over https, behind a proxy on this machine.
    pub fn over_https(db: &Db) -> Site {
        let reach = Reach::parse(Some("https://taizhang.example.cn"), Some("127.0.0.1")).expect("an address");
        Site::set(db, Setting { operator: Operator::default(), demo: false, reach })
    }

    /// From now on requests come from this address.
    pub fn come_from(&self, address: &str) {
        self.peer.set((address.parse::<IpAddr>().expect("an address"), 40_000).into());
    }

    /// Someone new of this role, signed in; owners belong to the water bureau.
    pub fn signed_in(&self, role: Role) -> Reader<'_> {
        let departments: &[&str] = if role.is_owner() { &["water"] } else { &[] };
        self.signed_in_as(&[role], departments)
    }

    /// Someone new of these roles and departments, signed in through the front door.
    pub fn signed_in_as(&self, roles: &[Role], departments: &[&str]) -> Reader<'_> {
        let db = &self.state.db;
        let login = format!("p{}", db.read(account::store::count).expect("a count") + 1);
        let new = NewAccount {
            person: Person { login: login.clone(), name: format!("试验 {login}"), phone: String::new() },
            rights: Rights::new(roles.to_vec(), departments.iter().map(|code| (*code).into()).collect(), ""),
            reason: "试验".into(),
        };
        let issued = signin::create_account(db, &Actor::operator(), new, "").expect("an account");
        let attempt = Attempt { login, password: issued.password.clone(), ..Attempt::default() };
        let limits = Limits::default();
        let token = signin::sign_in(db, &attempt, &limits).expect("signed in").token;
        let signed = db.read(|conn| signin::find_session(conn, &token, db.clock().now(), &limits));
        let signed = signed.expect("read").expect("a session");
        let token = signin::change_password(db, &signed, &issued.password, PASSWORD, "").expect("a password");
        self.state.forget_head();
        Reader { site: self, account: issued.account, token }
    }

    /// Who has this session's token.
    pub fn reader(&self, account: i64, token: &str) -> Reader<'_> {
        Reader { site: self, account, token: token.into() }
    }

    /// GET.
    pub fn get(&self, address: &str) -> Answer {
        self.ask(Method::GET, address, &[])
    }

    /// Any request without a body.
    pub fn ask(&self, method: Method, address: &str, headers: &[(&str, &str)]) -> Answer {
        match &self.token {
            None => self.send(method, address, headers, None),
            Some(token) => {
                let cookie = format!("{}={token}", self.state.cookie_name());
                self.send(method, address, &[&[("cookie", cookie.as_str())], headers].concat(), None)
            }
        }
    }

    /// A form as a browser sends it.
    pub fn post_form(&self, address: &str, headers: &[(&str, &str)], fields: &[(&str, &str)]) -> Answer {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        let own = [("content-type", "application/x-www-form-urlencoded")];
        self.send(Method::POST, address, &[&own, headers].concat(), Some(body.finish()))
    }

    /// Any request.
    pub fn send(&self, method: Method, address: &str, headers: &[(&str, &str)], body: Option<String>) -> Answer {
        self.send_bytes(method, address, headers, body.map(String::into_bytes))
    }

    /// Any request, whatever it carries.
    pub fn send_bytes(&self, method: Method, address: &str, headers: &[(&str, &str)], body: Option<Vec<u8>>) -> Answer {
        self.system.block_on(async {
            let mut request = TestRequest::default().method(method).uri(address).peer_addr(self.peer.get());
            for header in headers {
                request = request.insert_header(*header);
            }
            if let Some(body) = body {
                request = request.set_payload(body);
            }
            let response = (self.service)(request).await;
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            let body = test::read_body(response).await;
            let is_text = !headers
                .get("content-type")
                .is_some_and(|kind| kind.as_bytes().ends_with(b"sheet") || kind.as_bytes().starts_with(b"image/jpeg"));
            let text = String::from_utf8(if is_text { body.to_vec() } else { Vec::new() });
            Answer { status, headers, body: text.expect("every body is UTF-8"), bytes: body.to_vec() }
        })
    }
}

impl Answer {
    /// A header's text; empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a header of plain text"))
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("not JSON ({error}): {}", self.body))
    }

    /// The words of the page's main region as a reader sees them: without markup, spaces squeezed.
    pub fn words(&self) -> String {
        let from = self.body.find("<main").unwrap_or(0);
        let to = self.body.find("</main>").unwrap_or(self.body.len());
        words_of(&self.body[from..to])
    }

    /// The session's token that the answer's cookie gives; none when it gives none.
    pub fn given_token(&self) -> Option<String> {
        let cookie = self.header("set-cookie").split(';').next()?.split_once('=')?.1;
        (!cookie.is_empty()).then(|| cookie.to_owned())
    }

    /// The values of an attribute, wherever it stands, unescaped.
    pub fn attributes(&self, name: &str) -> Vec<String> {
        let needle = format!(" {name}=\"");
        self.body.split(needle.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).map(unescape).collect()
    }
}

/// Text without markup.
pub fn words_of(html: &str) -> String {
    let mut words = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => {
                inside = false;
                words.push(' ');
            }
            c if !inside => words.push(c),
            _ => {}
        }
    }
    unescape(&words.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&#39;", "'")
        .replace("&#x2F;", "/")
        .replace("&amp;", "&")
}
