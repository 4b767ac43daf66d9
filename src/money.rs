//! Money: whole fen (分) in an `i64`. Parsed from decimal text, refused when finer than a fen,
//! added with checks, never a float. Rounding happens only in print.

use rust_decimal::Decimal;

use crate::error::{Error, Result};

/// An amount of money in fen, signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fen(i64);

const FEN_PER_YUAN: i64 = 100;
const FEN_PER_WAN: i64 = 1_000_000;
const FEN_PER_YI: i64 = 10_000_000_000;

impl Fen {
    /// Nothing.
    pub const ZERO: Fen = Fen(0);

    /// So many fen.
    pub const fn new(fen: i64) -> Fen {
        Fen(fen)
    }

    /// The number of fen.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The sum, unless it is beyond `i64`.
    pub fn checked_add(self, other: Fen) -> Result<Fen> {
        self.0.checked_add(other.0).map(Fen).ok_or_else(overflow)
    }

    /// The difference, unless it is beyond `i64`.
    pub fn checked_sub(self, other: Fen) -> Result<Fen> {
        self.0.checked_sub(other.0).map(Fen).ok_or_else(overflow)
    }

    /// The opposite, unless it is beyond `i64`.
    pub fn checked_neg(self) -> Result<Fen> {
        self.0.checked_neg().map(Fen).ok_or_else(overflow)
    }

    /// Reads yuan: `12345.67`, `1,234.5`, `-3`.
    pub fn parse_yuan(text: &str) -> Result<Fen> {
        parse(text, FEN_PER_YUAN, "元", 2)
    }

    /// Reads 万元: `958954`, `0.000001`.
    pub fn parse_wan(text: &str) -> Result<Fen> {
        parse(text, FEN_PER_WAN, "万元", 6)
    }

    /// Exact yuan with two decimals and no separators, as machines read it: `9589540000.00`.
    pub fn yuan(self) -> String {
        decimals(self.0, 2, 2)
    }

    /// Exact 万元 as a reader reads it: as few decimals as it takes, with separators.
    pub fn wan_words(self) -> String {
        separated(&self.wan_exact())
    }

    /// Exact 万元, as few decimals as it takes and no separators: `958954`, `0.000001`.
    pub fn wan_exact(self) -> String {
        let text = decimals(self.0, 6, 6);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

fn overflow() -> Error {
    Error::invalid("amount", "", "金额溢出：超出可表示的范围（约 ±9.2 亿亿分）")
}

/// The minus sign of print. On screen amounts carry it as rates and gaps do; files carry the hyphen.
const MINUS: char = '−';

/// The longest text worth reading as an amount: 19 digits, separators, sign and decimals.
const MAX_LENGTH: usize = 40;

fn parse(text: &str, fen_per_unit: i64, unit: &str, places: usize) -> Result<Fen> {
    let shown: String = text.chars().take(MAX_LENGTH).collect();
    let refuse = |message: String| Error::invalid("amount", shown.clone(), message);
    let form = || refuse(format!("不是金额；写成{unit}数，如 1234.5 或 1,234.5，不带单位"));
    // The sign as screens print it, for what is copied from one.
    let text = &text.replace(MINUS, "-");
    if text.is_empty() || text.len() > MAX_LENGTH || !is_plain(text) {
        return Err(form());
    }
    let finer = || refuse(format!("细于 1 分；以{unit}计最多 {places} 位小数"));
    // Looked at as written: beyond 28 digits a `Decimal` rounds instead of refusing.
    let decimals = text.split_once('.').map_or("", |(_, decimals)| decimals.trim_end_matches('0'));
    if decimals.len() > places {
        return Err(finer());
    }
    let plain = text.replace(',', "");
    let value: Decimal = plain.parse().map_err(|_| refuse("金额溢出：超出可表示的范围（约 ±9.2 亿亿分）".into()))?;
    let fen = value
        .checked_mul(Decimal::from(fen_per_unit))
        .ok_or_else(|| refuse("金额溢出：超出可表示的范围（约 ±9.2 亿亿分）".into()))?
        .normalize();
    if fen.scale() > 0 {
        return Err(finer());
    }
    i64::try_from(fen).map(Fen).map_err(|_| refuse("金额溢出：超出可表示的范围（约 ±9.2 亿亿分）".into()))
}

/// Sign, digits with well-placed separators or none, and decimals: nothing else.
fn is_plain(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, decimals) = match unsigned.split_once('.') {
        Some((whole, decimals)) => (whole, Some(decimals)),
        None => (unsigned, None),
    };
    let groups: Vec<&str> = whole.split(',').collect();
    let grouped = match groups.as_slice() {
        [only] => digits(only),
        [first, rest @ ..] => {
            digits(first) && first.len() <= 3 && rest.iter().all(|group| group.len() == 3 && digits(group))
        }
        [] => false,
    };
    grouped && decimals.is_none_or(digits)
}

/// `value / 10^scale` with `places ≤ scale` decimals, rounded half away from zero, exact in i128.
fn decimals(value: i64, scale: u32, places: u32) -> String {
    let cut = 10i128.pow(scale.saturating_sub(places));
    let one = 10i128.pow(places);
    let magnitude = (i128::from(value).abs() + cut / 2) / cut;
    let sign = if value < 0 && magnitude != 0 { "-" } else { "" };
    let (whole, rest) = (magnitude / one, magnitude % one);
    match usize::try_from(places) {
        Ok(width) if width > 0 => format!("{sign}{whole}.{rest:0width$}"),
        _ => format!("{sign}{whole}"),
    }
}

/// The unit a page shows money in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Unit {
    /// 元.
    Yuan,
    /// 万元, the plan's own unit.
    #[default]
    Wan,
    /// 亿元.
    Yi,
}

