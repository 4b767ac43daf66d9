//! Rows of a transaction that are stored together, and what the writer need not look up again.

use std::any::Any;
use std::collections::HashMap;

use super::{Head, Rows};
use crate::error::Result;

/// Rows that may wait until something reads, or until the commit: those of all the commands
/// that share it are then stored by the same few statements.
pub trait Later: Send + Sized + 'static {
    /// What stores them: statements of which no two touch the same row.
    fn statements(rows: &[Self]) -> Result<Vec<Rows>>;
}

/// The waiting rows of one kind.
trait Queue: Any {
    fn len(&self) -> usize;
    fn truncate(&mut self, len: usize);
    /// Takes the first `n` rows off, as the statements that store them.
    fn take(&mut self, n: usize) -> Result<Vec<Rows>>;
}

impl<L: Later> Queue for Vec<L> {
    fn len(&self) -> usize {
        self.len()
    }

    fn truncate(&mut self, len: usize) {
        self.truncate(len);
    }

    fn take(&mut self, n: usize) -> Result<Vec<Rows>> {
        let statements = L::statements(&self[..n])?;
        self.drain(..n);
        Ok(statements)
    }
}

/// How many rows of each kind wait.
pub(super) type Mark = Vec<usize>;

/// Everything that waits in a transaction.
#[derive(Default)]
pub(super) struct Waiting(Vec<Box<dyn Queue>>);

impl Waiting {
    pub(super) fn push<L: Later>(&mut self, row: L) {
        for queue in &mut self.0 {
            let queue: &mut dyn Any = &mut **queue;
            if let Some(rows) = queue.downcast_mut::<Vec<L>>() {
                return rows.push(row);
            }
        }
        self.0.push(Box::new(vec![row]));
    }

    pub(super) fn mark(&self) -> Mark {
        self.0.iter().map(|queue| queue.len()).collect()
    }

    /// Forgets what came after the mark.
    pub(super) fn back_to(&mut self, mark: &Mark) {
        for (at, queue) in self.0.iter_mut().enumerate() {
            queue.truncate(mark.get(at).copied().unwrap_or(0));
        }
    }

    /// Takes off what had come before the mark, as statements.
    pub(super) fn take(&mut self, mark: &Mark) -> Result<Vec<Rows>> {
        let mut statements = Vec::new();
        for (queue, n) in self.0.iter_mut().zip(mark) {
            if *n > 0 {
                statements.extend(queue.take(*n)?);
            }
        }
        Ok(statements)
    }

    /// Takes off everything.
    pub(super) fn take_all(&mut self) -> Result<Vec<Rows>> {
        self.take(&self.mark())
    }
}

/// Enough for a district's projects, documents and sources; about 3 MB.
const REMEMBERED: usize = 20_000;

/// What commands looked up and later ones will ask again: the id of a code, say. True at one
/// head, and forgotten when a transaction finds another or a command is taken back.
#[derive(Default)]
pub(super) struct Memory {
    at: Option<Head>,
    values: HashMap<(&'static str, String), Box<dyn Any + Send>>,
}

impl Memory {
    /// Another process may have written since: what was learnt at another head is forgotten.
    pub(super) fn open(&mut self, head: &Head) {
        if self.at.as_ref() != Some(head) {
            self.values.clear();
        }
        self.at = None;
    }

    /// What is known holds at this head, which is on disk.
    pub(super) fn close(&mut self, head: Head) {
        self.at = Some(head);
    }

    pub(super) fn forget(&mut self) {
        self.values.clear();
    }

    pub(super) fn get<T: Clone + 'static>(&self, kind: &'static str, key: &str) -> Option<T> {
        self.values.get(&(kind, key.to_owned()))?.downcast_ref().cloned()
    }

    pub(super) fn put<T: Send + 'static>(&mut self, kind: &'static str, key: &str, value: T) {
        if self.values.len() >= REMEMBERED {
            self.values.clear();
        }
        self.values.insert((kind, key.to_owned()), Box::new(value));
    }
}
