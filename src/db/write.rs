//! The one writer: commands one after another, several sharing a commit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::later::{Later, Mark, Memory, Waiting};
use super::schema::head;
use super::{AnyConnection, GENESIS, Rows, Target, Value};
use crate::clock::{Clock, Instant};
use crate::error::{Error, Result};

/// At most this many commands share one commit: enough that the disk's flush is spread thin,
/// few enough that the first of them does not wait for long.
const SHARED: usize = 64;

/// The end of the journal: the version of everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Number of the last journal row; 0 when there is none.
    pub seq: i64,
    /// When it was recorded.
    pub at: Instant,
    /// Its hash.
    pub hash: String,
}

impl Head {
    /// The head this snapshot sees.
    pub fn find(conn: &mut AnyConnection) -> Result<Head> {
        let (seq, at_us, hash): (i64, i64, String) =
            head::table.select((head::seq, head::at_us, head::hash)).first(conn)?;
        Ok(Head { seq, at: Instant::from_micros(at_us), hash })
    }
}

impl Head {
    /// The highest fact id given out so far, as the head row has it.
    pub fn last_id(conn: &mut AnyConnection) -> Result<i64> {
        Ok(head::table.select(head::last_id).first(conn)?)
    }
}

/// A command under way: the connection, the head it builds on, and ids to give out.
pub struct Tx<'a> {
    conn: &'a mut AnyConnection,
    memory: &'a mut Memory,
    clock: Clock,
    head: Head,
    last_id: i64,
    waiting: Waiting,
    undo: Undo,
    /// Whether the transaction holds an earlier command that is to be committed.
    kept: bool,
    broken: Option<Error>,
}

/// How a command that is refused can be taken back.
enum Undo {
    /// It has not touched the connection: what waits since this mark is dropped.
    Drop(Mark),
    /// Other commands came before it: back to its savepoint.
    Savepoint,
    /// It is the first: the whole transaction is rolled back.
    Transaction,
}

impl Tx<'_> {
    /// The connection. Whatever waits is stored first, so that every statement sees it.
    pub fn conn(&mut self) -> &mut AnyConnection {
        if self.broken.is_none() {
            self.broken = self.settle().err();
        }
        self.conn
    }

    /// The clock this command reads.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The journal's end so far.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The next fact id. Ids of a command that fails are given out again.
    pub fn next_id(&mut self) -> i64 {
        self.last_id += 1;
        self.last_id
    }

    /// Moves the head on after a journal row was written.
    pub fn advance(&mut self, head: Head) {
        self.head = head;
    }

    /// Stores a row when something is next read, or at the commit.
    pub fn later<L: Later>(&mut self, row: L) {
        self.waiting.push(row);
    }

    /// What `load` finds now, or found for an earlier command: for what stays true until a
    /// command [`Tx::remember`]s something else. What is not there is looked for every time.
    pub fn recall<T: Clone + Send + 'static>(
        &mut self,
        kind: &'static str,
        key: &str,
        load: impl FnOnce(&mut AnyConnection) -> Result<Option<T>>,
    ) -> Result<Option<T>> {
        if let Some(known) = self.memory.get(kind, key) {
            return Ok(Some(known));
        }
        let found = load(self.conn())?;
        if let Some(found) = &found {
            self.memory.put(kind, key, found.clone());
        }
        Ok(found)
    }

    /// What is true from now on.
    pub fn remember<T: Send + 'static>(&mut self, kind: &'static str, key: &str, value: T) {
        self.memory.put(kind, key, value);
    }

    /// Stores what waits. What earlier commands left must not be lost with this one, so it is
    /// stored before this one's savepoint.
    fn settle(&mut self) -> Result<()> {
        if let Undo::Drop(mark) = &self.undo {
            Rows::store_all(self.waiting.take(mark)?, self.conn)?;
            if self.kept {
                self.conn.batch_execute("SAVEPOINT command")?;
                self.undo = Undo::Savepoint;
            } else {
                self.undo = Undo::Transaction;
            }
        }
        Ok(Rows::store_all(self.waiting.take_all()?, self.conn)?)
    }
}

/// What tells the caller how its command ended, once the commit is known.
type Acknowledge = Box<dyn FnOnce(Result<()>) + Send>;
/// A command with its answer's way back; true when it is to be kept.
type Job = Box<dyn FnOnce(Result<&mut Tx<'_>>) -> (bool, Acknowledge) + Send>;

/// A handle to the writing thread, which ends when the last handle is dropped.
#[derive(Clone)]
pub(super) struct Writer {
    jobs: Sender<Job>,
}

impl Writer {
    pub(super) fn start(target: Target, clock: Clock) -> Result<Writer> {
        let conn = target.connect()?;
        let (jobs, inbox) = channel::<Job>();
        std::thread::spawn(move || {
            let mut desk = Desk { conn, target, clock, inbox, memory: Memory::default(), singly: 0 };
            while let Ok(first) = desk.inbox.recv() {
                desk.serve(first);
            }
        });
        Ok(Writer { jobs })
    }

    pub(super) fn run<T: Send + 'static>(
        &self,
        command: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, waiting) = channel();
        let job: Job = Box::new(move |tx| {
            let outcome = tx.and_then(|tx| {
                catch_unwind(AssertUnwindSafe(|| command(tx)))
                    .unwrap_or_else(|_| Err(Error::internal("命令执行中断", "panic in a command")))
            });
            let keep = outcome.is_ok();
            let acknowledge: Acknowledge = Box::new(move |commit| {
                // A caller that has gone away needs no answer.
                drop(answer.send(commit.and(outcome)));
            });
            (keep, acknowledge)
        });
        let stopped = || Error::internal("写入线程已停止", "writer thread is gone");
        self.jobs.send(job).map_err(|_| stopped())?;
        waiting.recv().map_err(|_| stopped())?
    }
}

