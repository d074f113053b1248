//! The index against a server of a few lines that counts, refuses and breaks (fault 30).
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use catalog_core::ErrorKind;
use catalog_core::model::IndexEntry;
use catalog_core::ports::VectorIndex;
use catalog_net::EgressPolicy;
use catalog_testkit::samples;
use hyper::body::{Bytes, Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::Message;
use tokio::net::TcpListener;

use super::layout::schema;
use super::proto::*;
use super::{MilvusIndex, MilvusSettings};

const DIMENSION: usize = 3;

/// What the server answers to one call.
enum Reply {
    /// A success.
    Fine,
    /// Milvus's own refusal: its code and words.
    Refuse(i32, &'static str),
    /// A status of gRPC itself.
    Break(&'static str),
}

/// A call's method, body and token.
type Call = (String, Vec<u8>, Option<String>);

/// The server's memory: calls in order, and replies to upserts that are not `Fine`.
#[derive(Default)]
struct Seen {
    calls: Mutex<Vec<Call>>,
    upserts: Mutex<VecDeque<Reply>>,
}

impl Seen {
    fn count(&self, method: &str) -> usize {
        self.calls.lock().unwrap().iter().filter(|(called, ..)| called == method).count()
    }

    fn last(&self, method: &str) -> (Vec<u8>, Option<String>) {
        let calls = self.calls.lock().unwrap();
        let (_, body, token) = calls.iter().rev().find(|(called, ..)| called == method).unwrap();
        (body.clone(), token.clone())
    }

    fn answer(&self, method: &str) -> (Vec<u8>, &'static str) {
        let fine = || Status::default();
        let message = match method {
            "HasCollection" => HasCollectionResponse { status: None, value: true }.encode_to_vec(),
            "DescribeCollection" => {
                let made = schema("catalog", &MilvusSettings::new("", "catalog"), DIMENSION);
                DescribeCollectionResponse { schema: Some(made), ..Default::default() }.encode_to_vec()
            }
            "DescribeIndex" => {
                let params = vec![KeyValuePair { key: "metric_type".into(), value: "COSINE".into() }];
                let index = IndexDescription { params, field_name: "embedding".into() };
                DescribeIndexResponse { index_descriptions: vec![index], ..Default::default() }.encode_to_vec()
            }
            "GetLoadState" => {
                GetLoadStateResponse { state: LoadState::Loaded as i32, ..Default::default() }.encode_to_vec()
            }
            "Upsert" => match self.upserts.lock().unwrap().pop_front().unwrap_or(Reply::Fine) {
                Reply::Fine => fine().encode_to_vec(),
                Reply::Refuse(code, reason) => {
                    let status = Some(Status { code, reason: reason.into(), ..fine() });
                    MutationResult { status, err_index: Vec::new() }.encode_to_vec()
                }
                Reply::Break(code) => return (Vec::new(), code),
            },
            _ => fine().encode_to_vec(),
        };
        (message, "0")
    }
}

/// One message and its trailer, as gRPC frames them.
struct Answer(VecDeque<Frame<Bytes>>);

impl hyper::body::Body for Answer {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        std::task::Poll::Ready(self.0.pop_front().map(Ok))
    }
}

async fn read(body: Incoming) -> Vec<u8> {
    let mut body = std::pin::pin!(body);
    let mut bytes = Vec::new();
    while let Some(frame) = std::future::poll_fn(|cx| hyper::body::Body::poll_frame(body.as_mut(), cx)).await {
        if let Ok(data) = frame.unwrap().into_data() {
            bytes.extend_from_slice(&data);
        }
    }
    // Without gRPC's own five bytes.
    bytes.split_off(5)
}

async fn serve(seen: Arc<Seen>) -> (String, EgressPolicy) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let seen = Arc::clone(&seen);
            let service = service_fn(move |request: Request<Incoming>| {
                let seen = Arc::clone(&seen);
                async move {
                    let method = request.uri().path().rsplit('/').next().unwrap().to_owned();
                    let token = request.headers().get("authorization").map(|v| v.to_str().unwrap().to_owned());
                    let body = read(request.into_body()).await;
                    seen.calls.lock().unwrap().push((method.clone(), body, token));
                    let (message, code) = seen.answer(&method);
                    let mut framed = vec![0];
                    framed.extend_from_slice(&(message.len() as u32).to_be_bytes());
                    framed.extend_from_slice(&message);
                    let mut trailers = hyper::HeaderMap::new();
                    trailers.insert("grpc-status", code.parse().unwrap());
                    let frames = [Frame::data(Bytes::from(framed)), Frame::trailers(trailers)];
                    let answer = Response::builder().header("content-type", "application/grpc");
                    Ok::<_, std::convert::Infallible>(answer.body(Answer(frames.into())).unwrap())
                }
            });
            let io = TokioIo::new(stream);
            tokio::spawn(hyper::server::conn::http2::Builder::new(TokioExecutor::new()).serve_connection(io, service));
        }
    });
    (format!("http://127.0.0.1:{port}"), EgressPolicy::allowing([("127.0.0.1", port)]))
}

