//! A mail server of somebody else's making, with an empty mailbox.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use super::{python, say_once};

/// How long a letter may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running SMTP server; stopped when it is dropped.
pub struct PostOffice {
    process: Child,
    port: u16,
    folder: TempDir,
}

impl PostOffice {
    /// Opens one on a free port; none where `TAIZHANG_TEST_SMTP` does not name a Python that has
    /// `aiosmtpd`, which `tests/run` sees to.
    pub fn open() -> Option<PostOffice> {
        let Some(python) = std::env::var_os("TAIZHANG_TEST_SMTP") else {
            say_once("TAIZHANG_TEST_SMTP is not set: no letter was sent to a real mail server; `tests/run` does");
            return None;
        };
        let folder = tempfile::tempdir().expect("a folder");
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let process = Command::new(python)
            .args(["-m", "aiosmtpd", "-n", "-l", &format!("127.0.0.1:{port}"), "-c", "aiosmtpd.handlers.Mailbox"])
            .arg(folder.path().join("mail"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the mail server starts");
        let office = PostOffice { process, port, folder };
        office.wait(|| TcpStream::connect(("127.0.0.1", port)).ok());
        Some(office)
    }

    /// What `--smtp-url` takes.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// The letters taken so far, as another program reads them.
    pub fn letters(&self) -> Vec<Value> {
        let folder = self.folder.path().join("mail");
        if !folder.join("new").exists() {
            return Vec::new();
        }
        let ended = python("tests/read_mail.py", [&folder]);
        assert_eq!(ended.code, 0, "{}", ended.err);
        ended.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    /// The first letter, when it has come.
    pub fn first(&self) -> Value {
        self.wait(|| self.letters().into_iter().next())
    }

    fn wait<T>(&self, mut look: impl FnMut() -> Option<T>) -> T {
        let began = Instant::now();
        loop {
            match look() {
                Some(found) => return found,
                None if began.elapsed() > PATIENCE => panic!("it did not come within {PATIENCE:?}"),
                None => std::thread::sleep(Duration::from_millis(100)),
            }
        }
    }
}

impl Drop for PostOffice {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
