//! What can go wrong, in words for the person who can mend it.
//!
//! Everything fallible returns [`Error`]. Only [`Error::Internal`] holds a cause that is not for
//! the reader: it is logged once, where it is answered, and the reader gets an incident number.

use std::fmt;

/// The result of everything fallible.
pub type Result<T> = std::result::Result<T, Error>;

/// One value that is not allowed, where it stands, and what is.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Fault {
    /// The parameter, field or column.
    pub field: String,
    /// What was given.
    pub value: String,
    /// What is wrong and what is allowed.
    pub message: String,
}

/// A path of ours, or a long 文号, still fits.
const MAX_NAME: usize = 120;

/// What went wrong. Display is plain Chinese.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// Values that are not allowed (400).
    Invalid(Vec<Fault>),
    /// Something named does not exist (404).
    NotFound {
        /// What kind of thing.
        what: String,
        /// Its name.
        value: String,
        /// What to do.
        hint: String,
    },
    /// It contradicts what is already recorded (409).
    Conflict(String),
    /// Only for someone who has signed in (401).
    SignIn(String),
    /// The role may not (403).
    Forbidden(String),
    /// What was seen is no longer what is there (412): says what is there now.
    Stale(String),
    /// Must say which version it changes (428).
    Unversioned(String),
    /// More than is accepted at once (413).
    TooLarge(String),
    /// A kind of content that is not accepted (415).
    Unsupported(String),
    /// Too many attempts (429): how many seconds to wait.
    TooMany(String, u32),
    /// Not now: database away, disk full, read-only (503).
    Unavailable(String),
    /// Only a long computation can answer (503).
    Deadline(String),
    /// A proof found a difference (exit 1).
    Difference(String),
    /// A fault of ours (500): the cause is for the log.
    Internal {
        /// What was being done.
        context: String,
        /// Why it failed.
        cause: String,
    },
}

impl Error {
    /// One value that is not allowed.
    pub fn invalid(field: impl Into<String>, value: impl Into<String>, message: impl Into<String>) -> Error {
        Error::Invalid(vec![Fault { field: field.into(), value: value.into(), message: message.into() }])
    }

    /// The same refusal, said of the field in which the value was given.
    pub fn of(self, field: &str) -> Error {
        match self {
            Error::Invalid(faults) => {
                Error::Invalid(faults.into_iter().map(|fault| Fault { field: field.into(), ..fault }).collect())
            }
            other => other,
        }
    }

    /// The same refusal for a machine: fields as JSON pointers into what was sent.
    pub fn pointed(self) -> Error {
        match self {
            Error::Invalid(faults) => {
                let pointer = |field: String| match field.as_str() {
                    "" | "body" => String::new(),
                    field if field.starts_with('/') => field.to_owned(),
                    field => format!("/{field}"),
                };
                let pointed = |fault: Fault| Fault { field: pointer(fault.field.clone()), ..fault };
                Error::Invalid(faults.into_iter().map(pointed).collect())
            }
            other => other,
        }
    }

    /// The same refusal, told which of many things it is about.
    pub fn within(self, what: &str) -> Error {
        match self {
            Error::Invalid(faults) => Error::Invalid(
                faults.into_iter().map(|fault| Fault { field: format!("{what} {}", fault.field), ..fault }).collect(),
            ),
            other => other,
        }
    }

    /// Something that does not exist. Of a name longer than any of ours only the beginning is repeated.
    pub fn not_found(what: &str, value: &str, hint: &str) -> Error {
        Error::NotFound { what: what.into(), value: value.chars().take(MAX_NAME).collect(), hint: hint.into() }
    }

    /// A fault of ours.
    pub fn internal(context: impl Into<String>, cause: impl Into<String>) -> Error {
        Error::Internal { context: context.into(), cause: cause.into() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Invalid(faults) => {
                for (at, fault) in faults.iter().enumerate() {
                    if at > 0 {
                        writeln!(f)?;
                    }
                    write!(f, "{fault}")?;
                }
                Ok(())
            }
            Error::NotFound { what, value, hint } => write!(f, "没有{what}「{value}」。{hint}"),
            Error::Conflict(text)
            | Error::SignIn(text)
            | Error::Forbidden(text)
            | Error::Stale(text)
            | Error::Unversioned(text)
            | Error::TooLarge(text)
            | Error::Unsupported(text)
            | Error::TooMany(text, _)
            | Error::Unavailable(text)
            | Error::Deadline(text)
            | Error::Difference(text) => f.write_str(text),
            Error::Internal { context, .. } => write!(f, "{context}（程序内部错误，已记入日志）"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value.is_empty() {
            true => write!(f, "{}：{}", self.field, self.message),
            false => write!(f, "{}「{}」：{}", self.field, self.value, self.message),
        }
    }
}

impl std::error::Error for Error {}
