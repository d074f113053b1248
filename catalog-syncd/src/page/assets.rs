//! Style, scripts and icon, embedded in the binary.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

const CSS: &str = include_str!("../../assets/page.css");
const KEYS: &str = include_str!("../../assets/keys.js");
const HTMX: &str = include_str!("../../assets/vendor/htmx.min.js");
const HTMX_LICENCE: &str = include_str!("../../assets/vendor/htmx.LICENSE");
const ICON: &str = include_str!("../../assets/icon.svg");

/// Addresses carry the program's version, so a browser may keep them.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

pub(super) async fn serve(Path(file): Path<String>) -> Response {
    let (kind, text) = match file.as_str() {
        "page.css" => ("text/css; charset=utf-8", CSS),
        "keys.js" => ("text/javascript; charset=utf-8", KEYS),
        "htmx.min.js" => ("text/javascript; charset=utf-8", HTMX),
        "htmx.LICENSE" => ("text/plain; charset=utf-8", HTMX_LICENCE),
        "icon.svg" => ("image/svg+xml", ICON),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "public, max-age=86400"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'"),
    ];
    (headers, text).into_response()
}
