{{- define "catalog-sync.name" -}}
{{ .Values.fullnameOverride | default "catalog-sync" | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "catalog-sync.selector" -}}
app.kubernetes.io/name: catalog-sync
app.kubernetes.io/instance: {{ include "catalog-sync.name" . }}
{{- end }}

{{- define "catalog-sync.labels" -}}
{{ include "catalog-sync.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: akko
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: catalog-sync-{{ .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "catalog-sync.image" -}}
{{- $image := .Values.image -}}
{{- $repository := ternary $image.repository (printf "%s/%s" $image.registry $image.repository) (empty $image.registry) -}}
{{- if $image.digest -}}
{{ $repository }}@{{ $image.digest }}
{{- else -}}
{{ $repository }}:{{ $image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}
