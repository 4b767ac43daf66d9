//! What a running server holds: the database, the templates, and caches keyed by the head.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::answer::{Body, shown_path};
use super::query::Setting;
use super::view::View;
use super::viewer::{Credential, Viewer};
use crate::db::{Db, Head};
use crate::error::{Error, Result};
use crate::report::asked::NAV;
use crate::report::frame::NavItem;
use crate::signin::{self, Event, Kind, Limits, Signed};

/// A head is believed this long: another process's write is seen within a second, ours at once.
const BELIEVED: Duration = Duration::from_millis(250);
/// All cached pages together: a hundred and more ordinary ones.
const CACHE_BYTES: usize = 8 * 1024 * 1024;

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
    viewers: Mutex<HashMap<String, Remembered>>,
    noted: Mutex<HashMap<(Kind, IpAddr), Instant>>,
}

/// Someone who was read from the database.
#[derive(Clone)]
struct Remembered {
    viewer: Viewer,
    /// When the session was last seen to be there.
    checked: Instant,
    /// The head and the moment of the register's clock that the rights are known at: what gives or
    /// takes them is in the journal.
    seq: i64,
    read: crate::clock::Instant,
}

/// Rights are read again after so long even when nothing was recorded: delegations begin and end,
/// sessions grow old, and that one is in use is noted.
const READ_AGAIN_US: i64 = 60 * signin::SECOND;

/// See [`State::note`].
const NOTED: Duration = Duration::from_secs(10);

/// Viewers remembered at once; more than ever sign in within a quarter of a second.
const VIEWERS: usize = 1_000;

fn shown(credential: &Credential) -> &str {
    match credential {
        Credential::None => "",
        Credential::Session(token) | Credential::Token(token) => token,
    }
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
        Ok(State {
            db,
            view: View::load()?,
            setting,
            head: Mutex::new(None),
            pages: Mutex::default(),
            viewers: Mutex::default(),
            noted: Mutex::default(),
        })
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

    /// After a write of ours: its head and its rights hold at once.
    pub fn forget_head(&self) {
        *self.head.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.viewers.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Who showed this credential a moment ago.
    pub fn recent_viewer(&self, credential: &Credential) -> Option<Viewer> {
        let viewers = self.viewers.lock().unwrap_or_else(PoisonError::into_inner);
        let held = viewers.get(shown(credential))?;
        (held.checked.elapsed() < BELIEVED && held.viewer.credential == *credential).then(|| held.viewer.clone())
    }

    /// Who shows this credential, read from the database. Blocks.
    ///
    /// # Errors
    /// [`Error::SignIn`] for an API token that is not valid; a session that is not is the public's.
    pub fn viewer(&self, credential: Credential) -> Result<Viewer> {
        // Before the rights are read: what is recorded meanwhile is noticed next time.
        let (checked, read, seq) = (Instant::now(), self.db.clock().now(), self.head()?.seq);
        if let Some(viewer) = self.still(&credential, seq, read)? {
            return Ok(viewer);
        }
        let viewer = self.find_viewer(&credential)?;
        let mut viewers = self.viewers.lock().unwrap_or_else(PoisonError::into_inner);
        if viewers.len() >= VIEWERS {
            viewers.clear();
        }
        let held = Remembered { viewer: viewer.clone(), checked, seq, read };
        viewers.insert(shown(&credential).to_owned(), held);
        Ok(viewer)
    }

    /// Whose session this was a moment ago, if nothing was recorded since and it is still there:
    /// one row is read instead of all that rights are made of.
    fn still(&self, credential: &Credential, seq: i64, now: crate::clock::Instant) -> Result<Option<Viewer>> {
        let Credential::Session(token) = credential else { return Ok(None) };
        let lock = || self.viewers.lock().unwrap_or_else(PoisonError::into_inner);
        let held = lock()
            .get(token)
            .filter(|held| held.viewer.is_signed_in() && held.viewer.credential == *credential)
            .cloned();
        let is_same = |held: &Remembered| {
            held.seq == seq
                && held.read.day() == now.day()
                && (0..READ_AGAIN_US).contains(&(now.micros() - held.read.micros()))
        };
        let Some(held) = held.filter(is_same) else { return Ok(None) };
        let checked = Instant::now();
        if !self.db.read(|conn| signin::is_open(conn, token))? {
            return Ok(None);
        }
        // Gone meanwhile: something of ours was written, and everything is asked again.
        Ok(lock().get_mut(token).map(|kept| {
            kept.checked = checked;
            held.viewer
        }))
    }

    fn find_viewer(&self, credential: &Credential) -> Result<Viewer> {
        let signed =
            match credential {
                Credential::None => None,
                Credential::Session(_) => self.signed(credential)?,
                Credential::Token(_) => Some(self.signed(credential)?.ok_or_else(|| {
                    Error::SignIn("接口令牌不对、已过期、已撤销，或角色已经改变；请用有效的令牌".into())
                })?),
            };
        Ok(match signed {
            Some(signed) => Viewer::signed(signed, credential.clone()),
            None => Viewer::public(credential.clone()),
        })
    }

    /// Who has signed in with this, and that it is in use. Blocks.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn signed(&self, credential: &Credential) -> Result<Option<Signed>> {
        let now = self.db.clock().now();
        let found = self.db.read(|conn| match credential {
            Credential::None => Ok(None),
            Credential::Session(token) => {
                let limits = Limits::held(conn, now.day())?;
                signin::find_session(conn, token, now, &limits)
            }
            Credential::Token(token) => signin::find_token(conn, token, now),
        })?;
        if let (Some(signed), true) = (&found, self.db.is_writable()) {
            match credential {
                Credential::Token(_) => signin::touch_token(&self.db, signed, now)?,
                _ => signin::touch(&self.db, signed, now)?,
            }
        }
        Ok(found)
    }

    /// Logs something that was refused at the door. Of one kind from one address a row in ten
    /// seconds: whoever hammers at it does not fill the log. Blocks.
    pub fn note(&self, kind: Kind, account_id: Option<i64>, address: IpAddr, path: &str) {
        let key = (kind, address);
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.get(&key).is_some_and(|at| at.elapsed() < NOTED) || !self.db.is_writable() {
            return;
        }
        if noted.len() >= VIEWERS {
            noted.clear();
        }
        noted.insert(key, Instant::now());
        drop(noted);
        let event = Event { kind, account_id, address: address.to_string(), detail: shown_path(path) };
        // It is refused in any case; that it could not be logged is for the operator.
        if let Err(cause) = signin::log::record(&self.db, event) {
            tracing::error!(cause = ?cause, "the security log could not be written");
        }
    }

    /// Whether people come over https.
    pub fn is_https(&self) -> bool {
        self.setting.reach.is_https()
    }

    /// Whether a public address is configured: then the public may be reading.
    pub fn has_address(&self) -> bool {
        self.setting.reach.public_url.is_some()
    }

    /// The name of the session's cookie. `__Host-` binds it to this host; browsers take that over
    /// https only.
    pub fn cookie_name(&self) -> &'static str {
        if self.is_https() { "__Host-taizhang" } else { "taizhang" }
    }

    /// Whether an address is a proxy that is trusted.
    pub fn is_proxy(&self, address: IpAddr) -> bool {
        self.setting.reach.proxies.iter().any(|network| network.contains(&address))
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
            .filter(|(.., needs)| needs.is_none())
            .map(|(label, href, key, _)| NavItem {
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
