//! Passwords: what is accepted, and how it is kept.

use std::cell::Cell;
use std::collections::HashSet;
use std::sync::{Condvar, Mutex, OnceLock, PoisonError};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use zxcvbn::zxcvbn;

use super::secret;
use crate::account::Person;
use crate::error::{Error, Result};

/// Memory of one hash in KiB, with [`PASSES`] and one lane: the first choice of OWASP's password
/// storage cheat sheet for argon2id. 19 MiB make a graphics card's thousand cores useless, two
/// passes cost this server some 30 ms, and two at once cost 38 MiB.
pub const MEMORY_KIB: u32 = 19_456;
/// Passes over the memory.
pub const PASSES: u32 = 2;
/// Hashes under way at the same time: one a core of the smallest machine, so that a flood of
/// sign-ins cannot take memory or pages' time.
const AT_ONCE: usize = 2;
/// More than these waiting are told to come back: at 30 ms each the last has waited half a second.
const WAITING: usize = 32;

/// Length is what makes a password hard to guess; nothing is asked of its signs (ASVS 6.2.5).
pub const LEAST: usize = 10;
/// Long enough for a sentence; what is longer is no password.
pub const MOST: usize = 128;
/// 128 signs of UTF-8: what is longer is refused before it is even counted.
const MOST_BYTES: usize = MOST * 4;

/// One a line; see its head for where it comes from.
const COMMON: &str = include_str!("common.txt");

/// Verified when there is no account, so that the work is the same: same parameters, a hash that
/// nothing gives.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Fewer guesses than these are not enough. zxcvbn knows the 30,000 commonest passwords, words and
/// names of English, paths over the keyboard, dates, repetition, capitals and signs in the place of
/// letters; whatever is one of these, or two with a digit between, stays below a million. Its own
/// scale calls less than that "very guessable".
const LEAST_GUESSES: u64 = 1_000_000;

/// What a new password must be:
/// 1. 10 to 128 signs of any kind;
/// 2. not among the commonest, with or without digits and punctuation around it, nor guessed in
///    fewer than a million tries by someone who knows the habits of people and this one's name;
/// 3. not one sign or two over and over, nor a run such as 0123456789;
/// 4. not one's own login, name or phone, with or without digits around it.
pub fn check(password: &str, person: &Person) -> Result<()> {
    // A password is never repeated in a message.
    let refuse = |message: String| Err(Error::invalid("password", "", message));
    if password.len() > MOST_BYTES || password.chars().count() > MOST {
        return refuse(format!("太长；最多 {MOST} 个字"));
    }
    let count = password.chars().count();
    if count < LEAST {
        return refuse(format!("只有 {count} 个字；至少 {LEAST} 个字，可以是一句话，什么字都行"));
    }
    let lower = password.to_lowercase();
    let core = lower.trim_matches(|c: char| !c.is_alphabetic());
    let is_common = common().contains(lower.as_str()) || common().contains(core) || is_monotonous(&lower);
    if is_common || is_guessable(password, person) {
        return refuse("太常见，容易被猜中；换一个，比如几个不相干的词连在一起".into());
    }
    let own = [&person.login, &person.name, &person.phone].map(|text| text.to_lowercase());
    match own.iter().any(|own| !own.is_empty() && (*own == lower || own == core)) {
        true => refuse("与自己的登录名、姓名或电话相同；换一个".into()),
        false => Ok(()),
    }
}

/// The first hundred signs are enough to know.
fn is_guessable(password: &str, person: &Person) -> bool {
    let own = [person.login.as_str(), &person.name, &person.phone, "taizhang", "chaoyang"];
    zxcvbn(password, &own).guesses() < LEAST_GUESSES
}

fn common() -> &'static HashSet<&'static str> {
    static WORDS: OnceLock<HashSet<&'static str>> = OnceLock::new();
    WORDS.get_or_init(|| COMMON.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect())
}

/// At most two different signs, or every sign the one after (or before) the last, 0 after 9.
fn is_monotonous(password: &str) -> bool {
    let signs: Vec<char> = password.chars().collect();
    let different: HashSet<&char> = signs.iter().collect();
    let runs = |step: i64| {
        signs.windows(2).all(|pair| {
            let (one, next) = (i64::from(u32::from(pair[0])), i64::from(u32::from(pair[1])));
            next - one == step || pair[0].is_ascii_digit() && pair[1].is_ascii_digit() && (next - one - step) % 10 == 0
        })
    };
    different.len() <= 2 || runs(1) || runs(-1)
}

/// Whether a password typed at sign-in could be one at all: nothing longer is hashed.
pub fn could_be(password: &str) -> bool {
    !password.is_empty() && password.len() <= MOST_BYTES
}

/// A one-time password: 20 readable signs, 99 bits, in groups for reading aloud.
pub fn one_time() -> Result<String> {
    secret::readable(4, 5)
}

/// The hash to store: argon2id with a random salt, in the PHC form that names its parameters.
pub fn hash(password: &str) -> Result<String> {
    let _slot = Slot::take()?;
    let hash = argon()?
        .hash_password(password.as_bytes())
        .map_err(|error| Error::internal("口令散列失败", error.to_string()))?;
    Ok(hash.to_string())
}

/// Whether a password is the one stored. Without one (nobody of that name) the same work is done.
pub fn verify(password: &str, stored: Option<&str>) -> Result<bool> {
    let _slot = Slot::take()?;
    VERIFIED.with(|count| count.set(count.get() + 1));
    let parsed = PasswordHash::new(stored.unwrap_or(NOBODY))
        .map_err(|error| Error::internal("存着的口令散列读不出", error.to_string()))?;
    Ok(argon()?.verify_password(password.as_bytes(), &parsed).is_ok() && stored.is_some())
}

fn argon() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None)
        .map_err(|error| Error::internal("口令散列的参数不对", error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

thread_local! {
    static VERIFIED: Cell<u64> = const { Cell::new(0) };
}

/// How many passwords this thread has verified: what "the same work whether or not the name exists" is
/// counted by.
pub fn verified_here() -> u64 {
    VERIFIED.with(Cell::get)
}

/// Leave to hash.
struct Slot;

#[derive(Default)]
struct Queue {
    running: usize,
    waiting: usize,
}

static QUEUE: Mutex<Queue> = Mutex::new(Queue { running: 0, waiting: 0 });
static FREED: Condvar = Condvar::new();

impl Slot {
    fn take() -> Result<Slot> {
        let mut queue = QUEUE.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.waiting >= WAITING {
            return Err(Error::Unavailable("登录的人太多，请过几秒再试".into()));
        }
        queue.waiting += 1;
        while queue.running >= AT_ONCE {
            queue = FREED.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        queue.waiting -= 1;
        queue.running += 1;
        Ok(Slot)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        QUEUE.lock().unwrap_or_else(PoisonError::into_inner).running -= 1;
        FREED.notify_one();
    }
}
