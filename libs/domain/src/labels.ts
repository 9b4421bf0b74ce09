/** On every container of ours; uninstall removes by it. */
export const LABEL_MANAGED = 'sandboxed.managed';
/** Which installation the container belongs to: reconcile touches only its own. */
export const LABEL_INSTANCE = 'sandboxed.instance';
export const LABEL_ID = 'sandboxed.id';
export const LABEL_GENERATION = 'sandboxed.generation';
/** Hash of what the container was made from: a stopped one that was made from something else is replaced. */
export const LABEL_SPEC = 'sandboxed.spec';
/** The same without the limits: tells whether a container that nobody has used yet only lacks its sandbox's limits. */
export const LABEL_POOL = 'sandboxed.pool';
/** On a network of ours: the subnet that it was made with. Without one given the Engine takes no addresses of ours, and does not tell. */
export const LABEL_SUBNET = 'sandboxed.subnet';
