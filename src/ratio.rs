//! Ratios of two exact numbers, rounded only in print.

/// `num ÷ den` with a positive denominator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratio {
    num: i64,
    den: i64,
}

impl Ratio {
    /// None when the denominator is not positive: 不适用.
    pub fn new(num: i64, den: i64) -> Option<Ratio> {
        (den > 0).then_some(Ratio { num, den })
    }

    /// One decimal, half away from zero: `36.1%`. A share below 100 % never prints as 100.0%,
    /// what is not zero never as 0.0%.
    pub fn percent(self) -> String {
        let (num, den) = (i128::from(self.num), i128::from(self.den));
        let tenths = (num.abs() * 1_000 + den / 2) / den;
        let sign = if num < 0 { "-" } else { "" };
        match tenths {
            0 if num > 0 => "<0.1%".into(),
            0 if num < 0 => ">-0.1%".into(),
            1_000 if num.abs() < den => format!("{}99.9%", if num < 0 { "<-" } else { ">" }),
            _ => format!("{sign}{}.{}%", tenths / 10, tenths % 10),
        }
    }

    /// The share of a length of `full` whole units, rounded half up: for drawing, never for figures.
    pub fn of(self, full: i64) -> i64 {
        let (num, den) = (i128::from(self.num), i128::from(self.den));
        i64::try_from((num * i128::from(full) * 2 + den).div_euclid(den * 2)).unwrap_or(full)
    }
}

/// `num ÷ den − part ÷ whole` in percentage points with one decimal and a sign: `−15.0`, `+3.1`.
/// `den` and `whole` are positive.
pub fn points_behind(num: i64, den: i64, part: i64, whole: i64) -> String {
    let (num, den, part, whole) = (i128::from(num), i128::from(den), i128::from(part), i128::from(whole));
    let (top, bottom) = ((num * whole - part * den) * 1_000, den * whole);
    let tenths = (top.abs() + bottom / 2) / bottom;
    let sign = match (tenths, top < 0) {
        (0, _) => "",
        (_, true) => "−",
        (_, false) => "+",
    };
    format!("{sign}{}.{}", tenths / 10, tenths % 10)
}
