//! The one writer: commands in savepoints, several sharing a commit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::schema::head;
use super::{AnyConnection, GENESIS, Target};
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
    clock: Clock,
    head: Head,
    last_id: i64,
}

impl Tx<'_> {
    /// The connection, inside the command's savepoint.
    pub fn conn(&mut self) -> &mut AnyConnection {
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
        let mut conn = target.connect()?;
        let (jobs, inbox) = channel::<Job>();
        std::thread::spawn(move || {
            while let Ok(first) = inbox.recv() {
                serve(&mut conn, &target, &clock, first, &inbox);
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

/// One transaction: the first job and whatever else is waiting, then one commit for all.
fn serve(conn: &mut AnyConnection, target: &Target, clock: &Clock, first: Job, inbox: &Receiver<Job>) {
    let (head, last_id) = match begin(conn).or_else(|_| reconnect(conn, target)) {
        Ok(begun) => begun,
        Err(error) => return first(Err(error.clone())).1(Err(error)),
    };
    let before = (head.clone(), last_id);
    let mut tx = Tx { conn, clock: clock.clone(), head, last_id };
    let mut settled = Vec::new();
    let mut outcome = Ok(());
    let mut next = Some(first);
    while let (Ok(()), Some(job)) = (&outcome, next.take()) {
        let (acknowledge, attempted) = attempt(&mut tx, job);
        settled.push(acknowledge);
        outcome = attempted;
        next = (settled.len() < SHARED).then(|| inbox.try_recv().ok()).flatten();
    }
    // A job taken but not run: the transaction broke before its turn.
    if let (Err(error), Some(job)) = (&outcome, next) {
        settled.push(job(Err(error.clone())).1);
    }
    let outcome = outcome.and_then(|()| finish(&mut tx, &before));
    if outcome.is_err() {
        // The connection may be what broke; the next transaction's BEGIN will say so.
        drop(tx.conn.batch_execute("ROLLBACK"));
    }
    for acknowledge in settled {
        acknowledge(outcome.clone());
    }
}

/// The server may have restarted since the last command: one new connection is tried.
fn reconnect(conn: &mut AnyConnection, target: &Target) -> Result<(Head, i64)> {
    *conn = target.connect()?;
    begin(conn)
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

/// Runs one command in its savepoint. A refused command leaves no trace: not a row, not an id.
/// The second answer is an error when the transaction itself broke.
fn attempt(tx: &mut Tx<'_>, job: Job) -> (Acknowledge, Result<()>) {
    let before = (tx.head.clone(), tx.last_id);
    if let Err(error) = tx.conn.batch_execute("SAVEPOINT command") {
        let error = Error::from(error);
        return (job(Err(error.clone())).1, Err(error));
    }
    let (keep, acknowledge) = job(Ok(tx));
    let end = match keep {
        true => "RELEASE SAVEPOINT command",
        false => "ROLLBACK TO SAVEPOINT command; RELEASE SAVEPOINT command",
    };
    if !keep {
        (tx.head, tx.last_id) = before;
    }
    (acknowledge, tx.conn.batch_execute(end).map_err(Error::from))
}

fn finish(tx: &mut Tx<'_>, before: &(Head, i64)) -> Result<()> {
    if tx.head != before.0 {
        diesel::update(head::table)
            .set((
                head::seq.eq(tx.head.seq),
                head::at_us.eq(tx.head.at.micros()),
                head::hash.eq(&tx.head.hash),
                head::last_id.eq(tx.last_id),
            ))
            .execute(tx.conn)?;
    }
    debug_assert!(tx.head.seq > 0 || tx.head.hash == GENESIS);
    tx.conn.batch_execute("COMMIT")?;
    Ok(())
}
