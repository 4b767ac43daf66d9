//! The built program serving a database of its own, as an operator would start it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// A running `taizhang serve`; stopped when it is dropped.
pub struct Server {
    process: Child,
    origin: String,
    // Kept open: a program whose output nobody reads may stop at its next line.
    _output: BufReader<ChildStdout>,
    // Some until it is taken over by the next server.
    folder: Option<TempDir>,
}

impl Server {
    /// Starts the program on a free port with an empty database, and waits until it says where it
    /// is. `flags` are added to `serve`.
    pub fn start(flags: &[&str]) -> Server {
        Server::start_in(tempfile::tempdir().expect("a temporary folder"), flags)
    }

    /// The same over what an earlier server left in its folder.
    pub fn start_in(folder: TempDir, flags: &[&str]) -> Server {
        let database = format!("sqlite://{}", folder.path().join("served.db").display());
        let mut process = Command::new(env!("CARGO_BIN_EXE_taizhang"))
            .args(["serve", "--listen", "127.0.0.1:0", "--database-url", &database])
            .args(flags)
            .env_remove("DATABASE_URL")
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut output = BufReader::new(process.stdout.take().expect("its output is ours"));
        let mut line = String::new();
        output.read_line(&mut line).expect("its output is text");
        let origin = line.trim().to_owned();
        assert!(origin.starts_with("http://127.0.0.1:"), "it says where it is on its first line: {origin:?}");
        Server { process, origin, _output: output, folder: Some(folder) }
    }

    /// Its database.
    pub fn database(&self) -> String {
        let folder = self.folder.as_ref().expect("its folder");
        format!("sqlite://{}", folder.path().join("served.db").display())
    }

    /// Ends it as a power cut would (SIGKILL): nothing is said to it. Its folder stays.
    pub fn kill(mut self) -> TempDir {
        self.process.kill().expect("it was running");
        self.process.wait().expect("it ends");
        self.folder.take().expect("its folder")
    }

    /// `http://127.0.0.1:PORT`, without a slash.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The status and body of a GET, as any client would see them.
    pub fn get(&self, path: &str) -> (u16, String) {
        let (status, _, body) = self.ask("GET", path);
        (status, body)
    }

    /// The status, the head and the body of a request.
    pub fn ask(&self, method: &str, path: &str) -> (u16, String, String) {
        let address = self.origin.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).expect("the server answers");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a time-out");
        // HTTP/1.0: the answer ends with the connection, in one piece.
        write!(stream, "{method} {path} HTTP/1.0\r\nHost: {address}\r\nContent-Length: 0\r\n\r\n")
            .expect("the request is sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("the answer arrives");
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        (status, head.to_owned(), body.to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; the test has then said so already.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