impl Unit {
    /// The unit of a `unit=` parameter.
    pub fn parse(text: &str) -> Result<Unit> {
        match text {
            "yuan" => Ok(Unit::Yuan),
            "wan" => Ok(Unit::Wan),
            "yi" => Ok(Unit::Yi),
            _ => Err(Error::invalid("unit", text, "可用 yuan（元）、wan（万元）、yi（亿元）")),
        }
    }

    /// The word of the parameter.
    pub fn key(self) -> &'static str {
        match self {
            Unit::Yuan => "yuan",
            Unit::Wan => "wan",
            Unit::Yi => "yi",
        }
    }

    /// Its name on screen.
    pub fn label(self) -> &'static str {
        match self {
            Unit::Yuan => "元",
            Unit::Wan => "万元",
            Unit::Yi => "亿元",
        }
    }

    fn fen(self) -> i64 {
        match self {
            Unit::Yuan => FEN_PER_YUAN,
            Unit::Wan => FEN_PER_WAN,
            Unit::Yi => FEN_PER_YI,
        }
    }

    fn scale(self) -> u32 {
        self.fen().ilog10()
    }

    /// The decimals a column needs: as few as show every amount exactly, at most two; 亿元 always two.
    pub fn column_decimals(self, amounts: &[Fen]) -> u32 {
        let exact = |places: u32| {
            let step = 10i64.pow(self.scale() - places);
            amounts.iter().all(|amount| amount.0 % step == 0)
        };
        match self {
            Unit::Yi => 2,
            _ => (0..2).find(|places| exact(*places)).unwrap_or(2),
        }
    }

    /// One amount with thousands separators, in the decimals it needs by itself.
    pub fn render(self, amount: Fen) -> String {
        self.render_with(amount, self.column_decimals(&[amount]))
    }

    /// One amount in a column of so many decimals. What is not zero never prints as zero.
    pub fn render_with(self, amount: Fen, places: u32) -> String {
        let text = decimals(amount.0, self.scale(), places.min(self.scale()));
        if amount.0 != 0 && !text.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
            let least = decimals(1, places, places);
            return if amount.0 < 0 { format!(">{MINUS}{least}") } else { format!("<{least}") };
        }
        separated(&text)
    }
}

fn separated(text: &str) -> String {
    let (sign, rest) = text.strip_prefix('-').map_or((None, text), |rest| (Some(MINUS), rest));
    let (whole, decimals) = rest.split_at(rest.find('.').unwrap_or(rest.len()));
    let mut out: String = sign.into_iter().collect();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + decimals
}
