//! The wire, defined once: what a UI and its node say to each other ([`ui`]), what two nodes say to
//! each other ([`link`]), and the words both share. The TypeScript types in `ui/src/protocol/` are
//! generated from these.
//!
//! All messages are JSON objects with a `type`. Whatever arrives is hostile until [`wire::decode`]
//! has bounded and parsed it.

pub mod codes;
pub mod ids;
pub mod limits;
pub mod link;
pub mod media;
pub mod name;
pub mod ui;
pub mod wire;

pub use codes::{EndReason, ErrorCode, NoticeCode};
pub use ids::{CallId, EndpointId, Instance, NodeId, PeerId, UiId};

/// Version of the wire between nodes. Nodes of different versions don't link.
pub const LINK_VERSION: u32 = 1;

#[cfg(test)]
mod tests {
    use std::path::Path;

    use ts_rs::{Config, TS};

    /// Writes the TypeScript types to `ui/src/protocol/`, or where `LANLINE_TYPES_DIR` says;
    /// `cargo xtask types` calls it, and `cargo xtask test` fails when that changes a file.
    #[test]
    fn typescript_types() {
        let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/src/protocol");
        let dir = std::env::var_os("LANLINE_TYPES_DIR").map_or(default, Into::into);
        let config = Config::new().with_out_dir(dir);
        super::ui::ToNode::export_all(&config).unwrap();
        super::ui::FromNode::export_all(&config).unwrap();
    }
}
