{{/* A value as TOML writes it. JSON's strings, numbers and lists are TOML's, its objects are not; and through JSON a
whole number stays whole. */}}
{{- define "catalog-sync.toml" -}}
{{- if kindIs "map" . -}}
{ {{ range $i, $key := keys . | sortAlpha }}{{ if $i }}, {{ end }}{{ toJson $key }} = {{ include "catalog-sync.toml" (get $ $key) }}{{ end }} }
{{- else if kindIs "slice" . -}}
[{{ range $i, $item := . }}{{ if $i }}, {{ end }}{{ include "catalog-sync.toml" $item }}{{ end }}]
{{- else -}}
{{ toJson . }}
{{- end -}}
{{- end }}

{{- define "catalog-sync.url" -}}
{{ ternary "https" "http" (default false .tls) }}://{{ .host }}:{{ .port }}
{{- end }}

{{/* The daemon's configuration file: what these values decide, over the operator's own keys. */}}
{{- define "catalog-sync.config" -}}
{{- $v := .Values -}}
{{- $s := $v.services -}}
{{- $secret := "file:/run/secrets/catalog-sync" -}}
{{- $ours := dict
  "openmetadata" (dict
    "url" (printf "%s/api" (include "catalog-sync.url" $s.openmetadata))
    "token" (ternary (printf "%s/openmetadata-token" $secret) "" (not (empty $v.secrets.openmetadata.existingSecret)))
    "webhook_secret" (ternary (printf "%s/webhook-secret" $secret) "" (and $v.webhook.enabled (not (empty $v.secrets.openmetadata.existingSecret)))))
  "trino" (dict "url" (include "catalog-sync.url" $s.trino))
  "llm" (dict
    "url" (ternary (printf "%s/v1" (include "catalog-sync.url" $s.litellm)) "" $s.litellm.enabled)
    "key" (ternary (printf "%s/litellm-key" $secret) "" (not (empty $v.secrets.litellm.existingSecret)))
    "enabled" (and $v.llm.enabled $s.litellm.enabled)
    "fallback_enabled" $v.llm.fallback.enabled)
  "milvus" (dict
    "url" (ternary (include "catalog-sync.url" $s.milvus) "" $s.milvus.enabled)
    "token" (ternary (printf "%s/milvus-token" $secret) "" (not (empty $v.secrets.milvus.existingSecret))))
  "ledger" (ternary
    (dict "store" "postgres" "url" (printf "%s/ledger-url" $secret) "host" (printf "%s:%v" $s.postgres.host $s.postgres.port) "runtime_role" $v.ledger.runtimeRole)
    (dict "store" "sqlite" "url" "" "host" "")
    (eq $v.ledger.store "postgres"))
  "querylog" (dict
    "intake" $v.queryLog.intake.enabled
    "victorialogs_url" (ternary (include "catalog-sync.url" $s.victorialogs) "" $v.queryLog.victorialogs.enabled))
  "state" (dict "dir" "/var/lib/catalog-sync" "key_file" "/run/secrets/catalog-sync/ledger-key")
  "api" (dict
    "listen" "0.0.0.0:8580"
    "tokens_file" (ternary "/run/secrets/catalog-sync/api-tokens" "" (not (empty $v.secrets.apiTokens.existingSecret))))
-}}
preset = {{ toJson $v.preset }}
{{- $all := mergeOverwrite (deepCopy $v.config) $ours }}
{{- range $section := keys $all | sortAlpha }}

[{{ $section }}]
{{- $values := get $all $section }}
{{- range $key := keys $values | sortAlpha }}
{{ $key }} = {{ include "catalog-sync.toml" (get $values $key) }}
{{- end }}
{{- end }}
{{- end }}
