//! HTTP/2 to one approved target, for clients that speak gRPC.

use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use catalog_core::{Error, ErrorKind, Result};
use hyper::body::{Body, Incoming};
use hyper::{Request, Response, Uri};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::client::legacy::{Client, ResponseFuture};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tower_service::Service;
use url::Url;

use crate::http::client_config;
use crate::{ApprovedTarget, EgressPolicy, redact_url};

/// A connection that nobody used for this long is closed.
const IDLE: Duration = Duration::from_secs(90);

/// How a channel connects.
#[derive(Debug, Clone)]
pub struct Http2Options {
    /// A connection is made, TLS included, within this time.
    pub connect_timeout: Duration,
    /// A PEM file of authorities that are trusted beside the system's.
    pub ca_file: Option<PathBuf>,
}

impl Default for Http2Options {
    /// 10 s to connect, the system's authorities alone.
    fn default() -> Self {
        Self { connect_timeout: Duration::from_secs(10), ca_file: None }
    }
}

/// A service that sends requests over HTTP/2 to one approved target and connects again when a connection broke. It
/// sets no deadline for a response: the caller does. Cheap to clone; clones share the connection.
pub struct Http2Channel<B> {
    client: Client<Dialer, B>,
    origin: Uri,
}

impl<B> Clone for Http2Channel<B> {
    fn clone(&self) -> Self {
        Self { client: self.client.clone(), origin: self.origin.clone() }
    }
}

impl<B> Http2Channel<B>
where
    B: Body + Send + Unpin + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    /// A channel to the origin of `base` (`http://milvus:19530`, or `https://…` for TLS), if the policy approves it.
    /// Nothing is dialled yet.
    ///
    /// # Errors
    /// `InvalidInput` when `base` is no http or https address or carries a user or password; `Forbidden` when the
    /// policy does not list it; `Configuration` when the file of authorities cannot be used.
    pub fn new(base: &str, policy: &EgressPolicy, options: &Http2Options) -> Result<Self> {
        let bad = |why: &str| {
            Error::new(ErrorKind::InvalidInput, "set_up_http2_channel", why)
                .with("url", redact_url(base))
                .hint("write http://host:port or https://host:port, and give the credential separately")
        };
        let url = Url::parse(base).map_err(|_| bad("the address is no url"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(bad("the address is neither http nor https"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(bad("the address carries a user or password"));
        }
        let target = policy.approve_url(&url)?;
        let origin = format!("{}://{target}", url.scheme()).parse().map_err(|_| bad("the host cannot be named"))?;
        let dialer = Dialer::new(target, url.scheme() == "https", options)?;
        let client = Client::builder(TokioExecutor::new())
            .http2_only(true)
            .pool_idle_timeout(IDLE)
            .pool_timer(TokioTimer::new())
            .build(dialer);
        Ok(Self { client, origin })
    }

    /// Scheme, host and port that every request goes to.
    pub fn origin(&self) -> &Uri {
        &self.origin
    }
}

impl<B> Service<Request<B>> for Http2Channel<B>
where
    B: Body + Send + Unpin + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Response = Response<Incoming>;
    type Error = hyper_util::client::legacy::Error;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<std::result::Result<(), Self::Error>> {
        self.client.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        self.client.call(request)
    }
}

/// Dials the one approved target, whatever address a request names.
#[derive(Clone)]
struct Dialer {
    target: ApprovedTarget,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    timeout: Duration,
}

impl Dialer {
    fn new(target: ApprovedTarget, tls: bool, options: &Http2Options) -> Result<Self> {
        let timeout = options.connect_timeout;
        if !tls {
            return Ok(Self { target, tls: None, timeout });
        }
        let mut config = client_config(options.ca_file.as_deref())?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        let name = ServerName::try_from(target.host().to_owned()).map_err(|_| {
            Error::new(ErrorKind::InvalidInput, "set_up_tls", "no certificate can name this host")
                .with("target", &target)
        })?;
        Ok(Self { target, tls: Some((TlsConnector::from(Arc::new(config)), name)), timeout })
    }

    async fn dial(self) -> Result<TokioIo<Socket>> {
        let fail = |kind, why: &str| Error::new(kind, "connect", why).with("target", &self.target);
        let connected = async {
            let mut last = fail(ErrorKind::Unavailable, "the name has no address");
            for address in self.target.resolve().await? {
                match TcpStream::connect(address).await {
                    Ok(stream) => return Ok(stream),
                    Err(error) => last = fail(ErrorKind::Unavailable, "nobody answers there").caused_by(error),
                }
            }
            Err(last)
        };
        let secured = async {
            let stream = connected.await?;
            // A request is one small write that should not wait for the next.
            let _ = stream.set_nodelay(true);
            Ok(match &self.tls {
                None => Socket(Box::new(stream)),
                Some((connector, name)) => {
                    let secured = connector.connect(name.clone(), stream).await.map_err(|e| {
                        fail(ErrorKind::Unavailable, "the tls handshake failed")
                            .hint("check the certificate and the file of authorities")
                            .caused_by(e)
                    })?;
                    Socket(Box::new(secured))
                }
            })
        };
        tokio::time::timeout(self.timeout, secured)
            .await
            .map_err(|_| fail(ErrorKind::Timeout, "no connection in time"))?
            .map(TokioIo::new)
    }
}

impl Service<Uri> for Dialer {
    type Response = TokioIo<Socket>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<TokioIo<Socket>>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        Box::pin(self.clone().dial())
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A connection, with or without TLS.
struct Socket(Box<dyn Stream>);

impl Connection for Socket {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
