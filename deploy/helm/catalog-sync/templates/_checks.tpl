{{/* What the schema cannot say. */}}
{{- define "catalog-sync.checks" -}}
{{- $v := .Values -}}
{{- if eq $v.ledger.store "sqlite" -}}
{{- if gt (int $v.replicas) 1 }}{{ fail "replicas > 1 needs ledger.store = postgres: a file has one owner" }}{{ end -}}
{{- if $v.cronJob.enabled }}{{ fail "cronJob.enabled needs ledger.store = postgres: it works on the shared ledger" }}{{ end -}}
{{- if not $v.persistence.enabled }}{{ fail "ledger.store = sqlite needs persistence.enabled: the audit log must outlive a pod" }}{{ end -}}
{{- else -}}
{{- if empty $v.secrets.postgres.existingSecret }}{{ fail "ledger.store = postgres needs secrets.postgres.existingSecret" }}{{ end -}}
{{- end -}}
{{- if empty $v.secrets.ledgerKey.existingSecret }}{{ fail "secrets.ledgerKey.existingSecret is needed: fingerprints are sealed" }}{{ end -}}
{{- $api := $v.config.api | default dict -}}
{{- if and (empty $v.secrets.apiTokens.existingSecret) (empty $api.oidc_issuer) }}{{ fail "name secrets.apiTokens.existingSecret or config.api.oidc_issuer: the API does not listen without a way to know its callers" }}{{ end -}}
{{- if and $v.networkPolicy.enabled (empty $v.networkPolicy.extraEgress) -}}
{{- $egress := $v.config.egress | default dict -}}
{{- $telemetry := $v.config.telemetry | default dict -}}
{{- if or $egress.allow $telemetry.otlp_url $api.oidc_keys_url }}{{ fail "config names a further address (egress.allow, telemetry.otlp_url or api.oidc_keys_url): add its rule to networkPolicy.extraEgress" }}{{ end -}}
{{- end -}}
{{- end }}
