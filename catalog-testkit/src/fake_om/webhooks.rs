//! Webhooks: subscriptions, and the signed requests that events become.

use std::collections::VecDeque;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::exchange::{Answer, Request};
use super::kind::text;
use super::options::{User, WebhookBody};
use super::stand_in::StandIn;

/// Deliveries that nobody takes are dropped beyond this many, the oldest first.
const DELIVERIES_MAX: usize = 100_000;

/// A request that a webhook's receiver is to get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Where to.
    pub endpoint: String,
    /// The value of `X-OM-Signature`; absent without a secret.
    pub signature: Option<String>,
    /// The body, byte by byte as signed.
    pub body: Vec<u8>,
}

/// Subscriptions with their secrets, and what waits to be sent.
#[derive(Debug, Default)]
pub(super) struct Webhooks {
    subscriptions: Vec<Subscription>,
    waiting: VecDeque<Delivery>,
}

#[derive(Debug)]
struct Subscription {
    /// As it is answered: secrets are covered.
    shown: Value,
    /// Endpoint and secret of each destination that is on.
    targets: Vec<(String, String)>,
}

impl StandIn {
    pub(super) fn subscriptions(&mut self, request: &Request, user: &User, rest: &[&str]) -> Result<Answer, Answer> {
        match (request.method.as_str(), rest) {
            ("POST", []) => self.subscribe(&request.body_json()?, user, false),
            ("PUT", []) => self.subscribe(&request.body_json()?, user, true),
            ("GET", []) => {
                let data: Vec<&Value> = self.webhooks.subscriptions.iter().map(|s| &s.shown).collect();
                Ok(Answer::json(200, json!({ "data": data, "paging": { "total": data.len() } })))
            }
            ("GET", ["name", name]) => self.subscription("name", name).map(|shown| Answer::json(200, shown)),
            ("GET", [id]) => self.subscription("id", id).map(|shown| Answer::json(200, shown)),
            ("DELETE", [id]) => {
                let shown = self.subscription("id", id)?;
                self.webhooks.subscriptions.retain(|s| s.shown["id"] != shown["id"]);
                Ok(Answer::json(200, shown))
            }
            _ => Err(Answer::error(404, "HTTP 404 Not Found")),
        }
    }

    fn subscription(&self, member: &str, value: &str) -> Result<Value, Answer> {
        let found = self.webhooks.subscriptions.iter().find(|s| s.shown[member] == value);
        found.map(|s| s.shown.clone()).ok_or_else(|| Answer::not_found("eventsubscription", value))
    }

    fn subscribe(&mut self, body: &Value, user: &User, replaces: bool) -> Result<Answer, Answer> {
        let name = text(body, "name");
        if name.is_empty() || text(body, "alertType").is_empty() {
            return Err(Answer::error(400, "[name and alertType must not be null]"));
        }
        let there = self.subscription("name", name).ok();
        if there.is_some() && !replaces {
            return Err(Answer::error(409, "Entity already exists"));
        }
        let id = there.as_ref().map_or_else(Self::new_id, |shown| text(shown, "id").to_owned());
        let (destinations, targets) = self.destinations(&body["destinations"]);
        let or = |member: &str, default: Value| body.get(member).cloned().unwrap_or(default);
        let shown = json!({
            "id": id,
            "name": name,
            "fullyQualifiedName": name,
            "displayName": or("displayName", json!(name)),
            "href": format!("{}/events/subscriptions/{id}", self.options.href_base),
            "version": 0.1,
            "updatedAt": self.now_ms(),
            "updatedBy": user.name,
            "alertType": body["alertType"],
            "filteringRules": { "resources": or("resources", json!(["all"])), "rules": [], "actions": [] },
            "destinations": destinations,
            "enabled": or("enabled", json!(true)),
            "batchSize": or("batchSize", json!(10)),
            "retries": or("retries", json!(3)),
            "pollInterval": or("pollInterval", json!(60)),
            "input": or("input", json!({ "filters": [], "actions": [] })),
        });
        self.webhooks.subscriptions.retain(|s| s.shown["id"] != shown["id"]);
        self.webhooks.subscriptions.push(Subscription { shown: shown.clone(), targets });
        Ok(if there.is_some() { Answer::json(200, shown) } else { Self::created(shown) })
    }

    /// The destinations as they are answered, and endpoint and secret of those that are on.
    fn destinations(&self, asked: &Value) -> (Value, Vec<(String, String)>) {
        let (mut shown, mut targets) = (asked.clone(), Vec::new());
        for destination in shown.as_array_mut().into_iter().flatten().filter(|destination| destination.is_object()) {
            let secret = text(&destination["config"], "secretKey").to_owned();
            if destination["enabled"] != false && destination["type"] == "Webhook" {
                targets.push((text(&destination["config"], "endpoint").to_owned(), secret.clone()));
            }
            destination["id"] = json!(Self::new_id());
            destination["statusDetails"] = json!({ "status": "active", "timestamp": self.now_ms() });
            if !secret.is_empty() {
                let covered = STANDARD.encode(blake3::hash(secret.as_bytes()).as_bytes());
                destination["config"]["secretKey"] = json!(format!("fernet:{covered}"));
            }
        }
        (shown, targets)
    }

    /// Turns an event into what its subscribers are to get.
    pub(super) fn notify(&mut self, event: &Value) {
        let body = shaped(event, self.options.webhook_body).to_string().into_bytes();
        for subscription in self.webhooks.subscriptions.iter().filter(|s| s.shown["enabled"] != false) {
            let resources = subscription.shown["filteringRules"]["resources"].as_array();
            let wanted = |r: &Value| *r == "all" || *r == event["entityType"];
            if !resources.is_some_and(|r| r.iter().any(wanted)) {
                continue;
            }
            for (endpoint, secret) in &subscription.targets {
                if self.webhooks.waiting.len() == DELIVERIES_MAX {
                    self.webhooks.waiting.pop_front();
                }
                let signature = (!secret.is_empty()).then(|| sign(secret, &body));
                self.webhooks.waiting.push_back(Delivery { endpoint: endpoint.clone(), signature, body: body.clone() });
            }
        }
    }

    /// Takes what waits to be sent, oldest first. A test may lose it, double it or send it in another order.
    pub fn take_deliveries(&mut self) -> Vec<Delivery> {
        self.webhooks.waiting.drain(..).collect()
    }
}

fn shaped(event: &Value, body: WebhookBody) -> Value {
    match body {
        WebhookBody::Single => event.clone(),
        WebhookBody::Data => json!({ "data": [event] }),
        WebhookBody::Array => json!([event]),
        WebhookBody::EventList => json!({ "data": [event], "paging": { "total": 1 } }),
    }
}

/// `sha256=` and the base64 of HMAC-SHA256 (RFC 2104) over the raw body.
fn sign(secret: &str, body: &[u8]) -> String {
    // A key of any length is fine for an HMAC.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(body);
    format!("sha256={}", STANDARD.encode(mac.finalize().into_bytes()))
}
