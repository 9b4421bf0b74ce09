import {
  createKeyRequestSchema,
  createRequestSchema,
  createWebhookRequestSchema,
  EVENTS,
  execRequestSchema,
  failureSchema,
  fileChangeSchema,
  fileEntrySchema,
  fileListSchema,
  importedSchema,
  jobTimingsSchema,
  keepaliveRequestSchema,
  labelsSchema,
  limitsSchema,
  makeDirectoryRequestSchema,
  moveFileRequestSchema,
  patchRequestSchema,
  patchWebhookRequestSchema,
  quotaOverridesSchema,
  serviceSpecSchema,
  stopRequestSchema,
  taskRequestSchema,
  taskResultSchema,
  tokenCountsSchema,
  writeFileRequestSchema,
  writtenFileSchema,
} from '@sandboxed/domain';
import { z } from 'zod';
import {
  acceptedJobSchema,
  endedCommandSchema,
  endedJobSchema,
} from '../http/job-answers.ts';
import { problemSchema } from '../http/problem.ts';
import { sandboxDetailsSchema, withJob } from '../routes/sandboxes.ts';
import { deliveryViewSchema } from '../routes/webhook-deliveries.ts';
import { webhookViewSchema } from '../routes/webhooks.ts';
import { serviceViewSchema } from '../service-view.ts';
import { taskViewSchema } from '../task-view.ts';
import { listedSandboxSchema } from '../routes/list-sandboxes.ts';
import { jobViewSchema, sandboxViewSchema } from '../views.ts';

/** What each event of a stream holds in `data`, by its type; all have `at`, too. */
const eventsSchema = z.object(EVENTS);

/** Schemas that have a name of their own in the document, and so in clients that are generated from it. */
export const COMPONENTS = {
  Problem: problemSchema,
  Sandbox: sandboxViewSchema,
  ListedSandbox: listedSandboxSchema,
  SandboxAtWork: withJob,
  SandboxDetails: sandboxDetailsSchema,
  CreateSandbox: createRequestSchema,
  PatchSandbox: patchRequestSchema,
  Keepalive: keepaliveRequestSchema,
  StopSandbox: stopRequestSchema,
  Limits: limitsSchema,
  Labels: labelsSchema,
  Exec: execRequestSchema,
  EndedCommand: endedCommandSchema,
  Job: jobViewSchema,
  AcceptedJob: acceptedJobSchema,
  EndedJob: endedJobSchema,
  JobTimings: jobTimingsSchema,
  Failure: failureSchema,
  CreateTask: taskRequestSchema,
  Task: taskViewSchema,
  TaskResult: taskResultSchema,
  TokenCounts: tokenCountsSchema,
  FileChange: fileChangeSchema,
  Events: eventsSchema,
  FileEntry: fileEntrySchema,
  FileList: fileListSchema,
  WriteFile: writeFileRequestSchema,
  WrittenFile: writtenFileSchema,
  MoveFile: moveFileRequestSchema,
  MakeDirectory: makeDirectoryRequestSchema,
  Imported: importedSchema,
  Service: serviceViewSchema,
  ServiceSpec: serviceSpecSchema,
  Webhook: webhookViewSchema,
  CreateWebhook: createWebhookRequestSchema,
  PatchWebhook: patchWebhookRequestSchema,
  Delivery: deliveryViewSchema,
  CreateKey: createKeyRequestSchema,
  QuotaOverrides: quotaOverridesSchema,
} as const satisfies Readonly<Record<string, z.ZodType>>;
