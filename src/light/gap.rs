//! How far something is from what was due, exactly: fractions of whole numbers, rounded only in print.

use std::cmp::Ordering;

use crate::money::Fen;

/// A fraction with a positive denominator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exact {
    num: i128,
    den: i128,
}

impl Exact {
    /// Compared with a whole number.
    pub fn cmp_whole(self, whole: i64) -> Ordering {
        self.num.cmp(&(i128::from(whole) * self.den))
    }

    /// Whether it lies within a twentieth of a whole number: one decimal could then show the threshold
    /// itself and leave the reader wondering.
    pub fn is_near(self, whole: i64) -> bool {
        (self.num - i128::from(whole) * self.den).abs() * 20 < self.den
    }

    /// What such numbers are sorted by: millionths, cut off. Fractions of amounts near the largest could not be
    /// multiplied with each other.
    pub fn millionths(self) -> i128 {
        self.num * 1_000_000 / self.den
    }

    /// So many decimals, half away from zero, without a sign.
    pub fn unsigned(self, places: u32) -> String {
        let scale = 10_i128.pow(places);
        let scaled = (self.num.abs() * scale * 2 + self.den) / (self.den * 2);
        let width = places as usize;
        match places {
            0 => scaled.to_string(),
            _ => format!("{}.{:0width$}", scaled / scale, scaled % scale),
        }
    }

    /// Six decimals with an ASCII sign: machine forms round nothing that a reader could compare.
    pub fn plain(self) -> String {
        let sign = if self.sign().is_lt() { "-" } else { "" };
        format!("{sign}{}", self.unsigned(6))
    }

    /// Without its sign.
    pub fn size(self) -> Exact {
        Exact { num: self.num.abs(), den: self.den }
    }

    /// Its sign.
    pub fn sign(self) -> Ordering {
        self.num.cmp(&0)
    }

    /// One decimal and a sign: `−15.0`, `+3.1`; four decimals near a threshold.
    pub fn signed(self, thresholds: &[i64]) -> String {
        let size = self.beside(thresholds);
        let sign = match self.sign() {
            _ if size == "0.0" => "",
            Ordering::Less => "−",
            Ordering::Equal => "",
            Ordering::Greater => "+",
        };
        format!("{sign}{size}")
    }

    /// Without a sign, one decimal; near a threshold four, and where even these show the threshold of what is
    /// not equal to it, on which side it lies.
    pub fn beside(self, thresholds: &[i64]) -> String {
        let Some(near) = thresholds.iter().copied().find(|whole| self.size().is_near(*whole)) else {
            return self.unsigned(1);
        };
        let text = self.unsigned(4);
        match self.size().cmp_whole(near) {
            Ordering::Greater if text == format!("{near}.0000") => format!("{text}（略多于{near}）"),
            Ordering::Less if text == format!("{near}.0000") => format!("{text}（略少于{near}）"),
            _ => text,
        }
    }
}

/// τ, 序时进度: the share of the year that was due by the end of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tau {
    num: i64,
    den: i64,
}

impl Tau {
    /// `num ÷ den`; a denominator that is not positive is the whole.
    pub const fn new(num: i64, den: i64) -> Tau {
        if den > 0 { Tau { num, den } } else { Tau { num: 1, den: 1 } }
    }

    /// Whether nothing was due yet.
    pub fn is_nothing(self) -> bool {
        self.num <= 0
    }

    /// In percent.
    pub fn percent(self) -> Exact {
        Exact { num: i128::from(self.num) * 100, den: i128::from(self.den) }
    }
}

/// What was done of a whole, against what was due of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    done: i64,
    whole: i64,
    due: Tau,
}

impl Gap {
    /// None when the whole is not positive: 不适用.
    pub fn new(done: Fen, whole: Fen, due: Tau) -> Option<Gap> {
        (whole.get() > 0).then_some(Gap { done: done.get(), whole: whole.get(), due })
    }

    /// What was done.
    pub fn done(self) -> Fen {
        Fen::new(self.done)
    }

    /// Of how much.
    pub fn whole(self) -> Fen {
        Fen::new(self.whole)
    }

    /// What was due.
    pub fn due(self) -> Tau {
        self.due
    }

    /// 完成率 in percent.
    pub fn rate(self) -> Exact {
        Exact { num: i128::from(self.done) * 100, den: i128::from(self.whole) }
    }

    /// 序时差 Δ in percentage points: what was done less what was due.
    pub fn points(self) -> Exact {
        let (done, whole) = (i128::from(self.done), i128::from(self.whole));
        let (num, den) = (i128::from(self.due.num), i128::from(self.due.den));
        Exact { num: (done * den - num * whole) * 100, den: whole * den }
    }

    /// 进度指数 r in percent: what was done of what was due; none when nothing was due.
    pub fn index(self) -> Option<Exact> {
        let (done, whole) = (i128::from(self.done), i128::from(self.whole));
        let (num, den) = (i128::from(self.due.num), i128::from(self.due.den));
        (num > 0).then(|| Exact { num: done * den * 100, den: whole * num })
    }
}
