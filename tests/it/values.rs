//! What holds for every amount, day and share, not only for those somebody thought of.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use proptest::prelude::*;
use taizhang::clock::Instant;
use taizhang::ledger::Kind;
use taizhang::measure::{Counter, Measure};
use taizhang::milestone::{FactKind, KINDS, kind_label, parse_kind};
use taizhang::money::{Fen, Unit};
use taizhang::period::{Day, Month, Precision, YEARS, Year};
use taizhang::project::{Attribute, Status};
use taizhang::ratio::{Ratio, points_behind};
use taizhang::rollup::Dimension;

// ---- money ----------------------------------------------------------------------------------

/// Amounts of every size: small ones, those near powers of two, and any.
fn amounts() -> impl Strategy<Value = i64> {
    prop_oneof![
        -1_000i64..1_000,
        (0u32..63, -2i64..=2).prop_map(|(bits, off)| (1i64 << bits).wrapping_add(off)),
        Just(i64::MIN),
        Just(i64::MAX),
        any::<i64>(),
    ]
}

fn without_separators(text: &str) -> String {
    text.replace(',', "").replace('−', "-")
}

proptest! {
    #[test]
    fn an_amount_written_for_machines_reads_back_exactly(fen in amounts()) {
        let amount = Fen::new(fen);
        prop_assert_eq!(Fen::parse_yuan(&amount.yuan()), Ok(amount));
        prop_assert_eq!(Fen::parse_wan(&amount.wan_exact()), Ok(amount));
        let (_, decimals) = amount.yuan().rsplit_once('.').map(|(whole, rest)| (whole.to_owned(), rest.to_owned())).expect("a point");
        prop_assert_eq!(decimals.len(), 2);
        let wan = amount.wan_exact();
        prop_assert!(!wan.contains('.') || !wan.ends_with(['0', '.']), "as few decimals as it takes: {}", wan);
    }

    #[test]
    fn yuan_on_screen_are_exact(fen in amounts()) {
        let shown = Unit::Yuan.render(Fen::new(fen));
        prop_assert_eq!(Fen::parse_yuan(&shown), Ok(Fen::new(fen)), "{}", shown);
    }

    /// Rounded to the nearest of the last decimal, halves away from zero, and never to nothing.
    #[test]
    fn an_amount_on_screen_is_the_nearest_and_never_a_false_zero(fen in amounts(), places in 0u32..=2) {
        for unit in [Unit::Yuan, Unit::Wan, Unit::Yi] {
            let shown = unit.render_with(Fen::new(fen), places);
            prop_assert!(shown != "−0" && !shown.starts_with("−0.0") || shown.bytes().any(|b| (b'1'..=b'9').contains(&b)), "{}", shown);
            // The last decimal in fen: 万元 with two decimals steps by 10,000.
            let step = match unit { Unit::Yuan => 100i128, Unit::Wan => 1_000_000, Unit::Yi => 10_000_000_000 } / 10i128.pow(places);
            if let Some(least) = shown.strip_prefix('<').or_else(|| shown.strip_prefix(">−")) {
                prop_assert!(fen != 0 && i128::from(fen).abs() * 2 < step, "{} for {}", shown, fen);
                prop_assert_eq!(least.trim_start_matches(['0', '.']), "1");
                prop_assert_eq!(shown.starts_with('<'), fen > 0);
                continue;
            }
            let digits: String = shown.chars().filter(char::is_ascii_digit).collect();
            let steps: i128 = digits.parse().expect("digits");
            let signed = if shown.starts_with('−') { -steps } else { steps };
            let (exact, off) = (i128::from(fen), signed * step - i128::from(fen));
            prop_assert!(off.abs() * 2 <= step, "{} for {}", shown, fen);
            if off.abs() * 2 == step {
                prop_assert_eq!(off.signum(), exact.signum(), "halves away from zero: {} for {}", shown, fen);
            }
        }
    }

    #[test]
    fn a_column_shows_every_amount_with_the_same_decimals(fens in prop::collection::vec(-10_000_000_000i64..10_000_000_000, 1..20)) {
        let amounts: Vec<Fen> = fens.iter().copied().map(Fen::new).collect();
        for unit in [Unit::Yuan, Unit::Wan, Unit::Yi] {
            let places = unit.column_decimals(&amounts);
            prop_assert!(places <= 2 && (unit != Unit::Yi || places == 2));
            for amount in &amounts {
                let shown = unit.render_with(*amount, places);
                let decimals = shown.split_once('.').map_or(0, |(_, decimals)| decimals.len());
                prop_assert_eq!(decimals, places as usize, "{}", shown);
            }
        }
    }

    #[test]
    fn separators_change_nothing(fen in amounts()) {
        let amount = Fen::new(fen);
        let shown = Unit::Yuan.render_with(amount, 2);
        if !shown.starts_with(['<', '>']) {
            prop_assert_eq!(without_separators(&shown), amount.yuan());
            prop_assert_eq!(Fen::parse_yuan(&shown), Fen::parse_yuan(&amount.yuan()));
        }
        let groups: Vec<&str> = shown.trim_start_matches('−').split('.').next().expect("a whole part").split(',').collect();
        prop_assert!(groups.iter().skip(1).all(|group| group.len() == 3) && groups[0].len() <= 3, "{}", shown);
    }

    /// However many decimals are written: refused when one of them is finer than a fen.
    #[test]
    fn finer_than_a_fen_is_refused_by_name(whole in 0u32..1_000_000, decimals in "[0-9]{1,30}|0{0,31}[1-9]") {
        for (places, parse, unit) in [(2, Fen::parse_yuan as fn(&str) -> _, "元"), (6, Fen::parse_wan, "万元")] {
            let text = format!("{whole}.{decimals}");
            let needed = decimals.trim_end_matches('0').len();
            match parse(&text) {
                Ok(amount) => {
                    prop_assert!(needed <= places, "{} {} was taken as {:?}", text, unit, amount);
                }
                Err(error) => {
                    prop_assert!(needed > places, "{} {}: {}", text, unit, error);
                    prop_assert!(error.to_string().contains(&format!("细于 1 分；以{unit}计最多 {places} 位小数")), "{}", error);
                }
            }
        }
    }

    #[test]
    fn beyond_what_can_be_held_is_refused_by_name(over in 1u64..u64::MAX) {
        let text = format!("{}", i128::from(i64::MAX) + i128::from(over));
        let (yuan, fen) = text.split_at(text.len() - 2);
        for sign in ["", "-"] {
            // The smallest amount is one fen further from zero than the largest.
            if sign == "-" && over == 1 {
                continue;
            }
            let error = Fen::parse_yuan(&format!("{sign}{yuan}.{fen}")).expect_err("too large");
            prop_assert!(error.to_string().contains("金额溢出"), "{}", error);
        }
    }

    /// Whatever is typed: an amount of the form that the message describes, or a refusal.
    #[test]
    fn only_the_form_that_is_described_is_an_amount(text in "[-+0-9,. ０元eE_]{0,12}|\\PC{0,12}") {
        let plain = text.strip_prefix(['-', '+']).unwrap_or(&text);
        let (whole, decimals) = plain.split_once('.').unwrap_or((plain, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let groups: Vec<&str> = whole.split(',').collect();
        let grouped = groups.len() == 1 && digits(whole)
            || groups.len() > 1 && groups[0].len() <= 3 && groups.iter().all(|group| digits(group)) && groups[1..].iter().all(|group| group.len() == 3);
        let is_amount = grouped && digits(decimals) && decimals.trim_end_matches('0').len() <= 2;
        prop_assert_eq!(Fen::parse_yuan(&text).is_ok(), is_amount, "{:?}", text);
    }

    #[test]
    fn sums_are_exact_or_refused(a in amounts(), b in amounts()) {
        let (one, other) = (Fen::new(a), Fen::new(b));
        let exact = i64::try_from(i128::from(a) + i128::from(b)).ok().map(Fen::new);
        prop_assert_eq!(one.checked_add(other).ok(), exact);
        prop_assert_eq!(one.checked_add(other), other.checked_add(one));
        let difference = i64::try_from(i128::from(a) - i128::from(b)).ok().map(Fen::new);
        prop_assert_eq!(one.checked_sub(other).ok(), difference);
        // An entry and its reversal come to nothing.
        if let Ok(opposite) = one.checked_neg() {
            prop_assert_eq!(one.checked_add(opposite), Ok(Fen::ZERO));
        } else {
            prop_assert_eq!(a, i64::MIN);
        }
    }
}

/// Found by the property above: read as 79,229 元, because a decimal of so many digits was rounded.
#[test]
fn a_decimal_too_long_to_hold_is_refused_and_not_rounded() {
    let error = Fen::parse_yuan("79229.0000000000000000000000001").expect_err("finer than a fen");
    assert!(error.to_string().contains("细于 1 分"), "{error}");
}

#[test]
fn amounts_that_people_write() {
    for (text, fen) in
        [("1234.5", 123_450), ("1,234.50", 123_450), ("+3", 300), ("-0.01", -1), ("0", 0), ("1.2300", 123)]
    {
        assert_eq!(Fen::parse_yuan(text), Ok(Fen::new(fen)), "{text}");
    }
    assert_eq!(Fen::parse_wan("958954"), Ok(Fen::new(958_954_000_000)));
    assert_eq!(Unit::Wan.render(Fen::new(958_954_000_000)), "958,954");
    assert_eq!(Unit::Yi.render(Fen::new(958_954_000_000)), "95.90");
    assert_eq!(Unit::Yi.render(Fen::new(1)), "<0.01", "what is there never looks like nothing");
    assert_eq!(Unit::Yi.render(Fen::new(-1)), ">−0.01");
    for unit in [Unit::Yuan, Unit::Wan, Unit::Yi] {
        assert_eq!(Unit::parse(unit.key()), Ok(unit));
    }
}

// ---- days, months, years ----------------------------------------------------------------------

fn days() -> impl Strategy<Value = Day> {
    let first = NaiveDate::from_ymd_opt(*YEARS.start(), 1, 1).expect("a day");
    let last = NaiveDate::from_ymd_opt(*YEARS.end(), 12, 31).expect("a day");
    let count = (last - first).num_days();
    (0..=count)
        .prop_map(move |n| Day::parse(&(first + chrono::Duration::days(n)).to_string()).expect("a day that there is"))
}

proptest! {
    #[test]
    fn a_day_reads_back_from_its_words_and_from_the_database(day in days()) {
        prop_assert_eq!(Day::parse(&day.to_string()), Ok(day));
        prop_assert_eq!(Day::from_raw(day.raw()), Ok(day));
        prop_assert_eq!(day.to_naive().to_string(), day.to_string());
        prop_assert_eq!(day.year().get() * 10_000 + (day.month().raw() % 100) * 100 + day.raw() % 100, day.raw());
    }

    #[test]
    fn days_follow_one_another(day in days()) {
        prop_assert!(day < day.succ() && day.pred() < day);
        prop_assert_eq!(day.succ().pred(), day);
        prop_assert_eq!((day.succ().to_naive() - day.to_naive()).num_days(), 1);
    }

    /// Ten characters are a day when the calendar has it, and only within the years in use.
    #[test]
    fn a_day_that_is_not_is_refused(year in 0i32..=9_999, month in 0u32..=99, day in 0u32..=99) {
        let text = format!("{year:04}-{month:02}-{day:02}");
        let exists = NaiveDate::from_ymd_opt(year, month, day).is_some() && YEARS.contains(&year);
        prop_assert_eq!(Day::parse(&text).is_ok(), exists, "{}", text);
    }

    #[test]
    fn no_words_are_a_day_by_accident(text in "\\PC{0,12}|[0-9-]{9,11}") {
        if let Ok(day) = Day::parse(&text) {
            prop_assert_eq!(day.to_string(), text);
        }
    }

    #[test]
    fn a_month_is_its_days(day in days()) {
        let month = day.month();
        prop_assert_eq!(Month::parse(&month.to_string()), Ok(month));
        prop_assert!(month.first_day() <= day && day <= month.last_day());
        prop_assert_eq!(day.first_of_month(), month.first_day());
        prop_assert_eq!(month.last_day().succ(), month.succ().first_day());
        prop_assert!(month < month.succ());
        prop_assert_eq!(month.first_instant(), Instant::start_of(month.first_day()));
    }

    #[test]
    fn a_year_is_four_digits_within_those_in_use(text in "[0-9]{1,5}|\\PC{0,6}") {
        match Year::parse(&text) {
            Ok(year) => {
                prop_assert!(YEARS.contains(&year.get()));
                prop_assert_eq!(year.to_string(), text);
                prop_assert_eq!(year.last_day().to_string(), format!("{year}-12-31"));
            }
            Err(_) => prop_assert!(text.len() != 4 || text.parse().map_or(true, |year: i32| !YEARS.contains(&year)), "{}", text),
        }
    }

    /// A date known to the month, the quarter or the year stays what it was written as.
    #[test]
    fn a_date_known_so_far_reads_back(day in days()) {
        for precision in [Precision::Day, Precision::Month, Precision::Quarter, Precision::Year] {
            let written = precision.written(day);
            let (first, read) = Precision::parse_date(&written).expect("what we write we read");
            prop_assert_eq!(read, precision);
            let last = precision.last_day_of(day);
            prop_assert!(first <= day && day <= last, "{}: {} to {}", written, first, last);
            prop_assert_eq!(precision.last_day_of(first), last);
            prop_assert_eq!(precision.written(last), written.clone());
            prop_assert_ne!(precision.written(last.succ()), written, "the next day is of another");
            prop_assert_eq!(Precision::parse(precision.word()), Ok(precision));
        }
    }

    #[test]
    fn an_instant_reads_back(day in days(), micros in 0i64..86_400_000_000) {
        let instant = Instant::from_micros(Instant::start_of(day).micros() + micros);
        prop_assert_eq!(Instant::parse(&instant.rfc3339()), Ok(instant));
        prop_assert_eq!(instant.day(), day);
        prop_assert!(instant <= Instant::end_of(day));
        prop_assert_eq!(Instant::end_of(day).succ(), Instant::start_of(day.succ()));
        prop_assert_eq!(Instant::parse(&day.to_string()), Ok(Instant::end_of(day)), "a bare day is its end");
        // Without an offset it is Beijing time; in a URL the plus sign of an offset is a space.
        let text = instant.rfc3339();
        prop_assert_eq!(Instant::parse(text.trim_end_matches("+08:00")), Ok(instant));
        prop_assert_eq!(Instant::parse(&text.replace('+', " ")), Ok(instant));
    }
}

// ---- shares -----------------------------------------------------------------------------------

/// Tenths of a percent as printed; none for a bound like `<0.1%`.
fn tenths(text: &str) -> Option<i128> {
    text.strip_suffix('%')?.replace('.', "").parse().ok()
}

proptest! {
    #[test]
    fn a_share_is_the_nearest_tenth_and_never_a_false_bound(num in amounts(), den in 1i64..=i64::MAX) {
        let text = Ratio::new(num, den).expect("a positive whole").percent();
        let (num, den) = (i128::from(num), i128::from(den));
        match text.as_str() {
            "<0.1%" => prop_assert!(num > 0 && num * 2_000 < den),
            ">-0.1%" => prop_assert!(num < 0 && -num * 2_000 < den),
            ">99.9%" => prop_assert!(num < den && num * 2_000 >= den * 1_999),
            "<-99.9%" => prop_assert!(-num < den && -num * 2_000 >= den * 1_999),
            _ => {
                let tenths = tenths(&text).expect("a percentage");
                prop_assert!((tenths * den - num * 1_000).abs() * 2 <= den, "{} for {}/{}", text, num, den);
                prop_assert_eq!(tenths == 0, num == 0, "{}", text);
                prop_assert_eq!(tenths == 1_000 && num != den, false, "{} of {}/{}", text, num, den);
            }
        }
    }

    /// No part is nudged to make a column look right: each is the nearest tenth by itself, so the
    /// column misses 100.0 % by at most half a tenth for each part.
    #[test]
    fn a_column_of_shares_misses_the_whole_by_no_more_than_rounding(parts in prop::collection::vec(1i64..1_000_000_000_000, 1..40)) {
        let whole: i64 = parts.iter().sum();
        let shown: i128 = parts
            .iter()
            .map(|part| {
                let text = Ratio::new(*part, whole).expect("a positive whole").percent();
                match text.as_str() { "<0.1%" => 0, ">99.9%" => 1_000, text => tenths(text).expect("a percentage") }
            })
            .sum();
        let most = parts.len() as i128;
        prop_assert!((shown - 1_000).abs() * 2 <= most, "{} tenths of {} parts", shown, most);
    }

    #[test]
    fn a_drawn_length_stays_within_the_frame_and_in_order(whole in 1i64..=i64::MAX, a in 0i128..=1_000_000, b in 0i128..=1_000_000, full in 1i64..10_000) {
        let part = |millionths: i128| i64::try_from(i128::from(whole) * millionths / 1_000_000).expect("no more than the whole");
        let (less, more) = (part(a.min(b)), part(a.max(b)));
        let length = |part| Ratio::new(part, whole).expect("a positive whole").of(full);
        prop_assert!(0 <= length(less) && length(less) <= length(more) && length(more) <= full);
        prop_assert_eq!((length(0), length(whole)), (0, full));
    }

    #[test]
    fn points_are_the_difference_of_two_rates(num in -1_000_000_000_000_000i64..1_000_000_000_000_000, den in 1i64..1_000_000_000_000_000, part in 0i64..=12) {
        let text = points_behind(num, den, part, 12);
        let shown: i128 = text.replace('−', "-").replace(['.', '+'], "").parse().expect("points");
        let exact = (i128::from(num) * 12 - i128::from(part) * i128::from(den)) * 1_000;
        prop_assert!((shown * i128::from(den) * 12 - exact).abs() * 2 <= i128::from(den) * 12, "{}", text);
        prop_assert_eq!(text.starts_with('+'), shown > 0, "{}", text);
        prop_assert_eq!(text.starts_with('−'), shown < 0, "{}", text);
    }
}

#[test]
fn nothing_is_a_share_of_nothing() {
    assert_eq!(Ratio::new(1, 0), None, "不适用");
    assert_eq!(Ratio::new(0, -5), None);
}

// ---- words and codes --------------------------------------------------------------------------

#[test]
fn every_code_and_word_reads_back_and_stands_for_one_thing() {
    for measure in Measure::ALL {
        assert_eq!(Measure::from_code(measure.code()), Some(measure));
        assert_eq!(Measure::parse(measure.key()), Ok(measure));
    }
    for counter in Counter::ALL {
        assert_eq!(Counter::from_code(counter.code()), Some(counter));
    }
    // Both stand in one column of the kept totals.
    let codes = Measure::ALL.map(Measure::code).into_iter().chain(Counter::ALL.map(Counter::code));
    assert_eq!(codes.collect::<BTreeSet<_>>().len(), Measure::ALL.len() + Counter::ALL.len());
    for (kind, code, word, label) in Kind::ALL {
        assert_eq!((Kind::from_code(code), Kind::parse(word)), (Some(kind), Ok(kind)));
        assert_eq!((kind.code(), kind.word(), kind.label()), (code, word, label));
    }
    for (kind, word, label) in KINDS {
        assert_eq!((FactKind::from_code(kind.code()), parse_kind(word)), (Some(kind), Ok(kind)));
        assert_eq!(kind_label(kind), label);
    }
    for (attribute, word, _) in Attribute::ALL {
        assert_eq!((Attribute::parse(word), attribute.word()), (Ok(attribute), word));
    }
    for (status, word) in Status::ALL {
        assert_eq!((Status::parse(word), status.word()), (Ok(status), word));
    }
    for (dimension, word, _) in Dimension::ALL {
        assert_eq!((Dimension::parse(word), dimension.word()), (Ok(dimension), word));
    }
}

/// A code is an exact promise to what is already stored: it never changes.
#[test]
fn stored_codes_are_these() {
    let measures = Measure::ALL.map(|measure| format!("{} {}", measure.code(), measure.key()));
    assert_eq!(measures, ["1 investment", "2 plan", "3 budget", "4 received", "5 completed", "6 paid"]);
    assert_eq!(Counter::ALL.map(Counter::code), [11, 12, 13, 14, 15]);
    let kinds = Kind::ALL.map(|(_, code, word, _)| format!("{code} {word}"));
    assert_eq!(kinds, ["1 original", "2 adjustment", "3 transfer", "4 carry_over", "5 opening", "6 reversal"]);
}

#[test]
fn a_line_of_text_holds_nothing_unseen() {
    use taizhang::document::check_text;
    for (text, why) in [
        ("河道\u{202e}整治", "看不见的、改变书写方向的字符"),
        ("河道\u{200b}整治", "看不见的、改变书写方向的字符"),
        ("河道\n整治", "含控制字符"),
        (" 河道整治", "首尾有空格"),
        ("", "不能为空"),
    ] {
        let told = check_text("name", text, 100).expect_err("refused").to_string();
        assert!(told.contains(why), "{text:?}: {told}");
        assert!(!told.contains('\u{202e}'), "nothing that would disturb the message: {told:?}");
    }
    check_text("name", "河道整治（一期）", 100).expect("a name");
}