async fn opened(seen: &Arc<Seen>, change: impl FnOnce(&mut MilvusSettings)) -> MilvusIndex {
    let (url, policy) = serve(Arc::clone(seen)).await;
    let mut settings = MilvusSettings::new(url, "catalog");
    change(&mut settings);
    MilvusIndex::open(settings, DIMENSION, "words/1", &policy).await.unwrap()
}

fn entries(count: usize) -> Vec<IndexEntry> {
    let entry = |i| {
        let table = samples::table_ref(&format!("t{i:03}"));
        IndexEntry { id: table.id, fqn: table.fqn, text: "secret 4711".into(), embedding: vec![1.0, 0.0, 0.0] }
    };
    (0..count).map(entry).collect()
}

#[tokio::test]
async fn a_bulk_goes_out_in_batches_and_is_flushed_once() {
    let seen = Arc::new(Seen::default());
    let index = opened(&seen, |settings| settings.batch_rows = 100).await;
    index.upsert(&entries(350)).await.unwrap();
    assert_eq!((seen.count("Upsert"), seen.count("Flush")), (4, 1));
    let last = UpsertRequest::decode(&*seen.last("Upsert").0).unwrap();
    assert_eq!((last.num_rows, last.fields_data.len()), (50, 5));
    index.upsert(&entries(1)).await.unwrap();
    assert_eq!(seen.count("Flush"), 1, "a single table is not worth one");
}

#[tokio::test]
async fn a_part_that_fails_is_an_error_and_doing_it_again_completes_it() {
    let seen = Arc::new(Seen::default());
    let index = opened(&seen, |settings| settings.batch_rows = 100).await;
    *seen.upserts.lock().unwrap() = [Reply::Fine, Reply::Break("14")].into();
    let error = index.upsert(&entries(350)).await.unwrap_err();
    assert_eq!((error.kind(), seen.count("Upsert")), (ErrorKind::Unavailable, 2), "the rest was not sent");
    index.upsert(&entries(350)).await.unwrap();
    assert_eq!(seen.count("Upsert"), 6);
}

#[tokio::test]
async fn what_milvus_refuses_is_told_by_its_code_and_never_in_its_words() {
    for (code, kind) in [
        (8, ErrorKind::RateLimited),
        (100, ErrorKind::NotFound),
        (1100, ErrorKind::InvalidInput),
        (1400, ErrorKind::Forbidden),
        (2, ErrorKind::Unavailable),
    ] {
        let seen = Arc::new(Seen::default());
        let index = opened(&seen, |_| {}).await;
        seen.upserts.lock().unwrap().push_back(Reply::Refuse(code, "text \"secret 4711\" is too long"));
        let error = index.upsert(&entries(1)).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(!format!("{error} {error:?}").contains("4711"), "{error}");
    }
}

#[tokio::test]
async fn a_collection_that_the_server_forgot_is_loaded_once_more() {
    let seen = Arc::new(Seen::default());
    let index = opened(&seen, |_| {}).await;
    seen.upserts.lock().unwrap().push_back(Reply::Refuse(101, "not loaded"));
    index.upsert(&entries(1)).await.unwrap();
    assert_eq!((seen.count("Upsert"), seen.count("LoadCollection")), (2, 2));
}

#[tokio::test]
async fn the_token_is_read_from_its_file_for_every_call() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    std::fs::write(&path, "root:Milvus\n").unwrap();
    let seen = Arc::new(Seen::default());
    let index = opened(&seen, |settings| settings.token_file = Some(path.clone())).await;
    index.upsert(&entries(1)).await.unwrap();
    assert_eq!(seen.last("Upsert").1.unwrap(), "cm9vdDpNaWx2dXM=", "base64 of user and password");
    std::fs::write(&path, "another-key").unwrap();
    index.upsert(&entries(1)).await.unwrap();
    assert_eq!(seen.last("Upsert").1.unwrap(), "YW5vdGhlci1rZXk=");
    std::fs::remove_file(&path).unwrap();
    assert_eq!(index.upsert(&entries(1)).await.unwrap_err().kind(), ErrorKind::Configuration);
}

#[tokio::test]
async fn a_server_that_is_down_is_unavailable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let policy = EgressPolicy::allowing([("127.0.0.1", port)]);
    let settings = MilvusSettings::new(format!("http://127.0.0.1:{port}"), "catalog");
    let error = MilvusIndex::open(settings, DIMENSION, "words/1", &policy).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().contains(&port.to_string()), "{error}");
}

#[tokio::test]
async fn settings_that_no_server_takes_are_refused_before_any_call() {
    let policy = EgressPolicy::allowing([("127.0.0.1", 1)]);
    for (collection, dimension) in [("", 3), ("9tables", 3), ("a-b", 3), ("catalog", 0), ("catalog", 40_000)] {
        let settings = MilvusSettings::new("http://127.0.0.1:1", collection);
        let error = MilvusIndex::open(settings, dimension, "words/1", &policy).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{collection} {dimension}");
    }
}
