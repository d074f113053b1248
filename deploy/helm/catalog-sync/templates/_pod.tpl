{{/* The parts of a pod that the daemon, the CronJob and the migration job share. */}}
{{- define "catalog-sync.pod" -}}
serviceAccountName: {{ include "catalog-sync.name" . }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  seccompProfile: { type: RuntimeDefault }
{{- with .Values.image.pullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "catalog-sync.container" -}}
image: {{ include "catalog-sync.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
resources: {{- toYaml .Values.resources | nindent 2 }}
{{- end }}

{{- define "catalog-sync.mounts" -}}
- { name: config, mountPath: /etc/catalog-sync, readOnly: true }
- { name: secrets, mountPath: /run/secrets/catalog-sync, readOnly: true }
- { name: state, mountPath: /var/lib/catalog-sync }
{{- end }}

{{/* One file a secret, readable by the pod's group alone. */}}
{{- define "catalog-sync.secrets" -}}
{{- $s := .Values.secrets -}}
name: secrets
projected:
  defaultMode: 0440
  sources:
    {{- with $s.openmetadata.existingSecret }}
    - secret:
        name: {{ . }}
        items:
          - { key: {{ $s.openmetadata.tokenKey }}, path: openmetadata-token }
          {{- if $.Values.webhook.enabled }}
          - { key: {{ $s.openmetadata.webhookKey }}, path: webhook-secret }
          {{- end }}
    {{- end }}
    {{- with $s.litellm.existingSecret }}
    - secret: { name: {{ . }}, items: [{ key: {{ $s.litellm.key }}, path: litellm-key }] }
    {{- end }}
    {{- with $s.milvus.existingSecret }}
    - secret: { name: {{ . }}, items: [{ key: {{ $s.milvus.key }}, path: milvus-token }] }
    {{- end }}
    {{- if eq .Values.ledger.store "postgres" }}
    - secret: { name: {{ $s.postgres.existingSecret }}, items: [{ key: {{ $s.postgres.urlKey }}, path: ledger-url }] }
    {{- end }}
    - secret: { name: {{ $s.ledgerKey.existingSecret }}, items: [{ key: {{ $s.ledgerKey.key }}, path: ledger-key }] }
    {{- with $s.apiTokens.existingSecret }}
    - secret: { name: {{ . }}, items: [{ key: {{ $s.apiTokens.key }}, path: api-tokens }] }
    {{- end }}
{{- end }}
