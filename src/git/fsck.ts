// What is checked in objects that arrive, by push or import, and which old faults are let through.

/**
 * Faults that real, old histories hold and that harm nobody: refusing them would refuse the history of Linux,
 * of Git itself and of many others, whose commits can't be mended without changing every later name.
 * Message ids: git-fsck(1).
 */
const letThrough = {
  // Trees written by tools before 2008 (GitHub's own importer among them) pad the mode of directories.
  zeroPaddedFilemode: 'ignore',
  // Modes such as 100664, from before git settled on 644 and 755; a checkout treats them as these.
  badFilemode: 'ignore',
  // Dates and time zones that old converters (from CVS, Subversion, patches by mail) wrote wrongly.
  badTimezone: 'ignore',
  badDate: 'ignore',
  badDateOverflow: 'ignore',
  missingSpaceBeforeDate: 'ignore',
  zeroPaddedDate: 'ignore',
  // Names and addresses as people once typed them: empty, without an address, with stray brackets.
  badName: 'ignore',
  badEmail: 'ignore',
  missingEmail: 'ignore',
  missingNameBeforeEmail: 'ignore',
  missingSpaceBeforeEmail: 'ignore',
  // Two author lines, from a fault of early git-svn and of hand-made commits.
  multipleAuthors: 'ignore',
  // Tags from before 2005 have no tagger.
  missingTaggerEntry: 'ignore',
  badTagName: 'ignore',
  extraHeaderEntry: 'ignore',
  // Text, not content: shown as text.
  nulInCommit: 'ignore',
  // A link in these places is ignored by git itself since 2.32.
  gitignoreSymlink: 'ignore',
  gitattributesSymlink: 'ignore',
  mailmapSymlink: 'ignore',
} as const;

/**
 * Content made to attack whoever checks it out, or that can't be read as what it says it is: errors always,
 * also where git only warns.
 */
const refusedAlways = {
  // Writing into .git of the clone, under every spelling that some file system takes for it.
  hasDot: 'error',
  hasDotdot: 'error',
  hasDotgit: 'error',
  fullPathname: 'error',
  emptyName: 'error',
  duplicateEntries: 'error',
  treeNotSorted: 'error',
  nullSha1: 'error',
  // A .gitmodules that runs commands or leaves the work tree (CVE-2018-11235, CVE-2018-17456, CVE-2020-5260).
  gitmodulesBlob: 'error',
  gitmodulesLarge: 'error',
  gitmodulesMissing: 'error',
  gitmodulesName: 'error',
  gitmodulesParse: 'error',
  gitmodulesPath: 'error',
  gitmodulesSymlink: 'error',
  gitmodulesUpdate: 'error',
  gitmodulesUrl: 'error',
  // A .gitattributes that overflows its reader (CVE-2022-23521, CVE-2022-41903).
  gitattributesBlob: 'error',
  gitattributesLarge: 'error',
  gitattributesLineLength: 'error',
  gitattributesMissing: 'error',
} as const;

/**
 * The settings that check what arrives.
 * @param way `receive` for pushes, `fetch` for imports
 */
export function fsckSettings(way: 'receive' | 'fetch'): readonly string[] {
  const severities = Object.entries({ ...letThrough, ...refusedAlways });
  return [
    `${way}.fsckObjects=true`,
    ...severities.map(([message, severity]) => `${way}.fsck.${message}=${severity}`),
  ];
}
