/* Made of the OpenAPI document by scripts/check-api.mjs --write: not to be edited. */
export interface paths {
    readonly "/": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The console, for browsers */
        readonly get: operations["openConsole"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/console/{file}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** What the console consists of */
        readonly get: operations["getConsoleFile"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/docs": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The same to browse and to try */
        readonly get: operations["browseDocument"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/docs/{file}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** What that page consists of */
        readonly get: operations["getDocsFile"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/healthz": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Whether the process lives */
        readonly get: operations["isAlive"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/llms.txt": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The runbook for an agent that drives this API */
        readonly get: operations["getRunbook"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/metrics": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Figures for Prometheus */
        readonly get: operations["getMetrics"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/openapi.json": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** This API as an OpenAPI 3.1 document */
        readonly get: operations["getDocument"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/readyz": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Whether jobs would get done; names what is missing */
        readonly get: operations["isReady"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/audit": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Who did what, when, from where, to what, with what outcome; newest first, a tenant its own alone */
        readonly get: operations["listAudit"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/events": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Stream what all of the caller's sandboxes tell: transitions, jobs, findings and disk warnings (SSE)
         * @description Each event is what the own log of its sandbox has, with `sandbox_id`. Begins with what comes next unless told after which event; `position` says where the stream stands. Who was away for very long is sent `trimmed`, and reads the lists anew.
         */
        readonly get: operations["streamEvents"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/jobs": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** List jobs, newest first, without their results */
        readonly get: operations["listJobs"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/jobs/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Read a job; `?wait=` holds until it ends */
        readonly get: operations["getJob"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/jobs/{id}/cancel": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Cancel a command, task or change; one that runs is asked to end (work on the sandbox itself is not cancellable) */
        readonly post: operations["cancelJob"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/jobs/{id}/events": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Stream a job's events to its end (SSE) */
        readonly get: operations["streamJobEvents"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/keys": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** List API keys, newest first, without their secrets */
        readonly get: operations["listKeys"];
        readonly put?: never;
        /** Make an API key of a tenant; `secret` is shown this once. Takes no Idempotency-Key */
        readonly post: operations["createKey"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/keys/{key}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Read an API key, without its secret */
        readonly get: operations["getKey"];
        readonly put?: never;
        readonly post?: never;
        /** Revoke an API key: refused from now on, its calls under way cut within seconds; jobs that it asked for go on */
        readonly delete: operations["revokeKey"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sandboxes": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** List sandboxes, newest first */
        readonly get: operations["listSandboxes"];
        readonly put?: never;
        /** Create a sandbox */
        readonly post: operations["createSandbox"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sandboxes/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Read a sandbox with its live figures */
        readonly get: operations["getSandbox"];
        readonly put?: never;
        readonly post?: never;
        /** Delete a sandbox and keep its workspace */
        readonly delete: operations["deleteSandbox"];
        readonly options?: never;
        readonly head?: never;
        /** Change a sandbox; limits apply live */
        readonly patch: operations["updateSandbox"];
        readonly trace?: never;
    };
    readonly "/v1/sandboxes/{id}/events": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Stream a sandbox's own log: transitions, jobs, findings and disk warnings (SSE) */
        readonly get: operations["streamSandboxEvents"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sandboxes/{id}/exec": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Run a command; a stopped sandbox is started first */
        readonly post: operations["runCommand"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sandboxes/{id}/export": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The app directory as tar.gz, without what tools make again */
        readonly get: operations["exportFiles"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sandboxes/{id}/files": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** List a directory of the app directory; links are not followed */
        readonly get: operations["listFiles"];
        /** Write a file in one step, or append to one; parents are made */
        readonly put: operations["writeFile"];
        readonly post?: never;
        /** Remove a file, a link, or a directory */
        readonly delete: operations["removeFile"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sandboxes/{id}/files/content": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Read a file, or one range of it */
        readonly get: operations["downloadFile"];
        /** Write a file in one step from the bytes of the body */
        readonly put: operations["uploadFile"];
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sandboxes/{id}/files/mkdir": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Make a directory with its parents; one that is there is fine */
        readonly post: operations["makeDirectory"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sandboxes/{id}/files/move": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Move a file or directory; a file there is replaced, a directory not */
        readonly post: operations["moveFile"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sandboxes/{id}/import": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Unpack a tar file, plain or gzip, into the app directory */
        readonly post: operations["importFiles"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sandboxes/{id}/keepalive": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Keep a sandbox awake until a time */
        readonly post: operations["keepSandboxAwake"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sandboxes/{id}/preview-links": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Make a link that opens a private preview in a browser; `expires_in` is in seconds, the first port is the usual one */
        readonly post: operations["createPreviewLink"];
        /** Revoke every link to a sandbox's private previews, and every session that came of one, at once */
        readonly delete: operations["revokePreviewLinks"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sandboxes/{id}/purge": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Delete a sandbox and its workspace */
        readonly post: operations["purgeSandbox"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sandboxes/{id}/services": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** List services with their state: declared ones, and those of sandbox.yaml or detected ones that run */
        readonly get: operations["listServices"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sandboxes/{id}/services/{name}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        /** Declare a service: it is supervised and started again with the sandbox */
        readonly put: operations["putService"];
        readonly post?: never;
        /** Stop and forget a service */
        readonly delete: operations["removeService"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sandboxes/{id}/services/{name}/logs": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The last lines a service wrote; `follow=true` goes on as SSE */
        readonly get: operations["readServiceLogs"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sandboxes/{id}/services/{name}/restart": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Restart a service */
        readonly post: operations["restartService"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sandboxes/{id}/start": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Start a sandbox; a running one is left as it is */
        readonly post: operations["startSandbox"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sandboxes/{id}/stop": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Stop a sandbox; `force` ends its running work first */
        readonly post: operations["stopSandbox"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sandboxes/{id}/tasks": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** List a sandbox's tasks, newest first, without their results and with the beginning of their prompts */
        readonly get: operations["listTasks"];
        readonly put?: never;
        /** Hand a prompt to a coding agent; a stopped sandbox is started first */
        readonly post: operations["createTask"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sandboxes/{id}/tasks/{taskId}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Read a task, with its result once it has ended */
        readonly get: operations["getTask"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sandboxes/{id}/tasks/{taskId}/cancel": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Cancel a task; its agent ends within 10 s */
        readonly post: operations["cancelTask"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sandboxes/{id}/tasks/{taskId}/events": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Stream what the agent does, to its end (SSE) */
        readonly get: operations["streamTaskEvents"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sandboxes/{id}/tasks/{taskId}/revert": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Bring the app directory back to the state before a task */
        readonly post: operations["revertTask"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sandboxes/{id}/terminal": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** A terminal over a web socket: frames of bytes are typed and shown, frames of text are JSON about it; a stopped sandbox is started first */
        readonly get: operations["openTerminal"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sandboxes/{id}/terminal-tickets": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Make a ticket for one web socket of a terminal within 30 s, for browsers: pass `protocols` to `new WebSocket(url, protocols)` */
        readonly post: operations["createTerminalTicket"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/system": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Who calls and the version; for admins also capacity, workers, queues and warnings */
        readonly get: operations["getSystem"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/tenants": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** List tenants by name, with what they have and may have */
        readonly get: operations["listTenants"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/tenants/{tenant}/quota": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Read what a tenant has and may have */
        readonly get: operations["getQuota"];
        /** Set what a tenant may have: a number, or null for no limit; what is left out is the default. Nothing is stopped for it */
        readonly put: operations["putQuota"];
        readonly post?: never;
        /** Let a tenant have the default again */
        readonly delete: operations["removeQuota"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/usage": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** What the caller's tenant has, and how much it may have */
        readonly get: operations["getUsage"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/webhooks": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** List webhooks, oldest first, without their secrets */
        readonly get: operations["listWebhooks"];
        readonly put?: never;
        /** Have events of the caller's sandboxes delivered to a URL, signed as Standard Webhooks says; `secret` is shown this once. Takes no Idempotency-Key */
        readonly post: operations["createWebhook"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/webhooks/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Read a webhook, without its secret: whether it is enabled, and since when it fails */
        readonly get: operations["getWebhook"];
        readonly put?: never;
        readonly post?: never;
        /** Remove a webhook with all its deliveries */
        readonly delete: operations["removeWebhook"];
        readonly options?: never;
        readonly head?: never;
        /** Change a webhook, switch it off (what waits is given up) or on again (it hears of what happens from then on) */
        readonly patch: operations["updateWebhook"];
        readonly trace?: never;
    };
    readonly "/v1/webhooks/{id}/deliveries": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** What a webhook was sent and what waits, newest first, with the outcome of the last try */
        readonly get: operations["listDeliveries"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/webhooks/{id}/deliveries/{deliveryId}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Read a delivery with its body */
        readonly get: operations["getDelivery"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/webhooks/{id}/deliveries/{deliveryId}/redeliver": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Send a delivery again, under the same webhook-id; one that waits is tried at once */
        readonly post: operations["redeliver"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/webhooks/{id}/rotate-secret": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Give a webhook a new secret, shown this once; for a day deliveries are signed with the one before, too. Takes no Idempotency-Key */
        readonly post: operations["rotateWebhookSecret"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/webhooks/{id}/test": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Send a webhook a delivery of type webhook.test */
        readonly post: operations["testWebhook"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        readonly AcceptedJob: {
            readonly events_url: string;
            readonly job_id: string;
            /** @enum {string} */
            readonly kind: "create" | "start" | "stop" | "delete" | "purge" | "exec" | "limits" | "service" | "task" | "revert";
            readonly sandbox_id: string;
        };
        readonly CreateKey: {
            /** @description Seconds that it can be used for; until it is revoked unless given. */
            readonly expires_in_seconds?: number;
            /** @description For people. */
            readonly name: string;
            /** @description What it may do; `write` includes `read`, and `admin` everything. */
            readonly scopes: readonly ("metrics" | "read" | "write" | "admin")[];
            /** @description Whose key it is; the caller's own unless given. */
            readonly tenant?: string;
        };
        readonly CreateSandbox: {
            /**
             * @description `none`: it reaches no network, and no name is resolved.
             * @default open
             * @enum {string}
             */
            readonly egress?: "open" | "none";
            /**
             * @description Environment variables of all its programs. Kept encrypted and never shown again: the place for secrets.
             * @default {}
             */
            readonly env?: {
                readonly [key: string]: string;
            };
            /**
             * @description Ids of your own system, to find it by.
             * @default {}
             */
            readonly external?: {
                /** @description Of the project it belongs to. */
                readonly project_id?: string;
                /** @description Of the user it is for. */
                readonly user_id?: string;
                /** @description Of the workspace it belongs to. */
                readonly workspace_id?: string;
            };
            /** @description A ULID for it; one is made unless given. */
            readonly id?: string;
            /**
             * @description `sleep` stops it after its idle timeout, `always_on` does not.
             * @default sleep
             * @enum {string}
             */
            readonly idle_policy?: "sleep" | "always_on";
            /** @description Seconds without use after which it sleeps; those of the settings unless given. */
            readonly idle_timeout_seconds?: number;
            /** @description An image that is on the host and that the settings allow; that of the settings unless given. */
            readonly image?: string;
            /**
             * @description Words of yours to find it by, at most 64.
             * @default {}
             */
            readonly labels?: components["schemas"]["Labels"];
            /**
             * @description What it may use; where left out 2048 MiB of memory, 2 processors, 1024 processes, 10240 MiB of disk.
             * @default {}
             */
            readonly limits?: {
                /** @description Processors, also a part of one. */
                readonly cpus?: number;
                /** @description MiB that its files may take. */
                readonly disk_mb?: number;
                /** @description MiB of memory, swap included. */
                readonly memory_mb?: number;
                /** @description Processes and threads at once. */
                readonly pids?: number;
            };
            /** @description For people; two may have the same. */
            readonly name?: string;
            /**
             * @description Ports that have a preview URL.
             * @default [
             *       3000
             *     ]
             */
            readonly ports?: readonly number[];
            /**
             * @description What its app directory begins with; nothing unless given.
             * @enum {string}
             */
            readonly template?: "blank" | "vite-react" | "next" | "node-express" | "fastapi" | "static";
            /**
             * @description `private`: its previews open with a preview link alone.
             * @default public
             * @enum {string}
             */
            readonly visibility?: "public" | "private";
            /**
             * @description `on_request`: a visit of its preview wakes it; `manual`: it does not.
             * @default on_request
             * @enum {string}
             */
            readonly wake?: "on_request" | "manual";
        };
        readonly CreateTask: {
            /**
             * @description Which coding agent. The key of its provider comes with `env`, here or of the sandbox.
             * @enum {string}
             */
            readonly agent: "opencode" | "claude-code" | "codex";
            /** @description Whether the last session of that agent here goes on; so it does where there is one, unless given. */
            readonly continue?: boolean;
            /**
             * @description Variables besides those of the sandbox, such as a key of a provider. Kept encrypted, and erased when the task ends.
             * @default {}
             */
            readonly env?: {
                readonly [key: string]: string;
            };
            /**
             * @description Seconds without a sign of life after which it fails.
             * @default 600
             */
            readonly idle_timeout_seconds?: number;
            /**
             * @description Calls of the model after which it fails.
             * @default 500
             */
            readonly max_steps?: number;
            /** @description As the agent names it; its own choice unless given. */
            readonly model?: string;
            /** @description What the agent is to do. */
            readonly prompt: string;
            /**
             * @description Seconds that it may take in all.
             * @default 1800
             */
            readonly timeout_seconds?: number;
        };
        readonly CreateWebhook: {
            /** @description For people. */
            readonly description?: string;
            /** @description What it is told of; everything unless given. */
            readonly events?: readonly ("sandbox.created" | "sandbox.started" | "sandbox.stopped" | "sandbox.failed" | "sandbox.deleted" | "task.finished" | "job.failed" | "service.changed")[];
            /** @description Where to deliver: https and a public address, unless the settings allow others. */
            readonly url: string;
        };
        readonly Delivery: {
            readonly attempts: number;
            readonly created_at: string;
            readonly duration_ms: number | null;
            readonly error: string | null;
            readonly finished_at: string | null;
            readonly id: string;
            readonly next_attempt_at: string | null;
            readonly response_status: number | null;
            /** @enum {string} */
            readonly status: "pending" | "delivered" | "failed";
            /** @enum {string} */
            readonly type: "sandbox.created" | "sandbox.started" | "sandbox.stopped" | "sandbox.failed" | "sandbox.deleted" | "task.finished" | "job.failed" | "service.changed" | "webhook.test";
            readonly webhook_id: string;
        };
        readonly EndedCommand: {
            readonly duration_ms: number;
            readonly events_url: string;
            readonly exit_code?: number;
            readonly job_id: string;
            /** @enum {string} */
            readonly kind: "create" | "start" | "stop" | "delete" | "purge" | "exec" | "limits" | "service" | "task" | "revert";
            readonly process_id?: string;
            readonly sandbox_id: string;
            readonly signal?: string;
            /** @enum {string} */
            readonly status: "queued" | "running" | "succeeded" | "failed" | "cancelled";
            readonly stderr?: string;
            readonly stdout?: string;
            readonly timed_out?: boolean;
            readonly truncated?: boolean;
        };
        readonly EndedJob: {
            readonly events_url: string;
            readonly job_id: string;
            /** @enum {string} */
            readonly kind: "create" | "start" | "stop" | "delete" | "purge" | "exec" | "limits" | "service" | "task" | "revert";
            readonly sandbox_id: string;
            /** @enum {string} */
            readonly status: "queued" | "running" | "succeeded" | "failed" | "cancelled";
        };
        readonly Events: {
            readonly build: {
                readonly message?: string;
                /** @enum {string} */
                readonly status: "running" | "passed" | "failed" | "skipped";
            };
            readonly disk: {
                readonly files: number;
                readonly files_limit: number;
                /** @enum {string} */
                readonly level: "ok" | "high" | "full";
                readonly limit_mb: number;
                readonly message: string;
                readonly used_mb: number;
            };
            readonly done: {
                readonly error?: components["schemas"]["Failure"];
                readonly result?: unknown;
                /** @enum {string} */
                readonly status: "queued" | "running" | "succeeded" | "failed" | "cancelled";
            };
            readonly file: {
                /** @enum {string} */
                readonly change: "added" | "modified" | "deleted";
                readonly offset?: number;
                readonly path: string;
            };
            readonly finding: {
                /** @enum {string} */
                readonly action: "removed" | "renamed" | "unpaused" | "booted" | "corrected" | "reported";
                readonly actor: string;
                /** @enum {string} */
                readonly kind: "container_exited" | "container_oom_killed" | "container_gone" | "container_paused" | "container_started" | "container_restarted" | "container_renamed" | "container_replaced" | "container_surplus" | "container_orphan" | "agent_silent" | "state_stuck" | "run_dir_orphan" | "workspace_orphan" | "workspace_missing" | "gate_orphan" | "gate_draft" | "trash_left" | "agent_dir_unused" | "worker_dead" | "lease_of_silent_worker" | "lease_expired";
                readonly message: string;
            };
            readonly job: {
                /** @enum {string} */
                readonly kind: "create" | "start" | "stop" | "delete" | "purge" | "exec" | "limits" | "service" | "task" | "revert";
                readonly requested_by: string;
                /** @enum {string} */
                readonly status: "queued" | "running" | "succeeded" | "failed" | "cancelled";
            };
            readonly message: {
                readonly offset?: number;
                /** @enum {string} */
                readonly role: "agent" | "agent_error";
                readonly text: string;
            };
            readonly raw: {
                readonly offset?: number;
                readonly text: string;
            };
            readonly state: {
                readonly actor: string;
                readonly from: ("creating" | "starting" | "running" | "stopping" | "stopped" | "deleting" | "error" | "deleted") | null;
                readonly reason: string;
                /** @enum {string} */
                readonly to: "creating" | "starting" | "running" | "stopping" | "stopped" | "deleting" | "error" | "deleted";
            };
            readonly status: {
                readonly message?: string;
                readonly offset?: number;
                /** @enum {string} */
                readonly phase?: "starting" | "checkpoint" | "agent_running" | "build_check" | "health_check";
                /** @enum {string} */
                readonly status: "queued" | "running" | "succeeded" | "failed" | "cancelled";
            };
            readonly stderr: {
                readonly offset: number;
                readonly text: string;
            };
            readonly stdout: {
                readonly offset: number;
                readonly text: string;
            };
            readonly tool: {
                readonly id: string;
                readonly name: string;
                readonly offset?: number;
                readonly path?: string;
                /** @enum {string} */
                readonly status: "running" | "completed" | "failed";
                readonly title?: string;
            };
            readonly usage: {
                readonly cache_read: number;
                readonly cache_write: number;
                readonly cost_usd?: number;
                readonly input: number;
                readonly offset?: number;
                readonly output: number;
                readonly reasoning: number;
                readonly total: number;
            };
        };
        readonly Exec: {
            /**
             * @description The job ends as soon as the program runs, which goes on.
             * @default false
             */
            readonly background?: boolean;
            /** @description A program and its arguments, which no shell touches; this or `shell`. */
            readonly cmd?: readonly string[];
            /** @description Directory, relative to the app directory or absolute; the app directory unless given. */
            readonly cwd?: string;
            /**
             * @description Variables besides those of the sandbox. Kept encrypted, and erased when the job ends.
             * @default {}
             */
            readonly env?: {
                readonly [key: string]: string;
            };
            /** @description A line for bash; this or `cmd`. */
            readonly shell?: string;
            /** @description What it reads. Kept encrypted, and erased when the job ends. */
            readonly stdin?: string;
            /** @description It is ended after so many seconds: 600 unless given, and without a limit in the background. */
            readonly timeout_seconds?: number;
        };
        readonly Failure: {
            /** @enum {string} */
            readonly code: "invalid_request" | "unauthenticated" | "forbidden_origin" | "forbidden_scope" | "not_found" | "method_not_allowed" | "sandbox_not_found" | "job_not_found" | "service_not_found" | "key_not_found" | "webhook_not_found" | "delivery_not_found" | "file_not_found" | "file_conflict" | "precondition_failed" | "range_not_satisfiable" | "id_taken" | "busy" | "job_finished" | "not_cancellable" | "task_not_found" | "terminal_not_found" | "task_in_progress" | "task_failed" | "checkpoint_not_found" | "illegal_transition" | "stale_write" | "idempotency_mismatch" | "body_too_large" | "headers_too_large" | "image_not_allowed" | "image_missing" | "no_capacity" | "quota_exceeded" | "rate_limited" | "disk_full" | "store_unavailable" | "sandbox_not_running" | "start_failed" | "container_conflict" | "agent_unreachable" | "agent_protocol" | "docker_unavailable" | "firewall_down" | "timed_out" | "cancelled" | "worker_lost" | "secret_unreadable" | "internal";
            readonly message: string;
            readonly retryable: boolean;
        };
        readonly FileChange: {
            /** @enum {string} */
            readonly change: "added" | "modified" | "deleted";
            readonly path: string;
        };
        readonly FileEntry: {
            readonly mode: string;
            /** Format: date-time */
            readonly modified_at: string;
            readonly path: string;
            readonly size: number;
            /** @enum {string} */
            readonly type: "file" | "directory" | "link" | "other";
        };
        readonly FileList: {
            readonly entries: readonly components["schemas"]["FileEntry"][];
            readonly path: string;
            readonly truncated: boolean;
        };
        readonly Imported: {
            readonly bytes: number;
            readonly files: number;
        };
        readonly Job: {
            readonly attempts: number;
            readonly created_at: string;
            readonly error?: components["schemas"]["Failure"];
            readonly finished_at?: string;
            readonly id: string;
            /** @enum {string} */
            readonly kind: "create" | "start" | "stop" | "delete" | "purge" | "exec" | "limits" | "service" | "task" | "revert";
            readonly requested_by: string;
            readonly result?: unknown;
            readonly sandbox_id: string;
            readonly started_at?: string;
            /** @enum {string} */
            readonly status: "queued" | "running" | "succeeded" | "failed" | "cancelled";
            readonly timings?: components["schemas"]["JobTimings"];
        };
        readonly JobTimings: {
            readonly accept_ms?: number;
            readonly earlier_ms: number;
            readonly phases: {
                readonly [key: string]: number;
            };
            readonly queue_ms: number;
            readonly total_ms: number;
        };
        readonly Keepalive: {
            /** @description For so many seconds from now on; this or `until`. */
            readonly seconds?: number;
            /** @description When that ends, in seconds since the epoch; this or `seconds`, and the idle timeout from now on without either. */
            readonly until?: number;
        };
        readonly Labels: {
            readonly [key: string]: string;
        };
        readonly Limits: {
            /** @description Processors, also a part of one. */
            readonly cpus: number;
            /** @description MiB that its files may take. */
            readonly disk_mb: number;
            /** @description MiB of memory, swap included. */
            readonly memory_mb: number;
            /** @description Processes and threads at once. */
            readonly pids: number;
        };
        readonly ListedSandbox: {
            readonly active_task_id?: string;
            readonly created_at: string;
            /** @enum {string} */
            readonly egress: "open" | "none";
            readonly env_names: readonly string[];
            readonly error?: components["schemas"]["Failure"];
            readonly external: {
                /** @description Of the project it belongs to. */
                readonly project_id?: string;
                /** @description Of the user it is for. */
                readonly user_id?: string;
                /** @description Of the workspace it belongs to. */
                readonly workspace_id?: string;
            };
            readonly figures?: {
                readonly cpu_percent: number;
                readonly memory_bytes: number;
                readonly processes: number;
                readonly sampled_at: string;
            };
            readonly id: string;
            /** @enum {string} */
            readonly idle_policy: "sleep" | "always_on";
            readonly idle_timeout_seconds: number;
            readonly image: string;
            readonly keepalive_until?: number;
            readonly labels: components["schemas"]["Labels"];
            readonly last_active_at: string;
            readonly limits: components["schemas"]["Limits"];
            readonly name?: string;
            readonly ports: readonly number[];
            readonly preview_urls: {
                readonly [key: string]: string;
            };
            /** @enum {string} */
            readonly status: "creating" | "starting" | "running" | "stopping" | "stopped" | "deleting" | "error" | "deleted";
            readonly status_reason: string;
            readonly stopped_at?: string;
            readonly updated_at: string;
            /** @enum {string} */
            readonly visibility: "public" | "private";
            /** @enum {string} */
            readonly wake: "on_request" | "manual";
        };
        readonly MakeDirectory: {
            /** @description The directory, relative to the app directory; those above it are made. */
            readonly path: string;
        };
        readonly MoveFile: {
            /** @description What is moved, relative to the app directory. */
            readonly from: string;
            /**
             * @description `false`: only where nothing is yet, else the answer is 412.
             * @default true
             */
            readonly replace?: boolean;
            /** @description Where to, relative to the app directory. A file that is there is replaced, a directory not. */
            readonly to: string;
        };
        readonly PatchSandbox: {
            /**
             * @description `sleep` stops it after its idle timeout, `always_on` does not.
             * @enum {string}
             */
            readonly idle_policy?: "sleep" | "always_on";
            /** @description Seconds without use after which it sleeps. */
            readonly idle_timeout_seconds?: number;
            /** @description Labels to set; null removes one, and others stay. */
            readonly labels?: {
                readonly [key: string]: string | null;
            };
            /** @description Limits to change, also of a sandbox that runs; others stay. */
            readonly limits?: {
                /** @description Processors, also a part of one. */
                readonly cpus?: number;
                /** @description MiB that its files may take. */
                readonly disk_mb?: number;
                /** @description MiB of memory, swap included. */
                readonly memory_mb?: number;
                /** @description Processes and threads at once. */
                readonly pids?: number;
            };
            /** @description For people; null takes it away. */
            readonly name?: string | null;
            /**
             * @description A change revokes all preview links.
             * @enum {string}
             */
            readonly visibility?: "public" | "private";
        };
        readonly PatchWebhook: {
            /** @description For people. */
            readonly description?: string;
            /** @description Whether it is delivered to. What happens meanwhile is not delivered later. */
            readonly enabled?: boolean;
            /** @description What it is told of from now on. */
            readonly events?: readonly ("sandbox.created" | "sandbox.started" | "sandbox.stopped" | "sandbox.failed" | "sandbox.deleted" | "task.finished" | "job.failed" | "service.changed")[];
            /** @description Where to deliver from now on. */
            readonly url?: string;
        };
        readonly Problem: {
            /** @enum {string} */
            readonly code: "invalid_request" | "unauthenticated" | "forbidden_origin" | "forbidden_scope" | "not_found" | "method_not_allowed" | "sandbox_not_found" | "job_not_found" | "service_not_found" | "key_not_found" | "webhook_not_found" | "delivery_not_found" | "file_not_found" | "file_conflict" | "precondition_failed" | "range_not_satisfiable" | "id_taken" | "busy" | "job_finished" | "not_cancellable" | "task_not_found" | "terminal_not_found" | "task_in_progress" | "task_failed" | "checkpoint_not_found" | "illegal_transition" | "stale_write" | "idempotency_mismatch" | "body_too_large" | "headers_too_large" | "image_not_allowed" | "image_missing" | "no_capacity" | "quota_exceeded" | "rate_limited" | "disk_full" | "store_unavailable" | "sandbox_not_running" | "start_failed" | "container_conflict" | "agent_unreachable" | "agent_protocol" | "docker_unavailable" | "firewall_down" | "timed_out" | "cancelled" | "worker_lost" | "secret_unreadable" | "internal";
            readonly detail: string;
            readonly errors?: readonly {
                readonly message: string;
                readonly path: string;
            }[];
            readonly quota?: {
                readonly limit: number;
                readonly name: string;
                readonly used: number;
            };
            readonly request_id: string;
            readonly retryable: boolean;
            readonly status: number;
            readonly title: string;
            readonly type: string;
        };
        readonly QuotaOverrides: {
            /** @description MiB: the disk limits of all that have files. Null is no limit. */
            readonly disk_mb?: number | null;
            /** @description MiB: the memory limits of those that run, in all. Null is no limit. */
            readonly memory_mb?: number | null;
            /** @description Calls in a minute. Null is no limit. */
            readonly requests_per_minute?: number | null;
            /** @description Sandboxes that run at once. Null is no limit. */
            readonly running?: number | null;
            /** @description Sandboxes that are not deleted. Null is no limit. */
            readonly sandboxes?: number | null;
            /** @description Calls that stay open at once. Null is no limit. */
            readonly streams?: number | null;
            /** @description Sandboxes with a task at once. Null is no limit. */
            readonly tasks?: number | null;
        };
        readonly Sandbox: {
            readonly active_task_id?: string;
            readonly created_at: string;
            /** @enum {string} */
            readonly egress: "open" | "none";
            readonly env_names: readonly string[];
            readonly error?: components["schemas"]["Failure"];
            readonly external: {
                /** @description Of the project it belongs to. */
                readonly project_id?: string;
                /** @description Of the user it is for. */
                readonly user_id?: string;
                /** @description Of the workspace it belongs to. */
                readonly workspace_id?: string;
            };
            readonly id: string;
            /** @enum {string} */
            readonly idle_policy: "sleep" | "always_on";
            readonly idle_timeout_seconds: number;
            readonly image: string;
            readonly keepalive_until?: number;
            readonly labels: components["schemas"]["Labels"];
            readonly last_active_at: string;
            readonly limits: components["schemas"]["Limits"];
            readonly name?: string;
            readonly ports: readonly number[];
            readonly preview_urls: {
                readonly [key: string]: string;
            };
            /** @enum {string} */
            readonly status: "creating" | "starting" | "running" | "stopping" | "stopped" | "deleting" | "error" | "deleted";
            readonly status_reason: string;
            readonly stopped_at?: string;
            readonly updated_at: string;
            /** @enum {string} */
            readonly visibility: "public" | "private";
            /** @enum {string} */
            readonly wake: "on_request" | "manual";
        };
        readonly SandboxAtWork: {
            readonly active_task_id?: string;
            readonly created_at: string;
            /** @enum {string} */
            readonly egress: "open" | "none";
            readonly env_names: readonly string[];
            readonly error?: components["schemas"]["Failure"];
            readonly events_url?: string;
            readonly external: {
                /** @description Of the project it belongs to. */
                readonly project_id?: string;
                /** @description Of the user it is for. */
                readonly user_id?: string;
                /** @description Of the workspace it belongs to. */
                readonly workspace_id?: string;
            };
            readonly id: string;
            /** @enum {string} */
            readonly idle_policy: "sleep" | "always_on";
            readonly idle_timeout_seconds: number;
            readonly image: string;
            readonly job_id?: string;
            readonly keepalive_until?: number;
            readonly labels: components["schemas"]["Labels"];
            readonly last_active_at: string;
            readonly limits: components["schemas"]["Limits"];
            readonly name?: string;
            readonly ports: readonly number[];
            readonly preview_urls: {
                readonly [key: string]: string;
            };
            /** @enum {string} */
            readonly status: "creating" | "starting" | "running" | "stopping" | "stopped" | "deleting" | "error" | "deleted";
            readonly status_reason: string;
            readonly stopped_at?: string;
            readonly updated_at: string;
            /** @enum {string} */
            readonly visibility: "public" | "private";
            /** @enum {string} */
            readonly wake: "on_request" | "manual";
        };
        readonly SandboxDetails: {
            readonly active_task_id?: string;
            readonly created_at: string;
            readonly disk?: {
                readonly files: number;
                readonly files_limit: number;
                readonly limit_mb: number;
                readonly measured_at: string;
                readonly used_mb: number;
            };
            /** @enum {string} */
            readonly egress: "open" | "none";
            readonly env_names: readonly string[];
            readonly error?: components["schemas"]["Failure"];
            readonly external: {
                /** @description Of the project it belongs to. */
                readonly project_id?: string;
                /** @description Of the user it is for. */
                readonly user_id?: string;
                /** @description Of the workspace it belongs to. */
                readonly workspace_id?: string;
            };
            readonly figures?: {
                readonly cpu_percent: number;
                readonly memory_bytes: number;
                readonly processes: number;
                readonly sampled_at: string;
            };
            readonly id: string;
            /** @enum {string} */
            readonly idle_policy: "sleep" | "always_on";
            readonly idle_timeout_seconds: number;
            readonly image: string;
            readonly keepalive_until?: number;
            readonly labels: components["schemas"]["Labels"];
            readonly last_active_at: string;
            readonly limits: components["schemas"]["Limits"];
            readonly name?: string;
            readonly ports: readonly number[];
            readonly preview_urls: {
                readonly [key: string]: string;
            };
            readonly previews?: {
                readonly [key: string]: {
                    readonly listening: boolean;
                };
            };
            readonly services?: readonly {
                readonly name: string;
                readonly status: string;
            }[];
            /** @enum {string} */
            readonly status: "creating" | "starting" | "running" | "stopping" | "stopped" | "deleting" | "error" | "deleted";
            readonly status_reason: string;
            readonly stopped_at?: string;
            readonly updated_at: string;
            /** @enum {string} */
            readonly visibility: "public" | "private";
            /** @enum {string} */
            readonly wake: "on_request" | "manual";
        };
        readonly Service: {
            readonly command: string;
            readonly cwd?: string;
            readonly env_names: readonly string[];
            readonly name: string;
            readonly port?: number;
            /** @enum {string} */
            readonly source: "manifest" | "declared" | "detected";
            readonly status: string;
        };
        readonly ServiceSpec: {
            /** @description A line for bash. It runs again when it ends, and whenever the sandbox starts. */
            readonly command: string;
            /** @description Directory, relative to the app directory or absolute; the app directory unless given. */
            readonly cwd?: string;
            /**
             * @description Variables besides those of the sandbox. Kept encrypted.
             * @default {}
             */
            readonly env?: {
                readonly [key: string]: string;
            };
            /** @description What it listens on: its status is `running` once something does. */
            readonly port?: number;
        };
        readonly StopSandbox: {
            /**
             * @description Also while commands or tasks run, which are cancelled first.
             * @default false
             */
            readonly force?: boolean;
        };
        readonly Task: {
            /** @enum {string} */
            readonly agent: "opencode" | "claude-code" | "codex";
            readonly created_at: string;
            readonly error?: components["schemas"]["Failure"];
            readonly events_url: string;
            readonly finished_at?: string;
            readonly id: string;
            readonly job_id: string;
            readonly model?: string;
            readonly prompt: string;
            readonly requested_by: string;
            readonly result?: components["schemas"]["TaskResult"];
            readonly sandbox_id: string;
            readonly started_at?: string;
            /** @enum {string} */
            readonly status: "queued" | "running" | "succeeded" | "failed" | "cancelled";
            readonly timings?: components["schemas"]["JobTimings"];
        };
        readonly TaskResult: {
            readonly agent_message_final?: string;
            readonly build_message?: string;
            /** @enum {string} */
            readonly build_status: "passed" | "failed" | "skipped";
            readonly checkpoint_id?: string;
            readonly cost_usd?: number;
            readonly duration_ms: number;
            readonly error_message?: string;
            /** @enum {string} */
            readonly failure_reason?: "agent_error" | "agent_timeout" | "agent_idle" | "agent_loop" | "step_limit" | "output_limit" | "cancelled" | "provider_auth" | "provider_quota" | "provider_error" | "build_failed" | "preview_failed" | "worker_lost" | "sandbox_stopped";
            readonly files_changed: readonly components["schemas"]["FileChange"][];
            readonly files_truncated?: boolean;
            readonly preview: {
                readonly http_status?: number;
                readonly message?: string;
                /** @enum {string} */
                readonly status: "ready" | "failed" | "none" | "skipped";
                readonly url?: string;
            };
            readonly session_id?: string;
            /** @enum {string} */
            readonly status: "succeeded" | "failed" | "cancelled";
            readonly tokens: components["schemas"]["TokenCounts"];
        };
        readonly TokenCounts: {
            readonly cache_read: number;
            readonly cache_write: number;
            readonly input: number;
            readonly output: number;
            readonly reasoning: number;
            readonly total: number;
        };
        readonly Webhook: {
            readonly created_at: string;
            readonly description: string;
            readonly disabled_at: string | null;
            readonly disabled_reason: ("asked" | "failing" | "gone" | "backlog") | null;
            readonly events: readonly ("sandbox.created" | "sandbox.started" | "sandbox.stopped" | "sandbox.failed" | "sandbox.deleted" | "task.finished" | "job.failed" | "service.changed")[];
            readonly failing_since: string | null;
            readonly id: string;
            readonly last_success_at: string | null;
            readonly made_by: string;
            /** @enum {string} */
            readonly status: "enabled" | "disabled";
            readonly tenant: string;
            readonly url: string;
        };
        readonly WriteFile: {
            /**
             * @description Adds to the end of the file, which is made if it is missing.
             * @default false
             */
            readonly append?: boolean;
            /** @description What is in it, or is added to it. */
            readonly content: string;
            /**
             * @description How `content` is written.
             * @default utf8
             * @enum {string}
             */
            readonly encoding?: "utf8" | "base64";
            /** @description Permissions in octal, such as `755`; as they were, or `644`, unless given. */
            readonly mode?: string;
            /** @description The file, relative to the app directory; directories above it are made. */
            readonly path: string;
        };
        readonly WrittenFile: {
            readonly etag: string;
            readonly path: string;
            readonly sha256: string;
            readonly size: number;
        };
    };
    responses: never;
    parameters: {
        /** @description The same, for clients that cannot set the header. */
        readonly after: string;
        /** @description Up to 255 visible characters that name this request for a day: sent again, it is answered as it was first, and nothing is done twice. */
        readonly idempotencyKey: string;
        /** @description The `ETag` that the file was read or written with: it is written only if it is that still, else the answer is 412. `*` for any file that is there. */
        readonly ifMatch: string;
        /** @description `*`: written only if nothing is there, else the answer is 412. */
        readonly ifNoneMatch: "*";
        /** @description The id of the last event that was seen: what follows comes. */
        readonly lastEventId: string;
        /** @description The id of the last event of this log that was seen: what follows comes. */
        readonly lastLogEventId: string;
        /** @description Seconds to hold the call until its job ends, which then answers the result. `Prefer: wait=` does the same. */
        readonly wait: number;
    };
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    readonly openConsole: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The console, for browsers */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/html": string;
                };
            };
        };
    };
    readonly getConsoleFile: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly file: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description What the console consists of */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/css": string;
                    readonly "text/javascript": string;
                };
            };
        };
    };
    readonly browseDocument: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The same to browse and to try */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/html": string;
                };
            };
        };
    };
    readonly getDocsFile: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly file: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description What that page consists of */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/css": string;
                    readonly "text/javascript": string;
                };
            };
        };
    };
    readonly isAlive: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Whether the process lives */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/plain": string;
                };
            };
        };
    };
    readonly getRunbook: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The runbook for an agent that drives this API */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/markdown": string;
                };
            };
        };
    };
    readonly getMetrics: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Figures for Prometheus */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/plain": string;
                };
            };
        };
    };
    readonly getDocument: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description This API as an OpenAPI 3.1 document */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly openapi: string;
                    };
                };
            };
        };
    };
    readonly isReady: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Whether jobs would get done; names what is missing */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/plain": string;
                };
            };
        };
    };
    readonly listAudit: {
        readonly parameters: {
            readonly query?: {
                /** @description This act alone, such as `POST /v1/sandboxes/{id}/exec` or `job.stop`. */
                readonly action?: string;
                /** @description What this one did, such as `api:ann`. */
                readonly actor?: string;
                /** @description `next_cursor` of the page before. */
                readonly cursor?: string;
                /** @description At most so many. */
                readonly limit?: number;
                /** @description From this moment on. */
                readonly since?: string;
                /** @description What was done to this alone: the id of a sandbox, job, key or another thing. */
                readonly target?: string;
                /** @description What is of this tenant alone. */
                readonly tenant?: string;
                /** @description Before this moment. */
                readonly until?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Who did what, when, from where, to what, with what outcome; newest first, a tenant its own alone */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly {
                            readonly action: string;
                            readonly actor: string;
                            readonly at: string;
                            readonly code: string | null;
                            readonly detail: Record<string, never>;
                            readonly id: string;
                            readonly job_id: string | null;
                            /** @enum {string} */
                            readonly outcome: "accepted" | "refused" | "failed" | "repeated" | "succeeded" | "cancelled";
                            readonly request_id: string | null;
                            readonly source: string | null;
                            readonly target: {
                                readonly id: string;
                                readonly kind: string;
                            } | null;
                            readonly tenant: string | null;
                        }[];
                        readonly next_cursor: string | null;
                    };
                };
            };
        };
    };
    readonly streamEvents: {
        readonly parameters: {
            readonly query?: {
                /** @description The same, for clients that cannot set the header. */
                readonly after?: components["parameters"]["after"];
            };
            readonly header?: {
                /** @description The id of the last event that was seen: what follows comes. */
                readonly "Last-Event-ID"?: components["parameters"]["lastEventId"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Stream what all of the caller's sandboxes tell: transitions, jobs, findings and disk warnings (SSE) */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/event-stream": {
                        readonly data?: string;
                        readonly event?: string;
                        readonly id?: string;
                    };
                };
            };
        };
    };
    readonly listJobs: {
        readonly parameters: {
            readonly query?: {
                /** @description `next_cursor` of the page before. */
                readonly cursor?: string;
                /** @description Those of this kind alone. */
                readonly kind?: "create" | "start" | "stop" | "delete" | "purge" | "exec" | "limits" | "service" | "task" | "revert";
                /** @description At most so many. */
                readonly limit?: number;
                /** @description Those of this sandbox alone. */
                readonly sandbox_id?: string;
                /** @description Those in this state alone. */
                readonly status?: "queued" | "running" | "succeeded" | "failed" | "cancelled";
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description List jobs, newest first, without their results */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly components["schemas"]["Job"][];
                        readonly next_cursor: string | null;
                    };
                };
            };
        };
    };
    readonly getJob: {
        readonly parameters: {
            readonly query?: {
                /** @description Seconds to hold the call until its job ends, which then answers the result. `Prefer: wait=` does the same. */
                readonly wait?: components["parameters"]["wait"];
            };
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Read a job; `?wait=` holds until it ends */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Job"];
                };
            };
        };
    };
    readonly cancelJob: {
        readonly parameters: {
            readonly query?: {
                /** @description Seconds to hold the call until its job ends, which then answers the result. `Prefer: wait=` does the same. */
                readonly wait?: components["parameters"]["wait"];
            };
            readonly header?: {
                /** @description Up to 255 visible characters that name this request for a day: sent again, it is answered as it was first, and nothing is done twice. */
                readonly "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": Record<string, never>;
            };
        };
        readonly responses: {
            /** @description Cancel a command, task or change; one that runs is asked to end (work on the sandbox itself is not cancellable) */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Job"];
                };
            };
        };
    };
    readonly streamJobEvents: {
        readonly parameters: {
            readonly query?: {
                /** @description The same, for clients that cannot set the header. */
                readonly after?: components["parameters"]["after"];
            };
            readonly header?: {
                /** @description The id of the last event that was seen: what follows comes. */
                readonly "Last-Event-ID"?: components["parameters"]["lastEventId"];
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Stream a job's events to its end (SSE) */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/event-stream": {
                        readonly data?: string;
                        readonly event?: string;
                        readonly id?: string;
                    };
                };
            };
        };
    };
    readonly listKeys: {
        readonly parameters: {
            readonly query?: {
                /** @description `next_cursor` of the page before. */
                readonly cursor?: string;
                /** @description At most so many. */
                readonly limit?: number;
                /** @description Those of this tenant alone. */
                readonly tenant?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description List API keys, newest first, without their secrets */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly {
                            readonly created_at: string;
                            readonly expires_at: string | null;
                            readonly id: string;
                            readonly last_used_at: string | null;
                            readonly made_by: string;
                            readonly name: string;
                            readonly prefix: string;
                            readonly revoked_at: string | null;
                            readonly scopes: readonly ("metrics" | "read" | "write" | "admin")[];
                            /** @enum {string} */
                            readonly status: "active" | "revoked" | "expired";
                            readonly tenant: string;
                        }[];
                        readonly next_cursor: string | null;
                    };
                };
            };
        };
    };
    readonly createKey: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": components["schemas"]["CreateKey"];
            };
        };
        readonly responses: {
            /** @description Make an API key of a tenant; `secret` is shown this once. Takes no Idempotency-Key */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly created_at: string;
                        readonly expires_at: string | null;
                        readonly id: string;
                        readonly last_used_at: string | null;
                        readonly made_by: string;
                        readonly name: string;
                        readonly note?: string;
                        readonly prefix: string;
                        readonly revoked_at: string | null;
                        readonly scopes: readonly ("metrics" | "read" | "write" | "admin")[];
                        readonly secret: string;
                        /** @enum {string} */
                        readonly status: "active" | "revoked" | "expired";
                        readonly tenant: string;
                    };
                };
            };
        };
    };
    readonly getKey: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly key: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Read an API key, without its secret */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly created_at: string;
                        readonly expires_at: string | null;
                        readonly id: string;
                        readonly last_used_at: string | null;
                        readonly made_by: string;
                        readonly name: string;
                        readonly prefix: string;
                        readonly revoked_at: string | null;
                        readonly scopes: readonly ("metrics" | "read" | "write" | "admin")[];
                        /** @enum {string} */
                        readonly status: "active" | "revoked" | "expired";
                        readonly tenant: string;
                    };
                };
            };
        };
    };
    readonly revokeKey: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly key: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Revoke an API key: refused from now on, its calls under way cut within seconds; jobs that it asked for go on */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly created_at: string;
                        readonly expires_at: string | null;
                        readonly id: string;
                        readonly last_used_at: string | null;
                        readonly made_by: string;
                        readonly name: string;
                        readonly prefix: string;
                        readonly revoked_at: string | null;
                        readonly scopes: readonly ("metrics" | "read" | "write" | "admin")[];
                        /** @enum {string} */
                        readonly status: "active" | "revoked" | "expired";
                        readonly tenant: string;
                    };
                };
            };
        };
    };
    readonly listSandboxes: {
        readonly parameters: {
            readonly query?: {
                /** @description `next_cursor` of the page before. */
                readonly cursor?: string;
                /** @description Those with this `external.project_id` alone. */
                readonly external_project_id?: string;
                /** @description Those with this `external.user_id` alone. */
                readonly external_user_id?: string;
                /** @description Those with this label alone, as `key:value`. */
                readonly label?: string;
                /** @description At most so many. */
                readonly limit?: number;
                /** @description Those in this state alone. */
                readonly status?: "creating" | "starting" | "running" | "stopping" | "stopped" | "deleting" | "error";
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description List sandboxes, newest first */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly components["schemas"]["ListedSandbox"][];
                        readonly next_cursor: string | null;
                    };
                };
            };
        };
    };
    readonly createSandbox: {
        readonly parameters: {
            readonly query?: {
                /** @description Seconds to hold the call until its job ends, which then answers the result. `Prefer: wait=` does the same. */
                readonly wait?: components["parameters"]["wait"];
            };
            readonly header?: {
                /** @description Up to 255 visible characters that name this request for a day: sent again, it is answered as it was first, and nothing is done twice. */
                readonly "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": components["schemas"]["CreateSandbox"];
            };
        };
        readonly responses: {
            /** @description Create a sandbox */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SandboxAtWork"];
                };
            };
        };
    };
    readonly getSandbox: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Read a sandbox with its live figures */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SandboxDetails"];
                };
            };
        };
    };
    readonly deleteSandbox: {
        readonly parameters: {
            readonly query?: {
                /** @description Seconds to hold the call until its job ends, which then answers the result. `Prefer: wait=` does the same. */
                readonly wait?: components["parameters"]["wait"];
            };
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Delete a sandbox and keep its workspace */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly events_url: string;
                        readonly freed_bytes?: number;
                        readonly id: string;
                        readonly job_id: string;
                    } | components["schemas"]["SandboxAtWork"];
                };
            };
        };
    };
    readonly updateSandbox: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": components["schemas"]["PatchSandbox"];
            };
        };
        readonly responses: {
            /** @description Change a sandbox; limits apply live */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Sandbox"];
                };
            };
        };
    };
    readonly streamSandboxEvents: {
        readonly parameters: {
            readonly query?: {
                /** @description The same, for clients that cannot set the header. */
                readonly after?: components["parameters"]["after"];
            };
            readonly header?: {
                /** @description The id of the last event that was seen: what follows comes. */
                readonly "Last-Event-ID"?: components["parameters"]["lastEventId"];
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Stream a sandbox's own log: transitions, jobs, findings and disk warnings (SSE) */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/event-stream": {
                        readonly data?: string;
                        readonly event?: string;
                        readonly id?: string;
                    };
                };
            };
        };
    };
    readonly runCommand: {
        readonly parameters: {
            readonly query?: {
                /** @description Seconds to hold the call until its job ends, which then answers the result. `Prefer: wait=` does the same. */
                readonly wait?: components["parameters"]["wait"];
            };
            readonly header?: {
                /** @description Up to 255 visible characters that name this request for a day: sent again, it is answered as it was first, and nothing is done twice. */
                readonly "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": components["schemas"]["Exec"];
            };
        };
        readonly responses: {
            /** @description Run a command; a stopped sandbox is started first */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["EndedCommand"] | {
                        readonly events_url: string;
                        readonly job_id: string;
                        /** @enum {string} */
                        readonly kind: "create" | "start" | "stop" | "delete" | "purge" | "exec" | "limits" | "service" | "task" | "revert";
                        readonly sandbox_id: string;
                        readonly status: string;
                    };
                };
            };
        };
    };
    readonly exportFiles: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The app directory as tar.gz, without what tools make again */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/gzip": string;
                };
            };
        };
    };
    readonly listFiles: {
        readonly parameters: {
            readonly query?: {
                /** @description The directory, relative to the app directory, which it is unless given. */
                readonly path?: string;
                /** @description `true`: also what is in directories below. */
                readonly recursive?: "true" | "false";
            };
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description List a directory of the app directory; links are not followed */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["FileList"];
                };
            };
        };
    };
    readonly writeFile: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description The `ETag` that the file was read or written with: it is written only if it is that still, else the answer is 412. `*` for any file that is there. */
                readonly "If-Match"?: components["parameters"]["ifMatch"];
                /** @description `*`: written only if nothing is there, else the answer is 412. */
                readonly "If-None-Match"?: components["parameters"]["ifNoneMatch"];
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": components["schemas"]["WriteFile"];
            };
        };
        readonly responses: {
            /** @description Write a file in one step, or append to one; parents are made */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["WrittenFile"];
                };
            };
        };
    };
    readonly removeFile: {
        readonly parameters: {
            readonly query: {
                /** @description Relative to the app directory. */
                readonly path: string;
                /** @description `true`: also a directory that is not empty. */
                readonly recursive?: "true" | "false";
            };
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Remove a file, a link, or a directory */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly path: string;
                    };
                };
            };
        };
    };
    readonly downloadFile: {
        readonly parameters: {
            readonly query: {
                /** @description Relative to the app directory. */
                readonly path: string;
            };
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Read a file, or one range of it */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/octet-stream": string;
                };
            };
        };
    };
    readonly uploadFile: {
        readonly parameters: {
            readonly query: {
                /** @description Relative to the app directory. */
                readonly path: string;
            };
            readonly header?: {
                /** @description The `ETag` that the file was read or written with: it is written only if it is that still, else the answer is 412. `*` for any file that is there. */
                readonly "If-Match"?: components["parameters"]["ifMatch"];
                /** @description `*`: written only if nothing is there, else the answer is 412. */
                readonly "If-None-Match"?: components["parameters"]["ifNoneMatch"];
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/octet-stream": string;
            };
        };
        readonly responses: {
            /** @description Write a file in one step from the bytes of the body */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["WrittenFile"];
                };
            };
        };
    };
    readonly makeDirectory: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Up to 255 visible characters that name this request for a day: sent again, it is answered as it was first, and nothing is done twice. */
                readonly "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": components["schemas"]["MakeDirectory"];
            };
        };
        readonly responses: {
            /** @description Make a directory with its parents; one that is there is fine */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly path: string;
                    };
                };
            };
        };
    };
    readonly moveFile: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Up to 255 visible characters that name this request for a day: sent again, it is answered as it was first, and nothing is done twice. */
                readonly "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": components["schemas"]["MoveFile"];
            };
        };
        readonly responses: {
            /** @description Move a file or directory; a file there is replaced, a directory not */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly from: string;
                        readonly to: string;
                    };
                };
            };
        };
    };
    readonly importFiles: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Up to 255 visible characters that name this request for a day: sent again, it is answered as it was first, and nothing is done twice. */
                readonly "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/gzip": string;
            };
        };
        readonly responses: {
            /** @description Unpack a tar file, plain or gzip, into the app directory */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Imported"];
                };
            };
        };
    };
    readonly keepSandboxAwake: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Up to 255 visible characters that name this request for a day: sent again, it is answered as it was first, and nothing is done twice. */
                readonly "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": components["schemas"]["Keepalive"];
            };
        };
        readonly responses: {
            /** @description Keep a sandbox awake until a time */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly id: string;
                        readonly keepalive_until: number;
                    };
                };
            };
        };
    };
    readonly createPreviewLink: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": {
                    /**
                     * @description Seconds that the link opens for.
                     * @default 3600
                     */
                    readonly expires_in?: number;
                    /** @description A port of the sandbox; its first unless given. */
                    readonly port?: number;
                };
            };
        };
        readonly responses: {
            /** @description Make a link that opens a private preview in a browser; `expires_in` is in seconds, the first port is the usual one */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly expires_at: string;
                        readonly port: number;
                        readonly url: string;
                    };
                };
            };
        };
    };
    readonly revokePreviewLinks: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Revoke every link to a sandbox's private previews, and every session that came of one, at once */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly id: string;
                        readonly revoked_at: string;
                    };
                };
            };
        };
    };
    readonly purgeSandbox: {
        readonly parameters: {
            readonly query?: {
                /** @description Seconds to hold the call until its job ends, which then answers the result. `Prefer: wait=` does the same. */
                readonly wait?: components["parameters"]["wait"];
            };
            readonly header?: {
                /** @description Up to 255 visible characters that name this request for a day: sent again, it is answered as it was first, and nothing is done twice. */
                readonly "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": Record<string, never>;
            };
        };
        readonly responses: {
            /** @description Delete a sandbox and its workspace */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly events_url: string;
                        readonly freed_bytes?: number;
                        readonly id: string;
                        readonly job_id: string;
                    } | components["schemas"]["SandboxAtWork"];
                };
            };
        };
    };
    readonly listServices: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description List services with their state: declared ones, and those of sandbox.yaml or detected ones that run */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly components["schemas"]["Service"][];
                        readonly problem?: string;
                    };
                };
            };
        };
    };
    readonly putService: {
        readonly parameters: {
            readonly query?: {
                /** @description Seconds to hold the call until its job ends, which then answers the result. `Prefer: wait=` does the same. */
                readonly wait?: components["parameters"]["wait"];
            };
            readonly header?: never;
            readonly path: {
                readonly id: string;
                readonly name: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": components["schemas"]["ServiceSpec"];
            };
        };
        readonly responses: {
            /** @description Declare a service: it is supervised and started again with the sandbox */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["EndedJob"] | components["schemas"]["AcceptedJob"];
                };
            };
        };
    };
    readonly removeService: {
        readonly parameters: {
            readonly query?: {
                /** @description Seconds to hold the call until its job ends, which then answers the result. `Prefer: wait=` does the same. */
                readonly wait?: components["parameters"]["wait"];
            };
            readonly header?: never;
            readonly path: {
                readonly id: string;
                readonly name: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Stop and forget a service */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["EndedJob"] | components["schemas"]["AcceptedJob"];
                };
            };
        };
    };
    readonly readServiceLogs: {
        readonly parameters: {
            readonly query?: {
                /** @description The id of the last event that was seen: what follows comes instead of the last lines, after an event `trimmed` (with `bytes`, where it is known how many) when not all of it is kept. `Last-Event-ID` says the same. */
                readonly after?: string;
                /** @description `true` goes on with what comes, as server-sent events `log`, each with an id by which to go on after it. */
                readonly follow?: "true" | "false";
                /** @description The last so many lines. */
                readonly tail?: number;
            };
            readonly header?: {
                /** @description The id of the last event of this log that was seen: what follows comes. */
                readonly "Last-Event-ID"?: components["parameters"]["lastLogEventId"];
            };
            readonly path: {
                readonly id: string;
                readonly name: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The last lines a service wrote; `follow=true` goes on as SSE */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/event-stream": {
                        readonly data?: string;
                        readonly event?: string;
                        readonly id?: string;
                    };
                    readonly "text/plain": string;
                };
            };
        };
    };
    readonly restartService: {
        readonly parameters: {
            readonly query?: {
                /** @description Seconds to hold the call until its job ends, which then answers the result. `Prefer: wait=` does the same. */
                readonly wait?: components["parameters"]["wait"];
            };
            readonly header?: {
                /** @description Up to 255 visible characters that name this request for a day: sent again, it is answered as it was first, and nothing is done twice. */
                readonly "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            readonly path: {
                readonly id: string;
                readonly name: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": Record<string, never>;
            };
        };
        readonly responses: {
            /** @description Restart a service */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["EndedJob"] | components["schemas"]["AcceptedJob"];
                };
            };
        };
    };
    readonly startSandbox: {
        readonly parameters: {
            readonly query?: {
                /** @description Seconds to hold the call until its job ends, which then answers the result. `Prefer: wait=` does the same. */
                readonly wait?: components["parameters"]["wait"];
            };
            readonly header?: {
                /** @description Up to 255 visible characters that name this request for a day: sent again, it is answered as it was first, and nothing is done twice. */
                readonly "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": Record<string, never>;
            };
        };
        readonly responses: {
            /** @description Start a sandbox; a running one is left as it is */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SandboxAtWork"];
                };
            };
        };
    };
    readonly stopSandbox: {
        readonly parameters: {
            readonly query?: {
                /** @description Seconds to hold the call until its job ends, which then answers the result. `Prefer: wait=` does the same. */
                readonly wait?: components["parameters"]["wait"];
            };
            readonly header?: {
                /** @description Up to 255 visible characters that name this request for a day: sent again, it is answered as it was first, and nothing is done twice. */
                readonly "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": components["schemas"]["StopSandbox"];
            };
        };
        readonly responses: {
            /** @description Stop a sandbox; `force` ends its running work first */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SandboxAtWork"];
                };
            };
        };
    };
    readonly listTasks: {
        readonly parameters: {
            readonly query?: {
                /** @description `next_cursor` of the page before. */
                readonly cursor?: string;
                /** @description At most so many. */
                readonly limit?: number;
                /** @description Those in this state alone. */
                readonly status?: "queued" | "running" | "succeeded" | "failed" | "cancelled";
            };
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description List a sandbox's tasks, newest first, without their results and with the beginning of their prompts */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly components["schemas"]["Task"][];
                        readonly next_cursor: string | null;
                    };
                };
            };
        };
    };
    readonly createTask: {
        readonly parameters: {
            readonly query?: {
                /** @description While another task is at work there: `queue` waits behind it, `reject` answers 409. */
                readonly if_busy?: "queue" | "reject";
                /** @description Seconds to hold the call until its job ends, which then answers the result. `Prefer: wait=` does the same. */
                readonly wait?: components["parameters"]["wait"];
            };
            readonly header?: {
                /** @description Up to 255 visible characters that name this request for a day: sent again, it is answered as it was first, and nothing is done twice. */
                readonly "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": components["schemas"]["CreateTask"];
            };
        };
        readonly responses: {
            /** @description Hand a prompt to a coding agent; a stopped sandbox is started first */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Task"];
                };
            };
        };
    };
    readonly getTask: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: string;
                readonly taskId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Read a task, with its result once it has ended */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Task"];
                };
            };
        };
    };
    readonly cancelTask: {
        readonly parameters: {
            readonly query?: {
                /** @description Seconds to hold the call until its job ends, which then answers the result. `Prefer: wait=` does the same. */
                readonly wait?: components["parameters"]["wait"];
            };
            readonly header?: {
                /** @description Up to 255 visible characters that name this request for a day: sent again, it is answered as it was first, and nothing is done twice. */
                readonly "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            readonly path: {
                readonly id: string;
                readonly taskId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": Record<string, never>;
            };
        };
        readonly responses: {
            /** @description Cancel a task; its agent ends within 10 s */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Task"];
                };
            };
        };
    };
    readonly streamTaskEvents: {
        readonly parameters: {
            readonly query?: {
                /** @description The same, for clients that cannot set the header. */
                readonly after?: components["parameters"]["after"];
            };
            readonly header?: {
                /** @description The id of the last event that was seen: what follows comes. */
                readonly "Last-Event-ID"?: components["parameters"]["lastEventId"];
            };
            readonly path: {
                readonly id: string;
                readonly taskId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Stream what the agent does, to its end (SSE) */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/event-stream": {
                        readonly data?: string;
                        readonly event?: string;
                        readonly id?: string;
                    };
                };
            };
        };
    };
    readonly revertTask: {
        readonly parameters: {
            readonly query?: {
                /** @description Seconds to hold the call until its job ends, which then answers the result. `Prefer: wait=` does the same. */
                readonly wait?: components["parameters"]["wait"];
            };
            readonly header?: {
                /** @description Up to 255 visible characters that name this request for a day: sent again, it is answered as it was first, and nothing is done twice. */
                readonly "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            readonly path: {
                readonly id: string;
                readonly taskId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": Record<string, never>;
            };
        };
        readonly responses: {
            /** @description Bring the app directory back to the state before a task */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["EndedJob"] | components["schemas"]["AcceptedJob"];
                };
            };
        };
    };
    readonly openTerminal: {
        readonly parameters: {
            readonly query?: {
                /** @description Offset of the first byte to show, for who comes back. */
                readonly after?: number;
                /** @description A program and its arguments, once for each word; a login shell unless given. */
                readonly cmd?: string | readonly string[];
                /** @description Characters in a line. */
                readonly cols?: number;
                /** @description Directory, relative to the app directory or absolute; the app directory unless given. */
                readonly cwd?: string;
                /** @description Lines. */
                readonly rows?: number;
                /** @description One that is there, to come back to; a new one unless given. */
                readonly terminal?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A terminal over a web socket: frames of bytes are typed and shown, frames of text are JSON about it; a stopped sandbox is started first */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly createTerminalTicket: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": {
                    /** @description Variables for a new terminal. Here and not in its address, since addresses end up in logs. */
                    readonly env?: {
                        readonly [key: string]: string;
                    };
                };
            };
        };
        readonly responses: {
            /** @description Make a ticket for one web socket of a terminal within 30 s, for browsers: pass `protocols` to `new WebSocket(url, protocols)` */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly expires_at: string;
                        readonly protocols: readonly string[];
                    };
                };
            };
        };
    };
    readonly getSystem: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Who calls and the version; for admins also capacity, workers, queues and warnings */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly caller: {
                            readonly key_id: string | null;
                            readonly scopes: readonly ("metrics" | "read" | "write" | "admin")[];
                            readonly tenant: string;
                        };
                        readonly capacity?: {
                            /** @enum {string} */
                            readonly memory_band: "normal" | "high" | "emergency";
                            readonly memory_free_mb: number;
                            readonly memory_reserved_mb: number;
                            readonly memory_total_mb: number;
                            readonly starts_waiting: number;
                        };
                        readonly disk?: {
                            readonly free_mb: number;
                            readonly is_short: boolean;
                            readonly total_mb: number;
                            readonly workspaces_mb: number;
                        };
                        readonly docker?: string | null;
                        readonly jobs?: {
                            readonly [key: string]: number;
                        };
                        readonly kernel?: string | null;
                        readonly node?: string;
                        readonly queues?: {
                            readonly exec: {
                                readonly active: number;
                                readonly waiting: number;
                            };
                            readonly lifecycle: {
                                readonly active: number;
                                readonly waiting: number;
                            };
                            readonly task: {
                                readonly active: number;
                                readonly waiting: number;
                            };
                        } | null;
                        readonly runc?: string | null;
                        readonly sandboxes?: {
                            readonly [key: string]: number;
                        };
                        readonly version: string;
                        readonly warm_pool?: {
                            readonly hits: number;
                            readonly misses: number;
                            readonly ready: number;
                            readonly wanted: number;
                        };
                        readonly warnings: readonly {
                            readonly advice: string;
                            readonly code: string;
                            readonly message: string;
                            /** @enum {string} */
                            readonly severity: "critical" | "warning";
                        }[];
                        readonly workers?: readonly {
                            readonly docker_ok: boolean;
                            readonly id: string;
                            readonly seen_at: string;
                        }[];
                    };
                };
            };
        };
    };
    readonly listTenants: {
        readonly parameters: {
            readonly query?: {
                /** @description `next_cursor` of the page before. */
                readonly cursor?: string;
                /** @description At most so many. */
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description List tenants by name, with what they have and may have */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly {
                            readonly overrides: components["schemas"]["QuotaOverrides"];
                            readonly tenant: string;
                            readonly usage: {
                                readonly [key: string]: {
                                    readonly limit: number | null;
                                    readonly used: number;
                                };
                            };
                        }[];
                        readonly next_cursor: string | null;
                    };
                };
            };
        };
    };
    readonly getQuota: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly tenant: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Read what a tenant has and may have */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly overrides: components["schemas"]["QuotaOverrides"];
                        readonly tenant: string;
                        readonly usage: {
                            readonly [key: string]: {
                                readonly limit: number | null;
                                readonly used: number;
                            };
                        };
                    };
                };
            };
        };
    };
    readonly putQuota: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly tenant: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": components["schemas"]["QuotaOverrides"];
            };
        };
        readonly responses: {
            /** @description Set what a tenant may have: a number, or null for no limit; what is left out is the default. Nothing is stopped for it */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly overrides: components["schemas"]["QuotaOverrides"];
                        readonly tenant: string;
                        readonly usage: {
                            readonly [key: string]: {
                                readonly limit: number | null;
                                readonly used: number;
                            };
                        };
                    };
                };
            };
        };
    };
    readonly removeQuota: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly tenant: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": Record<string, never>;
            };
        };
        readonly responses: {
            /** @description Let a tenant have the default again */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly overrides: components["schemas"]["QuotaOverrides"];
                        readonly tenant: string;
                        readonly usage: {
                            readonly [key: string]: {
                                readonly limit: number | null;
                                readonly used: number;
                            };
                        };
                    };
                };
            };
        };
    };
    readonly getUsage: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description What the caller's tenant has, and how much it may have */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly tenant: string;
                        readonly usage: {
                            readonly [key: string]: {
                                readonly limit: number | null;
                                readonly used: number;
                            };
                        };
                    };
                };
            };
        };
    };
    readonly listWebhooks: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description List webhooks, oldest first, without their secrets */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly components["schemas"]["Webhook"][];
                    };
                };
            };
        };
    };
    readonly createWebhook: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": components["schemas"]["CreateWebhook"];
            };
        };
        readonly responses: {
            /** @description Have events of the caller's sandboxes delivered to a URL, signed as Standard Webhooks says; `secret` is shown this once. Takes no Idempotency-Key */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly created_at: string;
                        readonly description: string;
                        readonly disabled_at: string | null;
                        readonly disabled_reason: ("asked" | "failing" | "gone" | "backlog") | null;
                        readonly events: readonly ("sandbox.created" | "sandbox.started" | "sandbox.stopped" | "sandbox.failed" | "sandbox.deleted" | "task.finished" | "job.failed" | "service.changed")[];
                        readonly failing_since: string | null;
                        readonly id: string;
                        readonly last_success_at: string | null;
                        readonly made_by: string;
                        readonly secret: string;
                        /** @enum {string} */
                        readonly status: "enabled" | "disabled";
                        readonly tenant: string;
                        readonly url: string;
                    };
                };
            };
        };
    };
    readonly getWebhook: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Read a webhook, without its secret: whether it is enabled, and since when it fails */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Webhook"];
                };
            };
        };
    };
    readonly removeWebhook: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Remove a webhook with all its deliveries */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly id: string;
                    };
                };
            };
        };
    };
    readonly updateWebhook: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": components["schemas"]["PatchWebhook"];
            };
        };
        readonly responses: {
            /** @description Change a webhook, switch it off (what waits is given up) or on again (it hears of what happens from then on) */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Webhook"];
                };
            };
        };
    };
    readonly listDeliveries: {
        readonly parameters: {
            readonly query?: {
                /** @description `next_cursor` of the page before. */
                readonly cursor?: string;
                /** @description At most so many. */
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description What a webhook was sent and what waits, newest first, with the outcome of the last try */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly components["schemas"]["Delivery"][];
                        readonly next_cursor: string | null;
                    };
                };
            };
        };
    };
    readonly getDelivery: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly deliveryId: string;
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Read a delivery with its body */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly attempts: number;
                        readonly body: string;
                        readonly created_at: string;
                        readonly duration_ms: number | null;
                        readonly error: string | null;
                        readonly finished_at: string | null;
                        readonly id: string;
                        readonly next_attempt_at: string | null;
                        readonly response_status: number | null;
                        /** @enum {string} */
                        readonly status: "pending" | "delivered" | "failed";
                        /** @enum {string} */
                        readonly type: "sandbox.created" | "sandbox.started" | "sandbox.stopped" | "sandbox.failed" | "sandbox.deleted" | "task.finished" | "job.failed" | "service.changed" | "webhook.test";
                        readonly webhook_id: string;
                    };
                };
            };
        };
    };
    readonly redeliver: {
        readonly parameters: {
            readonly query?: {
                /** @description Seconds to hold the call until its job ends, which then answers the result. `Prefer: wait=` does the same. */
                readonly wait?: components["parameters"]["wait"];
            };
            readonly header?: {
                /** @description Up to 255 visible characters that name this request for a day: sent again, it is answered as it was first, and nothing is done twice. */
                readonly "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            readonly path: {
                readonly deliveryId: string;
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Send a delivery again, under the same webhook-id; one that waits is tried at once */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly attempts: number;
                        readonly body: string;
                        readonly created_at: string;
                        readonly duration_ms: number | null;
                        readonly error: string | null;
                        readonly finished_at: string | null;
                        readonly id: string;
                        readonly next_attempt_at: string | null;
                        readonly response_status: number | null;
                        /** @enum {string} */
                        readonly status: "pending" | "delivered" | "failed";
                        /** @enum {string} */
                        readonly type: "sandbox.created" | "sandbox.started" | "sandbox.stopped" | "sandbox.failed" | "sandbox.deleted" | "task.finished" | "job.failed" | "service.changed" | "webhook.test";
                        readonly webhook_id: string;
                    };
                };
            };
        };
    };
    readonly rotateWebhookSecret: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Give a webhook a new secret, shown this once; for a day deliveries are signed with the one before, too. Takes no Idempotency-Key */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly created_at: string;
                        readonly description: string;
                        readonly disabled_at: string | null;
                        readonly disabled_reason: ("asked" | "failing" | "gone" | "backlog") | null;
                        readonly events: readonly ("sandbox.created" | "sandbox.started" | "sandbox.stopped" | "sandbox.failed" | "sandbox.deleted" | "task.finished" | "job.failed" | "service.changed")[];
                        readonly failing_since: string | null;
                        readonly id: string;
                        readonly last_success_at: string | null;
                        readonly made_by: string;
                        readonly secret: string;
                        /** @enum {string} */
                        readonly status: "enabled" | "disabled";
                        readonly tenant: string;
                        readonly url: string;
                    };
                };
            };
        };
    };
    readonly testWebhook: {
        readonly parameters: {
            readonly query?: {
                /** @description Seconds to hold the call until its job ends, which then answers the result. `Prefer: wait=` does the same. */
                readonly wait?: components["parameters"]["wait"];
            };
            readonly header?: {
                /** @description Up to 255 visible characters that name this request for a day: sent again, it is answered as it was first, and nothing is done twice. */
                readonly "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Send a webhook a delivery of type webhook.test */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly attempts: number;
                        readonly body: string;
                        readonly created_at: string;
                        readonly duration_ms: number | null;
                        readonly error: string | null;
                        readonly finished_at: string | null;
                        readonly id: string;
                        readonly next_attempt_at: string | null;
                        readonly response_status: number | null;
                        /** @enum {string} */
                        readonly status: "pending" | "delivered" | "failed";
                        /** @enum {string} */
                        readonly type: "sandbox.created" | "sandbox.started" | "sandbox.stopped" | "sandbox.failed" | "sandbox.deleted" | "task.finished" | "job.failed" | "service.changed" | "webhook.test";
                        readonly webhook_id: string;
                    };
                };
            };
        };
    };
}
