//! 邮件: the one way letters leave this program.

use std::time::Duration;

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::{Message, SmtpTransport, Transport};

use crate::config::Post;
use crate::error::{Error, Result};

/// A mail server that does not answer within this is tried again later.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where letters are handed in.
pub struct PostBox {
    transport: SmtpTransport,
    from: Mailbox,
}

impl PostBox {
    /// Opens it; nothing is sent yet.
    ///
    /// # Errors
    /// An address that cannot be used is refused at once, not found out at night.
    pub fn open(post: &Post) -> Result<PostBox> {
        let from = mailbox("mail_from", &post.from)?;
        let builder = SmtpTransport::from_url(&post.smtp).map_err(|_| {
            let message = "不是邮件服务器地址；写成 smtps://用户:口令@主机 或 smtp://用户:口令@主机:587?tls=required";
            Error::invalid("smtp_url", "", message)
        })?;
        Ok(PostBox { transport: builder.timeout(Some(PATIENCE)).build(), from })
    }

    /// Hands a letter in.
    ///
    /// # Errors
    /// [`Error::Unavailable`] says in the server's words why it was not taken.
    pub fn send(&self, to: &str, subject: &str, text: String) -> Result<()> {
        let unavailable = |cause: String| Error::Unavailable(cause);
        let mut letter = Message::builder().from(self.from.clone()).subject(subject);
        // Without it a mail program may read Chinese as ASCII.
        letter = letter.header(ContentType::TEXT_PLAIN);
        for one in to.split(',') {
            letter = letter.to(mailbox("to", one)?);
        }
        let letter = letter.body(text).map_err(|error| unavailable(error.to_string()))?;
        self.transport.send(&letter).map(drop).map_err(|error| unavailable(error.to_string()))
    }
}

/// Checks an address.
///
/// # Errors
/// Names the field it was given in.
pub fn mailbox(field: &str, text: &str) -> Result<Mailbox> {
    text.trim().parse().map_err(|_| Error::invalid(field, text, "不是邮件地址；写成 taizhang@example.gov.cn"))
}
