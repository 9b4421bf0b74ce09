export type { Camel } from './camel.ts';
export { fromCamel } from './camel.ts';
export type {
  CommandLine,
  CommandOptions,
  CommandResult,
  OutputPiece,
  RunOptions,
} from './commands.ts';
export { Commands, RunningCommand } from './commands.ts';
export type { ErrorCode, ErrorDetails } from './errors.ts';
export {
  AuthenticationError,
  CancelledError,
  ConflictError,
  ConnectionError,
  FailureError,
  InvalidRequestError,
  LimitError,
  NotFoundError,
  PermissionError,
  PreconditionFailedError,
  SandboxedError,
  TimeoutError,
  UnavailableError,
} from './errors.ts';
export type {
  EventData,
  FeedEvent,
  FollowOptions,
  SandboxedEvent,
} from './events.ts';
export type {
  FileEntry,
  ListOptions,
  MoveOptions,
  ReadFile,
  WriteOptions,
  WrittenFile,
} from './files.ts';
export { Files } from './files.ts';
export type { Reader } from './http/client.ts';
export { Client } from './http/client.ts';
export type { CallOptions, Connection } from './http/connection.ts';
export type { Bytes, RawRequest, Sent } from './http/request.ts';
export type { WebSocketClass, WebSocketLike } from './http/web-socket.ts';
export type { AnswerOf, BodyOf, CallOf, Method, Path } from './http/routes.ts';
export type { Job } from './jobs.ts';
export { Jobs } from './jobs.ts';
export type { Key, KeyFilter, KeySpec, NewKey } from './keys.ts';
export { Keys } from './keys.ts';
export type { ReadyOptions } from './preview.ts';
export { Preview } from './preview.ts';
export type {
  ListFilter,
  SandboxChange,
  SandboxDetails,
  SandboxInfo,
  SandboxSpec,
  StopOptions,
} from './sandbox.ts';
export { Sandbox } from './sandbox.ts';
export type {
  FollowLogOptions,
  LogOptions,
  Service,
  ServiceSpec,
} from './services.ts';
export { Services } from './services.ts';
export type { Task, TaskFilter, TaskOptions, TaskResult } from './tasks.ts';
export { TaskRun, Tasks } from './tasks.ts';
export type {
  AttachOptions,
  TerminalEnd,
  TerminalOptions,
  TerminalSize,
  TerminalStatus,
} from './terminals/options.ts';
export { Terminal } from './terminals/terminal.ts';
export { Terminals } from './terminals/terminals.ts';
export type {
  Delivery,
  NewWebhook,
  SentDelivery,
  Webhook,
  WebhookChange,
  WebhookSpec,
} from './webhooks.ts';
export { Webhooks } from './webhooks.ts';
export type { Work } from './work.ts';
export type { components, operations, paths } from './wire.ts';
