/** Bounds that both sides of the agent's protocol hold to. */
export const AGENT_LIMITS = {
  /** Bytes of a request body. */
  requestBytes: 2 * 1024 * 1024,
  /** Bytes of one line of a streamed answer. */
  lineBytes: 1024 * 1024,
  /** Bytes of an answer that is not streamed. */
  responseBytes: 4 * 1024 * 1024,
  /** Processes that run at once. */
  runningProcesses: 512,
  /** Finished processes whose state and output are kept; the oldest go first. */
  finishedProcesses: 200,
  /** Bytes of output of finished processes that are kept, but for the newest of them; the oldest go first. */
  finishedOutputBytes: 1024 * 1024 * 1024,
  /** Bytes of a file of the app directory that is reported with its text. */
  appTextBytes: 64 * 1024,
  /** Declared services. */
  services: 64,
  /** Lines that a log can be asked to begin with. */
  logTailLines: 5_000,
  /** Ports that are reported as connected. */
  connectedPorts: 1_000,
  /** Milliseconds that a wait for a port may last. */
  waitPortMs: 60_000,
  /** Milliseconds that a process may be given; a timer of Node holds no more than 24 days. */
  processTimeoutMs: 7 * 24 * 3_600_000,
  /** Bytes of output that a process may be allowed to keep. */
  outputCapBytes: 1024 * 1024 * 1024,
  /** Terminals of a sandbox, those that nobody looks at and those that ended lately among them. */
  terminals: 16,
  /** Bytes of the last output of a terminal that are kept for who comes back to it. */
  scrollbackBytes: 256 * 1024,
  /** Milliseconds that a terminal which nobody looks at goes on, and that it is remembered after its end. */
  terminalKeptMs: 300_000,
  /** Milliseconds that a program may leave what was typed unread before its connection is cut. */
  unreadInputMs: 60_000,
  /** Bytes of one frame of a terminal's connection: of the terminal itself, and of what is said about it. */
  terminalDataBytes: 64 * 1024,
  terminalControlBytes: 512 * 1024,
} as const;
