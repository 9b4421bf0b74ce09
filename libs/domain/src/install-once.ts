/** How the dependencies of an app are installed. All of it is our own text, none the tenant's. */
export interface Installation {
  /** Folder that holds the dependencies; the mark of a finished installation goes with it. */
  readonly folder: string;
  /** Files in which people say what they need. */
  readonly wishes: readonly string[];
  /** Files that the installation itself may write. */
  readonly locks: readonly string[];
  readonly command: string;
}

/**
 * Shell lines that install dependencies unless a finished installation of just these wishes and locks is there. What failed,
 * was cut off or overtaken by a new wish is done again; a build and a starting service wait for each other. Leaves the
 * shell with the error if it fails.
 */
export function installOnce(installation: Installation): string {
  const { folder, wishes, locks, command } = installation;
  const mark = `${folder}/.sandboxed-installed`;
  return `wished() { cat ${wishes.join(' ')} 2>/dev/null | sha256sum; }
wanted() { { echo '${command}'; wished; cat ${locks.join(' ')} 2>/dev/null; } | sha256sum; }
(
  flock 9
  if ! [ -s ${mark} ] || [ "$(wanted)" != "$(cat ${mark})" ]; then
    rm -f ${mark}
    before=$(wished)
    ${command} && mkdir -p ${folder} && [ "$(wished)" = "$before" ] && wanted > ${mark}
  fi
) 9< . || exit`;
}
