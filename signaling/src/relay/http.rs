//! Routes, and what holds for all of them.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header},
    middleware::{self, Next},
    response::IntoResponse as _,
    routing::{get, post},
};

use super::{Shared, accept::Connection, assets, guard, ui};
use crate::{inbox::Origin, protocol::NodeId, websocket};

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// What a request's handler is given.
#[derive(Debug, Clone)]
pub(super) struct Context {
    pub(super) shared: Arc<Shared>,
    pub(super) connection: Connection,
}

impl Context {
    /// Where a request comes from.
    pub(super) fn origin(&self, headers: &HeaderMap) -> Origin {
        match guard::host(headers, &self.shared.names) {
            Ok(host) => guard::origin(self.connection.loopback, &host),
            Err(_) => Origin::Network,
        }
    }
}

/// What a browser is served.
pub(super) fn browser(shared: &Arc<Shared>, connection: Connection) -> Router {
    let context = Context {
        shared: Arc::clone(shared),
        connection,
    };
    let own_pages_only = middleware::from_fn_with_state(context.clone(), refuse_other_pages);
    Router::new()
        .route("/ui", get(ui::socket::open))
        .route("/ui/events", get(ui::events::open))
        .route("/ui/messages", post(ui::events::message))
        .route_layer(own_pages_only)
        .fallback(assets::serve)
        .layer(middleware::from_fn_with_state(context.clone(), admit))
        .with_state(context)
}

/// What another node is served: a link, and nothing else.
pub(super) fn link(shared: &Arc<Shared>, connection: Connection, node: NodeId) -> Router {
    let shared = Arc::clone(shared);
    let open = move |request: Request| async move {
        websocket::upgrade(request, move |socket| async move {
            let _place = connection.place;
            shared.links.accept(socket, node).await;
        })
    };
    Router::new().route("/link", get(open))
}

/// Refuses names that aren't this device's, redirects to HTTPS, and adds the headers of every answer.
async fn admit(State(context): State<Context>, request: Request, next: Next) -> Response<Body> {
    let Connection {
        secure, loopback, ..
    } = context.connection;
    let host = match guard::host(request.headers(), &context.shared.names) {
        Ok(host) => host,
        Err(status) => return status.into_response(),
    };
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", axum::http::uri::PathAndQuery::as_str);
    let mut response = match guard::redirect(secure, guard::origin(loopback, &host), &host, path) {
        Some(location) => {
            // Not for good: the address may be another's tomorrow, whose plain pages the browser would
            // then no longer ask for.
            let mut response = StatusCode::TEMPORARY_REDIRECT.into_response();
            let headers = response.headers_mut();
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            if let Ok(location) = HeaderValue::try_from(location) {
                headers.insert(header::LOCATION, location);
            }
            response
        }
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::try_from(content_security_policy(secure, host.as_str())) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            PERMISSIONS_POLICY,
            "camera=(self), microphone=(self), display-capture=(self)",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The page may load from, and talk to, its own node alone. The WebSocket is named though `'self'`
/// covers it by CSP Level 3: older Safari versions don't see it so.
fn content_security_policy(secure: bool, host: &str) -> String {
    let scheme = if secure { "wss" } else { "ws" };
    format!(
        "default-src 'self'; connect-src 'self' {scheme}://{host}; img-src 'self' data: blob:; \
         media-src 'self' blob:; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'"
    )
}

/// Sockets and sessions are for our own page.
async fn refuse_other_pages(
    State(context): State<Context>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let headers = request.headers();
    let own = guard::host(headers, &context.shared.names)
        .is_ok_and(|host| guard::is_same_origin(headers, context.connection.secure, &host));
    if own {
        next.run(request).await
    } else {
        StatusCode::FORBIDDEN.into_response()
    }
}
