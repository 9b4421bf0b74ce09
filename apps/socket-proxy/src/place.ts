/** What the rules of an installation go by. */
export interface Place {
  /** Value of the label `sandboxed.instance` of everything that is ours. */
  readonly instance: string;
  /** Of the host, as the Engine sees it. */
  readonly dataDir: string;
  /** The one runtime that containers may have. */
  readonly runtime: string;
  /** Begins the names of the networks' interfaces. */
  readonly bridgePrefix: string;
}
