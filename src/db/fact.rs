//! Rows that are facts: how each is written, read back in order, and put into canonical text.

use diesel::QueryResult;

use super::AnyConnection;

/// A row of a fact table. Facts are appended, never edited or deleted.
pub trait Fact: Sized + Send + 'static {
    /// The table's name.
    const TABLE: &'static str;

    /// The row's id, given out from the head row.
    fn id(&self) -> i64;

    /// The journal row that recorded it.
    fn seq(&self) -> i64;

    /// The row as compact JSON `["table", col, …]`, columns in the migration's order
    /// (see `docs/journal.md`).
    fn canonical(&self) -> String;

    /// Appends the row.
    fn insert(&self, conn: &mut AnyConnection) -> QueryResult<()>;

    /// Appends many rows, in as few statements as the engine allows.
    fn insert_all(rows: &[Self], conn: &mut AnyConnection) -> QueryResult<()>;

    /// The highest id of the table.
    fn last_id(conn: &mut AnyConnection) -> QueryResult<Option<i64>>;

    /// Rows after `after_id`, in order of id, at most `limit`.
    fn list_after(conn: &mut AnyConnection, after_id: i64, limit: i64) -> QueryResult<Vec<Self>>;
}

/// A column value in canonical text.
pub trait Cell {
    /// Appends the value as JSON.
    fn write(&self, out: &mut String);
}

impl Cell for i64 {
    fn write(&self, out: &mut String) {
        out.push_str(&self.to_string());
    }
}

impl Cell for i32 {
    fn write(&self, out: &mut String) {
        out.push_str(&self.to_string());
    }
}

impl Cell for String {
    fn write(&self, out: &mut String) {
        out.push_str(&serde_json::Value::from(self.as_str()).to_string());
    }
}

impl<T: Cell> Cell for Option<T> {
    fn write(&self, out: &mut String) {
        match self {
            Some(value) => value.write(out),
            None => out.push_str("null"),
        }
    }
}

/// Declares the row of a fact table: the struct, and how it is stored and made canonical.
/// A macro, because diesel's types cannot be named generically and fourteen tables need it.
macro_rules! fact {
    ($(#[$doc:meta])* $table:ident $name:ident { $($(#[$field_doc:meta])* $field:ident: $ty:ty,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, diesel::Insertable, diesel::Queryable, diesel::Selectable)]
        #[diesel(table_name = $crate::db::schema::$table)]
        pub struct $name {
            /// Unique over all fact tables.
            pub id: i64,
            /// The journal row that recorded it.
            pub seq: i64,
            $(#[doc = concat!("Column `", stringify!($field), "`.")] #[doc = ""] $(#[$field_doc])* pub $field: $ty,)+
        }

        impl $crate::db::Fact for $name {
            const TABLE: &'static str = stringify!($table);

            fn id(&self) -> i64 {
                self.id
            }

            fn seq(&self) -> i64 {
                self.seq
            }

            fn canonical(&self) -> String {
                use $crate::db::Cell;
                let mut out = String::with_capacity(160);
                out.push_str("[\"");
                out.push_str(stringify!($table));
                out.push('"');
                for cell in [&self.id as &dyn Cell, &self.seq, $(&self.$field),+] {
                    out.push(',');
                    cell.write(&mut out);
                }
                out.push(']');
                out
            }

            fn insert(&self, conn: &mut $crate::db::AnyConnection) -> diesel::QueryResult<()> {
                use diesel::RunQueryDsl;
                diesel::insert_into($crate::db::schema::$table::table).values(self).execute(conn).map(drop)
            }

            fn insert_all(rows: &[Self], conn: &mut $crate::db::AnyConnection) -> diesel::QueryResult<()> {
                use diesel::RunQueryDsl;
                use $crate::db::schema::$table::table;
                match conn {
                    // PostgreSQL takes at most 65,535 parameters a statement; the widest table has 25 columns.
                    $crate::db::AnyConnection::Pg(conn) => rows
                        .chunks(1_000)
                        .try_for_each(|rows| diesel::insert_into(table).values(rows).execute(conn).map(drop)),
                    $crate::db::AnyConnection::Sqlite(conn) => rows
                        .iter()
                        .try_for_each(|row| diesel::insert_into(table).values(row).execute(conn).map(drop)),
                }
            }

            fn last_id(conn: &mut $crate::db::AnyConnection) -> diesel::QueryResult<Option<i64>> {
                use diesel::prelude::*;
                use $crate::db::schema::$table::{id, table};
                table.order(id.desc()).select(id).first(conn).optional()
            }

            fn list_after(
                conn: &mut $crate::db::AnyConnection,
                after_id: i64,
                limit: i64,
            ) -> diesel::QueryResult<Vec<Self>> {
                use diesel::prelude::*;
                use $crate::db::schema::$table::{id, table};
                table.filter(id.gt(after_id)).order(id.asc()).limit(limit).select(Self::as_select()).load(conn)
            }
        }
    };
}
pub(crate) use fact;
