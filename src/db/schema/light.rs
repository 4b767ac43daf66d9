//! What people say of lights and of the months of a plan. Lights themselves are computed, not stored.

diesel::table! {
    plan_months (id) {
        id -> BigInt,
        seq -> BigInt,
        project_id -> BigInt,
        year -> Integer,
        first_month -> Integer,
        last_month -> Integer,
        curve -> Text,
        effective_on -> Integer,
        document_id -> BigInt,
        reason -> Text,
    }
}

diesel::table! {
    exemption (id) {
        id -> BigInt,
        seq -> BigInt,
        project_id -> BigInt,
        effective_on -> Integer,
        expires_on -> Integer,
        approver -> Text,
        reason -> Text,
        document_id -> BigInt,
    }
}

diesel::table! {
    light_judgement (id) {
        id -> BigInt,
        seq -> BigInt,
        project_id -> BigInt,
        month -> Integer,
        kind -> Text,
        light -> Text,
        reason -> Text,
        document_id -> Nullable<BigInt>,
        effective_on -> Integer,
        expires_on -> Integer,
    }
}
