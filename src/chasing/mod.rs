//! 催报: who has not reported a month, in which words they are reminded, and that they were.

pub mod board;
pub mod command;
pub mod letters;
pub mod store;
pub mod workday;

use crate::db::fact;

fact! {
    /// A department was reminded of a month's reports. It is a fact: it is held against them later.
    chase Chase {
        /// yyyymm.
        month: i32,
        /// Its code.
        department: String,
        /// `message`: copied into a messenger; `mail`: sent by this program.
        way: String,
        /// How many projects had no report.
        missing: i32,
        /// The words, as they were sent.
        text: String,
    }
}

/// The word of a reminder that was copied into a messenger.
pub const MESSAGE: &str = "message";
/// The word of a reminder that this program mailed.
pub const MAIL: &str = "mail";
