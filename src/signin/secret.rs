//! Random secrets, and the only form in which the database holds them.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// Small letters and digits that are not mistaken for one another when read aloud or copied from
/// paper: no 0 o 1 l i. 31 signs, so a sign carries 4.95 bits.
const READABLE: &[u8] = b"23456789abcdefghjkmnpqrstuvwxyz";

/// So many random bytes from the system.
pub(super) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Error::internal("取不到随机数", error.to_string()))?;
    Ok(bytes)
}

/// A token of 256 bits: nobody guesses it, so a plain hash of it can be stored (ASVS 6.5.2, 7.2.3).
pub(super) fn new_token() -> Result<String> {
    Ok(BASE64URL_NOPAD.encode(&random::<32>()?))
}

/// What is stored of a token or a recovery code.
pub(super) fn hash(token: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(token.as_bytes()))
}

/// `groups` groups of `size` readable signs with hyphens between.
pub(super) fn readable(groups: usize, size: usize) -> Result<String> {
    let mut text = String::with_capacity(groups * (size + 1));
    let mut left = groups * size;
    while left > 0 {
        for byte in random::<32>()? {
            // Only whole multiples of the alphabet, so that no sign is likelier than another.
            let Some(sign) = READABLE.get(usize::from(byte) % READABLE.len()).filter(|_| byte < 248) else { continue };
            if left == 0 {
                break;
            }
            if left < groups * size && left.is_multiple_of(size) {
                text.push('-');
            }
            text.push(char::from(*sign));
            left -= 1;
        }
    }
    Ok(text)
}

/// A readable secret as it is compared: hyphens and spaces do not matter, nor does case.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '-').flat_map(char::to_lowercase).collect()
}
