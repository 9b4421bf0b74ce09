/** How the dependencies of an app are installed. All of it is our own text, none the tenant's. */
export interface Installation {
  /** Folder that holds the dependencies; the mark of a finished installation goes with it. */
  readonly folder: string;
  /** Files that decide what is installed. */
  readonly inputs: readonly string[];
  readonly command: string;
}

/**
 * Shell lines that install dependencies unless a finished installation of just these inputs is there. What failed or was
 * cut off is done again; a build and a starting service wait for each other. Leaves the shell with the error if it fails.
 */
export function installOnce(installation: Installation): string {
  const { folder, inputs, command } = installation;
  const mark = `${folder}/.sandboxed-installed`;
  return `wanted() { { echo '${command}'; cat ${inputs.join(' ')} 2>/dev/null; } | sha256sum; }
(
  flock 9
  if ! [ -s ${mark} ] || [ "$(wanted)" != "$(cat ${mark})" ]; then
    rm -f ${mark}
    ${command} && mkdir -p ${folder} && wanted > ${mark}
  fi
) 9< . || exit`;
}