/// Where commands are worked off: what the writing thread owns.
struct Desk {
    conn: AnyConnection,
    target: Target,
    clock: Clock,
    inbox: Receiver<Job>,
    memory: Memory,
    /// So many commands get a commit of their own, after one that failed for several.
    singly: usize,
}

impl Desk {
    /// One transaction: the first job and whatever else is waiting, then one commit for all.
    fn serve(&mut self, first: Job) {
        let begun = begin(&mut self.conn).or_else(|_| self.reconnect());
        let (head, last_id) = match begun {
            Ok(begun) => begun,
            Err(error) => return first(Err(error.clone())).1(Err(error)),
        };
        self.memory.open(&head);
        let most = if self.singly > 0 { 1 } else { SHARED };
        self.singly = self.singly.saturating_sub(1);
        let before = head.clone();
        let mut tx = Tx {
            conn: &mut self.conn,
            memory: &mut self.memory,
            clock: self.clock.clone(),
            head,
            last_id,
            waiting: Waiting::default(),
            undo: Undo::Transaction,
            kept: false,
            broken: None,
        };
        let mut settled = Vec::new();
        let mut so_far = Ok(Next::More);
        let mut next = Some(first);
        while let (Ok(Next::More), Some(job)) = (&so_far, next.take()) {
            let (acknowledge, attempted) = attempt(&mut tx, job);
            settled.push(acknowledge);
            so_far = attempted;
            let more = matches!(so_far, Ok(Next::More)) && settled.len() < most;
            next = more.then(|| self.inbox.try_recv().ok()).flatten();
        }
        let undone = matches!(so_far, Ok(Next::Undone));
        let outcome = match so_far {
            Ok(Next::More) => finish(&mut tx, &before),
            Ok(Next::Undone) => Ok(()),
            Err(error) => Err(error),
        };
        let head = tx.head;
        if undone || outcome.is_err() {
            self.memory.forget();
            // The connection may be what broke; the next transaction's BEGIN will say so.
            drop(self.conn.batch_execute("ROLLBACK"));
        } else {
            self.memory.close(head);
        }
        if outcome.is_err() && settled.len() > 1 {
            // One of them may have been the cause: whoever tries again is judged alone.
            self.singly = SHARED;
        }
        for acknowledge in settled {
            acknowledge(outcome.clone());
        }
    }

    /// The server may have restarted since the last command: one new connection is tried.
    fn reconnect(&mut self) -> Result<(Head, i64)> {
        self.conn = self.target.connect()?;
        begin(&mut self.conn)
    }
}

fn begin(conn: &mut AnyConnection) -> Result<(Head, i64)> {
    type Row = (i64, i64, String, i64);
    let row: Row = match conn {
        AnyConnection::Sqlite(conn) => {
            conn.batch_execute("BEGIN IMMEDIATE")?;
            head::table.select((head::seq, head::at_us, head::hash, head::last_id)).first(conn)?
        }
        AnyConnection::Pg(conn) => {
            conn.batch_execute("BEGIN")?;
            head::table.select((head::seq, head::at_us, head::hash, head::last_id)).for_update().first(conn)?
        }
    };
    let (seq, at_us, hash, last_id) = row;
    Ok((Head { seq, at: Instant::from_micros(at_us), hash }, last_id))
}

/// Whether a transaction goes on after a command.
enum Next {
    /// It can take another, or be committed.
    More,
    /// The command was refused and the transaction, which held nothing else, ends with it.
    Undone,
}

/// Runs one command. A refused command leaves no trace: not a row, not an id.
/// The second answer is an error when the transaction itself broke.
fn attempt(tx: &mut Tx<'_>, job: Job) -> (Acknowledge, Result<Next>) {
    let before = (tx.head.clone(), tx.last_id);
    let mark = tx.waiting.mark();
    tx.undo = Undo::Drop(mark);
    let (keep, acknowledge) = job(Ok(tx));
    if let Some(error) = tx.broken.take() {
        return (acknowledge, Err(error));
    }
    let savepoint = matches!(tx.undo, Undo::Savepoint);
    if keep {
        tx.kept = true;
        let released = if savepoint { tx.conn.batch_execute("RELEASE SAVEPOINT command") } else { Ok(()) };
        return (acknowledge, released.map(|()| Next::More).map_err(Error::from));
    }
    (tx.head, tx.last_id) = before;
    tx.memory.forget();
    let undone = match &tx.undo {
        Undo::Drop(mark) => {
            tx.waiting.back_to(mark);
            Ok(Next::More)
        }
        Undo::Savepoint => {
            tx.waiting.back_to(&Mark::new());
            let end = "ROLLBACK TO SAVEPOINT command; RELEASE SAVEPOINT command";
            tx.conn.batch_execute(end).map(|()| Next::More).map_err(Error::from)
        }
        Undo::Transaction => Ok(Next::Undone),
    };
    (acknowledge, undone)
}

/// Stores what waits, moves the head on and commits.
fn finish(tx: &mut Tx<'_>, before: &Head) -> Result<()> {
    let mut statements = tx.waiting.take_all()?;
    if tx.head != *before {
        let row: [Value; 4] =
            [tx.head.seq.into(), tx.head.at.micros().into(), tx.head.hash.as_str().into(), tx.last_id.into()];
        let set = "UPDATE head SET seq = column1, at_us = column2, hash = column3, last_id = column4 FROM (";
        statements.push(Rows::new(set, vec![row.into()], ") AS moved"));
    }
    debug_assert!(tx.head.seq > 0 || tx.head.hash == GENESIS);
    Rows::store_all(statements, tx.conn)?;
    tx.conn.batch_execute("COMMIT")?;
    Ok(())
}
