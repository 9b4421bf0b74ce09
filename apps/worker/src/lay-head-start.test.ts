import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { DeclaredService } from '@sandboxed/domain';
import { runDir, sandboxIdSchema, workspaceDir } from '@sandboxed/domain';
import {
  headStartPipe,
  takeHeadStart,
} from '../../../libs/agent/src/head-start.ts';
import { layHeadStart } from './lay-head-start.ts';

const ID = sandboxIdSchema.parse('01ARZ3NDEKTSV4RRFFQ69G5FAV');
const PLAIN = { id: ID, template: null };
const WEB: DeclaredService = {
  name: 'web',
  spec: { command: 'serve', port: 3000, env: { B: '2' } },
};

let dataDir: string;
beforeEach(() => {
  dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'head-start-'));
  fs.mkdirSync(path.join(workspaceDir(dataDir, ID), 'workspace/app'), {
    recursive: true,
  });
  fs.mkdirSync(runDir(dataDir, ID), { recursive: true });
  execFileSync('mkfifo', [headStartPipe(runDir(dataDir, ID))]);
});
afterEach(() => {
  fs.rmSync(dataDir, { recursive: true });
});

const depsWith = (...declared: readonly DeclaredService[]) => ({
  store: {
    services: { list: () => [...declared] },
    sandboxes: { env: () => ({ A: '1' }) },
  },
  host: { dataDir },
});
const taken = () => takeHeadStart(runDir(dataDir, ID));
const app = () => path.join(workspaceDir(dataDir, ID), 'workspace/app');

it('holds the environment and what is declared, until it is over', () => {
  const laid = layHeadStart(depsWith(WEB), PLAIN);
  expect(taken()).toEqual({
    env: { A: '1' },
    services: [
      {
        name: 'web',
        source: 'declared',
        command: 'serve',
        port: 3000,
        env: { B: '2' },
      },
    ],
  });
  laid[Symbol.dispose]();
  expect(taken()).toBeUndefined();
});

it('is gone once it was not taken and is over', () => {
  layHeadStart(depsWith(WEB), PLAIN)[Symbol.dispose]();
  expect(taken()).toBeUndefined();
});

it('holds what the app itself says is to run', () => {
  const manifest = 'version: 1\nweb:\n  command: mine\n  port: 4000\n';
  fs.writeFileSync(path.join(app(), 'sandbox.yaml'), manifest);
  using _laid = layHeadStart(depsWith(WEB), PLAIN);
  expect(taken()?.services).toMatchObject([
    { name: 'web', source: 'manifest', command: 'mine', port: 4000 },
  ]);
});

it('is none where nothing is to run, or the app directory is a link', () => {
  using _nothing = layHeadStart(depsWith(), PLAIN);
  expect(taken()).toBeUndefined();
  const elsewhere = path.join(dataDir, 'elsewhere');
  fs.renameSync(app(), elsewhere);
  fs.symlinkSync(elsewhere, app());
  using _linked = layHeadStart(depsWith(WEB), PLAIN);
  expect(taken()).toBeUndefined();
});

it('is none while a template may still have to fill the app directory', () => {
  const sandbox = { id: ID, template: 'static' };
  using _empty = layHeadStart(depsWith(WEB), sandbox);
  expect(taken()).toBeUndefined();
  fs.writeFileSync(path.join(app(), 'index.html'), '');
  using _filled = layHeadStart(depsWith(WEB), sandbox);
  expect(taken()?.services).toMatchObject([{ name: 'web', command: 'serve' }]);
});
