//! A PostgreSQL database for each test, created from one that was made once.

use std::process;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::connection::SimpleConnection;
use taizhang::db::{AnyConnection, Target};

use super::{Stock, fill};

/// A database of one test; dropping it drops the database.
pub(super) struct Home {
    server: String,
    name: String,
}

impl Drop for Home {
    fn drop(&mut self) {
        // With FORCE: a reader's connection may close a moment after its pool.
        let dropped = connect(&self.server).batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
        if let Err(error) = dropped {
            eprintln!("{} stays behind: {error}", self.name);
        }
    }
}

/// The server that `tests/run` starts, when there is one.
pub(super) fn server() -> Option<String> {
    std::env::var("TAIZHANG_TEST_POSTGRES").ok()
}

pub(super) fn create(server: &str, stock: Stock) -> (String, Home) {
    static SCHEMA: OnceLock<String> = OnceLock::new();
    static PLAN: OnceLock<String> = OnceLock::new();
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let template = match stock {
        Stock::Schema => &SCHEMA,
        Stock::Plan => &PLAN,
    };
    let template = template.get_or_init(|| make_template(server, stock));
    let name = format!("test_{}_{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    connect(server)
        .batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template}"))
        .expect("a database is created");
    (url_of(server, &name), Home { server: server.to_owned(), name })
}

fn make_template(server: &str, stock: Stock) -> String {
    let name = format!("template_{}_{stock:?}", process::id()).to_lowercase();
    connect(server)
        .batch_execute(&format!(
            "CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"
        ))
        .expect("the template is created");
    fill(&url_of(server, &name), stock);
    name
}

fn connect(url: &str) -> AnyConnection {
    Target::parse(url).and_then(|target| target.connect()).expect("the test server answers; start it with tests/run")
}

/// The same server, another database.
fn url_of(server: &str, name: &str) -> String {
    let (address, query) = match server.split_once('?') {
        Some((address, query)) => (address, format!("?{query}")),
        None => (server, String::new()),
    };
    let (host, _) = address.rsplit_once('/').expect("TAIZHANG_TEST_POSTGRES ends in /database");
    format!("{host}/{name}{query}")
}
