//! The stand-in over HTTP, on the loopback.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::Barrier;
use tokio::task::JoinHandle;

use super::exchange::{Answer, Request};
use super::hooks::{Edit, Moment};
use super::options::Options;
use super::stand_in::{Begun, StandIn};
use super::webhooks::Delivery;

/// How long a PATCH of a server that loses concurrent ones takes between its reading and its writing half.
const LOSING_WINDOW: Duration = Duration::from_millis(5);
/// How long PATCHes wait for each other when they are held.
const HOLD_MAX: Duration = Duration::from_secs(10);
/// How long a webhook's receiver may take.
const DELIVERY_MAX: Duration = Duration::from_secs(12);

/// A served [`StandIn`]; it ends when this is dropped.
///
/// Other processes reach behind the scenes under `/stand-in`: `GET journal`, and `POST edit`, `before-patch` or
/// `after-patch` with an [`Edit`].
pub struct FakeOm {
    shared: Arc<Shared>,
    address: SocketAddr,
    serving: JoinHandle<()>,
}

struct Shared {
    server: Mutex<StandIn>,
    held: Mutex<Option<Arc<Barrier>>>,
    /// `None` while webhooks are kept for the test to take.
    deliveries: Mutex<Option<Sender<Delivery>>>,
}

impl FakeOm {
    /// Serves on the loopback at a port, or at any free one for 0. `href_base` is set to where it is served, unless
    /// the options name another host than their default.
    ///
    /// # Errors
    /// When the port cannot be had.
    pub async fn start(mut options: Options, port: u16) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        if options.href_base == Options::HREF_BASE {
            options.href_base = format!("http://{address}/api/v1");
        }
        let (sender, receiver) = channel();
        std::thread::Builder::new().name("webhooks".to_owned()).spawn(move || deliver(&receiver))?;
        let shared = Arc::new(Shared {
            server: Mutex::new(StandIn::new(options)),
            held: Mutex::new(None),
            deliveries: Mutex::new(Some(sender)),
        });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        let serving = tokio::spawn(async move {
            // It only ends with the listener, which is ours.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { shared, address, serving })
    }

    /// Where it is served: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Looks or reaches behind the scenes.
    pub fn with<R>(&self, act: impl FnOnce(&mut StandIn) -> R) -> R {
        let result = act(&mut lock(&self.shared.server));
        self.shared.send_deliveries();
        result
    }

    /// Lets the next PATCHes wait between their reading and writing halves until `count` of them are there: what is
    /// lost is then the same every time. On a server that loses no concurrent PATCHes nothing waits.
    pub fn hold_patches(&self, count: usize) {
        *lock(&self.shared.held) = Some(Arc::new(Barrier::new(count)));
    }

    /// Keeps webhooks for [`StandIn::take_deliveries`] instead of sending them.
    pub fn keep_deliveries(&self) {
        *lock(&self.shared.deliveries) = None;
    }

    /// Serves until the process ends.
    pub async fn serve(mut self) {
        // The task ends with the process; there is nobody to tell of its failure.
        let _ = (&mut self.serving).await;
    }
}

impl Drop for FakeOm {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Shared {
    fn send_deliveries(&self) {
        if let Some(sender) = lock(&self.deliveries).as_ref() {
            for delivery in lock(&self.server).take_deliveries() {
                // The thread ends only with this sender.
                let _ = sender.send(delivery);
            }
        }
    }

    async fn handle(&self, request: &Request) -> Answer {
        let begun = {
            let mut server = lock(&self.server);
            let loses = server.options.quirks.lost_concurrent_patches;
            match server.begin(request) {
                Begun::Patch(pending) if !loses => return server.finish_patch(&pending),
                begun => begun,
            }
        };
        let pending = match begun {
            Begun::Answered(answer) => return answer,
            Begun::Patch(pending) => pending,
        };
        let held = lock(&self.held).clone();
        match held {
            // Whoever waits too long goes on alone; one of those who met ends the holding.
            Some(barrier) => {
                if tokio::time::timeout(HOLD_MAX, barrier.wait()).await.is_ok_and(|met| met.is_leader()) {
                    *lock(&self.held) = None;
                }
            }
            None => tokio::time::sleep(LOSING_WINDOW).await,
        }
        lock(&self.server).finish_patch(&pending)
    }

    /// What another process may do behind the scenes.
    fn behind_the_scenes(&self, request: &Request) -> Answer {
        #[derive(Deserialize)]
        struct Asked {
            user: String,
            table: String,
            operations: serde_json::Value,
        }
        let verb = request.path.get(1).map_or("", String::as_str);
        if verb == "journal" {
            return Answer::json(200, json!(lock(&self.server).journal()));
        }
        let Ok(Asked { user, table, operations }) = serde_json::from_slice(&request.body) else {
            return Answer::error(400, "say user, table and operations");
        };
        let edit = Edit { user, table, operations };
        let mut server = lock(&self.server);
        match verb {
            "edit" => return server.edit(&edit),
            "before-patch" => server.hook(Moment::BeforePatch, edit),
            "after-patch" => server.hook(Moment::AfterPatch, edit),
            _ => return Answer::error(404, "HTTP 404 Not Found"),
        }
        Answer::empty()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let mut request = Request::new(method.as_str(), target);
    for (name, value) in &headers {
        request = request.header(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
    }
    request.body = body.to_vec();
    let answer = if request.path.first().is_some_and(|first| first == "stand-in") {
        shared.behind_the_scenes(&request)
    } else {
        shared.handle(&request).await
    };
    shared.send_deliveries();
    written(answer)
}

fn written(answer: Answer) -> Response {
    let body = answer.body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let mut response = Response::builder().status(answer.status).header("content-type", "application/json");
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    response.body(body).unwrap_or_else(|_| {
        let mut failed = Response::new(Body::empty());
        *failed.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        failed
    })
}

/// Sends webhooks one after the other. Like newer senders it follows no redirect; what fails is not sent again.
fn deliver(deliveries: &Receiver<Delivery>) {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().timeout_global(Some(DELIVERY_MAX)).max_redirects(0).proxy(None).build().into();
    for delivery in deliveries {
        let mut request = agent.post(&delivery.endpoint).header("Content-Type", "application/json");
        if let Some(signature) = &delivery.signature {
            request = request.header("X-OM-Signature", signature);
        }
        // A receiver that is down or refuses misses the event, as with the real server after its retries.
        let _ = request.send(&delivery.body[..]);
    }
}
