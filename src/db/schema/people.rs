//! Accounts, what people sign in with, and the security log.

#![expect(missing_docs, reason = "the migrations say what each table and column is")]

diesel::table! {
    account (id) {
        id -> BigInt,
        seq -> BigInt,
        created_on -> Integer,
    }
}

diesel::table! {
    account_fact (id) {
        id -> BigInt,
        seq -> BigInt,
        account_id -> BigInt,
        attribute -> Text,
        value -> Text,
        effective_on -> Integer,
        reason -> Text,
        document_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    delegation (id) {
        id -> BigInt,
        seq -> BigInt,
        account_id -> BigInt,
        role -> Text,
        departments -> Text,
        from_on -> Integer,
        until_on -> Integer,
        reason -> Text,
    }
}

diesel::table! {
    person (account_id) {
        account_id -> BigInt,
        login -> Text,
        name -> Text,
        phone -> Text,
        epoch -> BigInt,
    }
}

diesel::table! {
    credential (account_id) {
        account_id -> BigInt,
        password_hash -> Text,
        is_one_time -> Integer,
        changed_at_us -> BigInt,
        totp_secret -> Nullable<Text>,
        totp_pending -> Nullable<Text>,
        totp_last_step -> BigInt,
    }
}

diesel::table! {
    recovery_code (hash) {
        hash -> Text,
        account_id -> BigInt,
    }
}

diesel::table! {
    session (id_hash) {
        id_hash -> Text,
        account_id -> BigInt,
        awaits_code -> Integer,
        epoch -> BigInt,
        created_at_us -> BigInt,
        seen_at_us -> BigInt,
        address -> Text,
        agent -> Text,
    }
}

diesel::table! {
    api_token (id) {
        id -> BigInt,
        account_id -> BigInt,
        name -> Text,
        hash -> Text,
        role -> Text,
        created_at_us -> BigInt,
        expires_at_us -> BigInt,
        used_at_us -> Nullable<BigInt>,
        revoked_at_us -> Nullable<BigInt>,
    }
}

diesel::table! {
    throttle (key) {
        key -> Text,
        failures -> BigInt,
        last_at_us -> BigInt,
        until_us -> BigInt,
    }
}

diesel::table! {
    security_event (seq) {
        seq -> BigInt,
        at_us -> BigInt,
        kind -> Text,
        account_id -> Nullable<BigInt>,
        address -> Text,
        detail -> Text,
        previous -> Text,
        hash -> Text,
    }
}

diesel::table! {
    security_log (one) {
        one -> Integer,
        dropped_seq -> BigInt,
        dropped_at_us -> BigInt,
        dropped_hash -> Text,
        last_seq -> BigInt,
        last_at_us -> BigInt,
        last_hash -> Text,
    }
}
