//! Calls to the server, and what its refusals mean to us.

use std::marker::PhantomData;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use catalog_core::{Error, ErrorKind, Result};
use catalog_net::{EgressPolicy, Http2Channel, Http2Options, TokenFile};
use prost::Message;
use tonic::body::Body;
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::http::uri::PathAndQuery;
use tonic::metadata::AsciiMetadataValue;
use tonic::{Code, Request};

use super::MilvusSettings;
use super::proto::{Answer, Status};

/// Largest answer that is read: the hits of a search with their texts.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// Milvus's code of a collection that is not in memory, as after a restart of the server.
const NOT_LOADED: i32 = 101;

/// The key under which an error carries Milvus's code.
const CODE: &str = "milvus_code";

/// A connection to one database of one server.
pub(super) struct Rpc {
    grpc: Grpc<Http2Channel<Body>>,
    token: Option<TokenFile>,
    address: String,
    deadline: Duration,
}

impl Rpc {
    pub(super) fn new(settings: &MilvusSettings, policy: &EgressPolicy) -> Result<Self> {
        let options = Http2Options { ca_file: settings.ca_file.clone(), ..Http2Options::default() };
        let channel = Http2Channel::new(&settings.url, policy, &options)?;
        let origin = channel.origin().clone();
        let address = origin.authority().map(ToString::to_string).unwrap_or_default();
        let grpc = Grpc::with_origin(channel, origin).max_decoding_message_size(ANSWER_BYTES_MAX);
        let token = settings.token_file.as_ref().map(TokenFile::new);
        Ok(Self { grpc, token, address, deadline: settings.deadline })
    }

    /// Calls one method of `MilvusService` and checks its answer's status. `step` names the call in errors.
    pub(super) async fn call<Q, A>(&self, step: &'static str, method: &str, question: Q) -> Result<A>
    where
        Q: Message + 'static,
        A: Answer,
    {
        let path = format!("/milvus.proto.milvus.MilvusService/{method}");
        let path: PathAndQuery =
            path.parse().map_err(|e| self.error(ErrorKind::Internal, step, "bad path").caused_by(e))?;
        let mut request = Request::new(question);
        request.set_timeout(self.deadline);
        if let Some(token) = &self.token {
            let encoded = STANDARD.encode(token.token()?.expose());
            let mut value: AsciiMetadataValue =
                encoded.parse().map_err(|e| self.error(ErrorKind::Internal, step, "bad token").caused_by(e))?;
            value.set_sensitive(true);
            request.metadata_mut().insert("authorization", value);
        }
        let mut grpc = self.grpc.clone();
        let exchange = async {
            grpc.ready().await.map_err(|e| self.error(ErrorKind::Unavailable, step, "no connection").caused_by(e))?;
            grpc.unary(request, path, Prost::<Q, A>(PhantomData)).await.map_err(|status| self.broken(step, status))
        };
        let answer: A = tokio::time::timeout(self.deadline, exchange)
            .await
            .map_err(|_| self.error(ErrorKind::Timeout, step, "milvus did not answer in time"))??
            .into_inner();
        match answer.status() {
            Some(status) if status.code != 0 || status.error_code != 0 => Err(self.refused(step, status)),
            _ => Ok(answer),
        }
    }

    fn error(&self, kind: ErrorKind, step: &'static str, why: &str) -> Error {
        Error::new(kind, step, why).with("milvus", &self.address)
    }

    /// A call that got no answer of Milvus's own.
    fn broken(&self, step: &'static str, status: tonic::Status) -> Error {
        let (kind, why) = match status.code() {
            Code::DeadlineExceeded => (ErrorKind::Timeout, "milvus did not answer in time"),
            Code::PermissionDenied | Code::Unauthenticated => (ErrorKind::Forbidden, "milvus does not let us"),
            Code::ResourceExhausted => (ErrorKind::LimitExceeded, "a message is too large"),
            Code::OutOfRange => (ErrorKind::LimitExceeded, "the answer is too large"),
            Code::Unimplemented => (ErrorKind::Unsupported, "the server has no such method"),
            Code::InvalidArgument => (ErrorKind::InvalidInput, "milvus refused the request"),
            _ => (ErrorKind::Unavailable, "milvus cannot be reached"),
        };
        self.error(kind, step, why).caused_by(status)
    }

    /// A call that Milvus refused. Its own words stay out of sight: they may quote a stored text.
    fn refused(&self, step: &'static str, status: &Status) -> Error {
        let code = if status.code == 0 { status.error_code } else { status.code };
        let (kind, why) = match code {
            100 | 4 => (ErrorKind::NotFound, "there is no such collection"),
            NOT_LOADED => (ErrorKind::Unavailable, "the collection is not loaded"),
            700 | 11 | 25 => (ErrorKind::NotFound, "the collection has no index"),
            1600 => (ErrorKind::NotFound, "there is no such alias"),
            8 | 49 => (ErrorKind::RateLimited, "milvus asks us to slow down"),
            3 | 1400 | 1401 | 1402 => (ErrorKind::Forbidden, "milvus does not let us"),
            5 | 6 | 1100 | 1101 => (ErrorKind::InvalidInput, "milvus refused the request"),
            _ => (ErrorKind::Unavailable, "milvus failed"),
        };
        self.error(kind, step, why).with(CODE, code).caused_by(status.reason.clone())
    }
}

/// Did the call fail because the collection has to be loaded first?
pub(super) fn is_not_loaded(error: &Error) -> bool {
    error.context().iter().any(|(key, value)| *key == CODE && *value == NOT_LOADED.to_string())
}

/// Writes one kind of message and reads another.
struct Prost<Q, A>(PhantomData<(Q, A)>);

impl<Q: Message + 'static, A: Answer> Codec for Prost<Q, A> {
    type Encode = Q;
    type Decode = A;
    type Encoder = ProstEncoder<Q>;
    type Decoder = ProstDecoder<A>;

    fn encoder(&mut self) -> Self::Encoder {
        ProstEncoder(PhantomData)
    }

    fn decoder(&mut self) -> Self::Decoder {
        ProstDecoder(PhantomData)
    }
}

struct ProstEncoder<Q>(PhantomData<Q>);

impl<Q: Message> Encoder for ProstEncoder<Q> {
    type Item = Q;
    type Error = tonic::Status;

    fn encode(&mut self, message: Q, buffer: &mut EncodeBuf<'_>) -> std::result::Result<(), tonic::Status> {
        message.encode(buffer).map_err(|e| tonic::Status::internal(e.to_string()))
    }
}

struct ProstDecoder<A>(PhantomData<A>);

impl<A: Answer> Decoder for ProstDecoder<A> {
    type Item = A;
    type Error = tonic::Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> std::result::Result<Option<A>, tonic::Status> {
        A::decode(buffer).map(Some).map_err(|e| tonic::Status::internal(e.to_string()))
    }
}
