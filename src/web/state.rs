//! What a running server holds: the database, the templates, and caches keyed by the head.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::answer::Body;
use super::query::Setting;
use super::view::View;
use crate::db::{Db, Head};
use crate::error::Result;
use crate::report::asked::NAV;
use crate::report::frame::NavItem;

/// A head is believed this long: another process's write is seen within a second, ours at once.
const BELIEVED: Duration = Duration::from_millis(250);
/// All cached pages together: a few hundred ordinary ones.
const CACHE_BYTES: usize = 16 * 1024 * 1024;

/// The state of a server; everything but caches is immutable.
pub struct State {
    /// The database.
    pub db: Db,
    /// The templates.
    pub view: View,
    /// What stays the same for every request.
    pub setting: Setting,
    head: Mutex<Option<(Instant, Head)>>,
    pages: Mutex<Pages>,
}

#[derive(Default)]
struct Pages {
    of: Option<(i64, i32)>,
    bodies: HashMap<String, Body>,
    bytes: usize,
}

impl State {
    /// A server's state.
    pub fn new(db: Db, setting: Setting) -> Result<State> {
        Ok(State { db, view: View::load()?, setting, head: Mutex::new(None), pages: Mutex::default() })
    }

    /// The head, read from the database when the last reading is too old. Blocks.
    pub fn head(&self) -> Result<Head> {
        if let Some(head) = self.believed() {
            return Ok(head);
        }
        let head = self.db.read(Head::find)?;
        *self.head.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), head.clone()));
        Ok(head)
    }

    /// The head if it was read just now.
    pub fn believed(&self) -> Option<Head> {
        let held = self.head.lock().unwrap_or_else(PoisonError::into_inner);
        held.as_ref().filter(|(read, _)| read.elapsed() < BELIEVED).map(|(_, head)| head.clone())
    }

    /// A page rendered at this head and day.
    pub fn cached(&self, seq: i64, today: i32, address: &str) -> Option<Body> {
        let pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        if pages.of == Some((seq, today)) { pages.bodies.get(address).cloned() } else { None }
    }

    /// Keeps a page; a new head or a full cache begins anew.
    pub fn keep(&self, seq: i64, today: i32, address: String, body: Body) {
        let size = body.bytes.len() + address.len();
        if size > CACHE_BYTES / 8 {
            return;
        }
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        if pages.of != Some((seq, today)) || pages.bytes + size > CACHE_BYTES {
            *pages = Pages { of: Some((seq, today)), ..Pages::default() };
        }
        pages.bytes += size;
        pages.bodies.insert(address, body);
    }

    /// The navigation without a view to keep, for error pages.
    pub fn plain_nav(&self) -> Vec<NavItem> {
        NAV.iter()
            .map(|(label, href, key)| NavItem {
                label: (*label).into(),
                href: (*href).into(),
                current: false,
                key: (*key).into(),
            })
            .collect()
    }

    /// Who runs it, in the footer's words.
    pub fn operator_line(&self) -> String {
        match &self.setting.operator.name {
            Some(name) => format!("主办：{name}"),
            None => "试运行，未设置主办单位；非政府正式发布".into(),
        }
    }
}
